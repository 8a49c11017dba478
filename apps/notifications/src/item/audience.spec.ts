import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { insideAudience, newlyAssigned, outsideAudience, type KnownCustomer } from './audience.js';

const lucia: KnownCustomer = { id: 'lucia', name: 'Lucia', email: 'lucia@bianchi.test', active: true };
const bruno: KnownCustomer = { id: 'bruno', name: 'Bruno', email: 'bruno@bianchi.test', active: true };
const anna = { kind: 'user' as const, id: 'anna' };
const own = ['in@sportello.test', 'help@rossi.test'];
const facts = {
  requester: { kind: 'customer' as const, id: 'lucia' },
  followers: [
    { kind: 'customer' as const, id: 'bruno' },
    { kind: 'user' as const, id: 'per' },
  ],
  published: true,
};
const to = (...addresses: string[]) => addresses.map((address) => ({ name: '', address }));
const written = {
  thread: 'customer' as const,
  author: anna,
  via: 'web' as const,
  newHere: false,
  to: to('lucia@bianchi.test'),
  cc: to(),
};
const audience = (message: Partial<typeof written> | object = {}, given = facts) =>
  outsideAudience({ ...written, ...message }, given, [lucia, bruno], own).map(
    ({ address, role }) => `${address} ${role}`,
  );

describe('who outside the team gets a message', () => {
  it('given a reply, when the composer names somebody, then they see each other, and other followers get a mail of their own', () => {
    expect(audience({ cc: to('Carla@Else.test') })).toEqual([
      'lucia@bianchi.test listed',
      'carla@else.test listed',
      'bruno@bianchi.test alone',
    ]);
  });

  it('given a follower who is named in Cc, when a user replies, then they get it once', () => {
    expect(audience({ cc: to('BRUNO@bianchi.test') })).toEqual([
      'lucia@bianchi.test listed',
      'bruno@bianchi.test listed',
    ]);
  });

  it('given a requester whom the composer left out, when a user replies, then they do not get it', () => {
    expect(audience({ to: to('supplier@else.test') }, { ...facts, followers: [] })).toEqual([
      'supplier@else.test listed',
    ]);
  });

  it('given an address of ours, with or without a token, when it is named, then it is not written to', () => {
    expect(
      audience({ to: to('help@rossi.test', `IN+r.${'a'.repeat(26)}@sportello.test`) }, { ...facts, followers: [] }),
    ).toEqual([]);
  });

  it('given a message of a customer, when others follow, then they get it, but whoever wrote it or had their mail does not', () => {
    const byLucia = { author: { kind: 'customer', id: 'lucia' }, to: to(), cc: to() };
    expect(audience({ ...byLucia, via: 'web' })).toEqual(['bruno@bianchi.test alone']);
    expect(audience({ ...byLucia, via: 'mail', to: to('in@sportello.test'), cc: to('bruno@bianchi.test') })).toEqual(
      [],
    );
  });

  it('given a sender who is new here, when they write, then nobody outside gets a copy', () => {
    expect(audience({ author: { kind: 'customer', id: 'mallory' }, via: 'mail', newHere: true })).toEqual([]);
  });

  it('given an item that is not published, when a user replies, then followers outside get nothing', () => {
    expect(audience({}, { ...facts, published: false })).toEqual(['lucia@bianchi.test listed']);
  });

  it('given an internal note, whatever else it says, then nobody outside gets it', () => {
    const mailboxes = fc.array(fc.record({ name: fc.string(), address: fc.emailAddress() }));
    const author = fc.record({
      kind: fc.constantFrom('user' as const, 'customer' as const),
      id: fc.constantFrom('anna', 'lucia', 'bruno'),
    });
    const via = fc.constantFrom('mail' as const, 'web' as const, 'api' as const);
    const message = fc.record({
      thread: fc.constant('internal' as const),
      author,
      via,
      newHere: fc.boolean(),
      to: mailboxes,
      cc: mailboxes,
    });
    fc.assert(fc.property(message, (note) => outsideAudience(note, facts, [lucia, bruno], own).length === 0));
  });
});

describe('who in the team hears of a message', () => {
  it('given somebody who is mentioned and assigned, when a message comes, then they hear once, and the writer not at all', () => {
    const message = { author: anna, mentions: ['per', 'anna'] };
    const { followers } = facts;
    expect([...insideAudience(message, { assignedUserIds: ['kari', 'per', 'anna'], followers })]).toEqual([
      ['per', 'mentioned'],
      ['kari', 'followed'],
    ]);
  });

  it('given assignees, when some are added, then only those are new', () => {
    const before = { assignedUserIds: ['anna'], assignedTeamIds: ['second'] };
    const now = { assignedUserIds: ['anna', 'per'], assignedTeamIds: ['second', 'third'] };
    expect(newlyAssigned({ ...access, ...before }, { ...access, ...now })).toEqual({
      users: ['per'],
      teams: ['third'],
    });
    expect(newlyAssigned(null, { ...access, ...now })).toEqual({ users: ['anna', 'per'], teams: ['second', 'third'] });
  });
});

const access = {
  ...{ projectId: 'support', requester: null, requesterOrganizationId: null, followers: [], published: true },
  ...{ assignedUserIds: [], assignedTeamIds: [] },
};
