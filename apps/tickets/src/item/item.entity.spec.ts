import { describe, expect, it } from '@jest/globals';
import { recordedEvents, takeRecorded } from '@sportello/persistence';
import fc from 'fast-check';
import { Item, type ItemChange, type ItemParts } from './item.entity.js';

const now = new Date('2026-03-01T10:00:00Z');
const later = new Date('2026-03-02T10:00:00Z');
const fresh = { id: 's-new', state: 'not-started' as const };
const open = { id: 's-open', state: 'in-progress' as const };
const solved = { id: 's-solved', state: 'finished' as const };

const anItem = (given: Partial<ItemParts> = {}): Item =>
  Item.create({
    workspaceId: 'w',
    id: 'i',
    number: 1001,
    typeId: 't',
    app: 'tickets',
    title: 'Printer is on fire',
    status: fresh,
    priority: 2,
    projectId: 'p',
    requester: { kind: 'customer', id: 'c' },
    organizationId: 'o',
    assignees: [],
    tags: [],
    published: true,
    now,
    ...given,
  });

/** An item whose first event has gone out. */
const aKnownItem = (given: Partial<ItemParts> = {}): Item => {
  const item = anItem(given);
  takeRecorded(item);
  return item;
};
const eventsOf = (item: Item) =>
  recordedEvents(item).map(({ event, seq, changed, payload }) => ({
    type: event.id,
    seq,
    changed,
    announce: (payload as { announce?: string | null }).announce,
  }));

describe('an item', () => {
  it('when it is created, then one event tells it', () => {
    const item = anItem();
    expect(eventsOf(item)).toEqual([{ type: 'tickets.item.created', seq: 1, changed: [], announce: null }]);
    expect(item).toMatchObject({ seq: 1, requesterCustomerId: 'c', requesterUserId: null, finishedAt: null });
  });

  it('when several fields change, then one event names all of them and each is told with before and after', () => {
    const item = aKnownItem();
    const changed = item.change({ title: 'Printer is out', priority: 5, published: true }, later);
    expect(changed).toEqual([
      { what: 'title', before: { title: 'Printer is on fire' }, after: { title: 'Printer is out' } },
      { what: 'priority', before: { priority: 2 }, after: { priority: 5 } },
    ]);
    expect(eventsOf(item)).toMatchObject([{ type: 'tickets.item.changed', seq: 2, changed: ['title', 'priority'] }]);
    expect(item.updatedAt).toEqual(later);
  });

  it('when nothing differs, then there is no event and no new version', () => {
    const item = aKnownItem();
    expect(item.change({ title: 'Printer is on fire', status: fresh, tags: [] }, later)).toEqual([]);
    expect(eventsOf(item)).toEqual([]);
    expect(item).toMatchObject({ seq: 1, updatedAt: now });
  });

  it('when its status gets another state, then that is a change although the status is the same', () => {
    const item = aKnownItem();
    expect(item.change({ status: { ...fresh, state: 'in-progress' } }, later)).toHaveLength(1);
    expect(item.state).toBe('in-progress');
  });

  it.each([
    ['to another open status', fresh, open, 'status-changed'],
    ['to a finished one', open, solved, 'finished'],
    ['from finished to open', solved, open, 'reopened'],
  ])('when it moves %s, then its requester may hear of it', (_how, from, to, announce) => {
    const item = aKnownItem({ status: from });
    item.change({ status: to }, later);
    expect(eventsOf(item)).toMatchObject([{ announce }]);
  });

  it('when a reply tells the new status, or no status changed, then nothing is announced', () => {
    const item = aKnownItem();
    item.change({ status: solved }, later, false);
    item.change({ priority: 1 }, later);
    expect(eventsOf(item).map(({ announce }) => announce)).toEqual([null, null]);
  });

  it('keeps when it was finished until it opens again', () => {
    const item = aKnownItem();
    item.change({ status: solved }, now);
    item.change({ status: { id: 's-closed', state: 'finished' } }, later);
    expect(item.finishedAt).toEqual(now);
    item.change({ status: open }, later);
    expect(item.finishedAt).toBeNull();
    expect(anItem({ status: solved }).finishedAt).toEqual(now);
  });

  it('tidies tags: trimmed, once each whatever the case, as first written', () => {
    expect(anItem({ tags: [' Printer ', 'printer', 'floor   2', '', 'Ærlig'] }).tags).toEqual([
      'Printer',
      'floor 2',
      'Ærlig',
    ]);
  });

  it('names somebody who was named twice once', () => {
    const item = anItem({ assignees: [1, 2].map(() => ({ kind: 'user', id: 'u' })) });
    expect(item.assignees).toEqual([{ kind: 'user', id: 'u' }]);
  });

  it('tells what access depends on', () => {
    const item = aKnownItem({ assignees: [{ kind: 'team', id: 't1' }], published: false });
    item.change({ followers: [{ kind: 'customer', id: 'c2' }, { kind: 'user', id: 'u2' }] }, later); // prettier-ignore
    expect(item.accessFacts()).toEqual({
      projectId: 'p',
      requester: { kind: 'customer', id: 'c' },
      requesterOrganizationId: 'o',
      assignedUserIds: [],
      assignedTeamIds: ['t1'],
      followers: [
        { kind: 'user', id: 'u2' },
        { kind: 'customer', id: 'c2' },
      ],
      published: false,
    });
  });

  it('when its requester changes, then their organization comes along', () => {
    const item = aKnownItem();
    item.change({ requester: { person: { kind: 'user', id: 'u' }, organizationId: null } }, later);
    expect(item).toMatchObject({ requesterUserId: 'u', requesterCustomerId: null, requesterOrganizationId: null });
  });

  it('when it is deleted and restored, then each is one event and it says so', () => {
    const item = aKnownItem();
    item.delete(later);
    expect(item.deletedAt).toEqual(later);
    item.restore(later);
    expect(item.deletedAt).toBeNull();
    expect(eventsOf(item)).toMatchObject([
      { type: 'tickets.item.deleted', seq: 2 },
      { type: 'tickets.item.changed', seq: 3, changed: ['deleted'] },
    ]);
  });

  it('rises by one version with each event, whatever is done to it', () => {
    const change: fc.Arbitrary<ItemChange> = fc.record(
      {
        title: fc.constantFrom('a', 'b'),
        status: fc.constantFrom(fresh, open, solved),
        priority: fc.integer({ min: 0, max: 5 }),
        tags: fc.array(fc.constantFrom('x', 'y')),
        dueAt: fc.constantFrom(null, later),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        const item = anItem();
        for (const each of changes) {
          const before = item.seq;
          const told = item.change(each, later).length > 0;
          expect(item.seq).toBe(before + (told ? 1 : 0));
        }
        const numbers = recordedEvents(item).map(({ seq }) => seq);
        expect(numbers).toEqual(numbers.map((_, index) => index + 1));
        expect(item.finishedAt !== null).toBe(item.state === 'finished');
      }),
    );
  });
});
