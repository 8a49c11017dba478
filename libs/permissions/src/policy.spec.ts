import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  abilities,
  allows,
  can,
  customerSights,
  mayEver,
  noSight,
  permissionNames,
  policy,
  type projectRoles,
  userFlags,
  where,
  type AccessFacts,
  type CustomerActor,
  type Sight,
  type UserActor,
  never,
  type LinkActor,
} from './index.js';

const user: UserActor = {
  kind: 'user',
  id: 'u1',
  workspace: 'w',
  role: 'member',
  flags: [...userFlags],
  teams: ['t1'],
  apps: ['tickets'],
  scopes: null,
  epoch: 1,
};
const admin: UserActor = { ...user, role: 'administrator' };
const customer: CustomerActor = {
  kind: 'customer',
  id: 'c1',
  workspace: 'w',
  organization: 'o1',
  apps: ['tickets'],
  epoch: 1,
};
const facts: AccessFacts = {
  projectId: 'p1',
  requester: { kind: 'customer', id: 'c2' },
  requesterOrganizationId: 'o1',
  assignedUserIds: [],
  assignedTeamIds: [],
  followers: [],
  published: true,
};
const on = (role: (typeof projectRoles)[number]): Sight => ({ ...noSight, projects: new Map([['p1', role]]) });

describe('the policy', () => {
  it('denies what has no cell', () => {
    for (const permission of permissionNames) {
      const row = policy[permission] as Record<string, unknown>;
      expect(mayEver({ kind: 'visitor', workspace: null }, permission)).toBe(row.visitor !== undefined);
      expect(mayEver(customer, permission)).toBe(row.customer !== undefined);
      expect(mayEver(admin, permission)).toBe(row.administrator !== undefined);
    }
  });

  it('lets an administrator see every item and a member only those of their projects', () => {
    expect(allows(admin, 'item.view', noSight, facts)).toBe(true);
    expect(allows(user, 'item.view', noSight, facts)).toBe(false);
    expect(allows(user, 'item.view', on('restricted'), facts)).toBe(true);
    expect(allows(user, 'item.view', on('restricted'), { ...facts, projectId: 'p2' })).toBe(false);
  });

  it('lets standard change what is theirs or assigned to them or their team, a lead everything, restricted nothing', () => {
    expect(allows(user, 'item.edit', on('lead'), facts)).toBe(true);
    expect(allows(user, 'item.edit', on('standard'), facts)).toBe(false);
    expect(allows(user, 'item.edit', on('standard'), { ...facts, assignedUserIds: ['u1'] })).toBe(true);
    expect(allows(user, 'item.edit', on('standard'), { ...facts, assignedTeamIds: ['t1'] })).toBe(true);
    expect(allows(user, 'item.edit', on('standard'), { ...facts, requester: { kind: 'user', id: 'u1' } })).toBe(true);
    expect(allows(user, 'item.edit', on('restricted'), { ...facts, assignedUserIds: ['u1'] })).toBe(false);
  });

  it('asks a member for the flag where there is one, an administrator not', () => {
    const withoutFlags = { ...user, flags: [] };
    expect(allows(withoutFlags, 'message.reply', on('lead'), facts)).toBe(false);
    expect(allows(withoutFlags, 'message.note', on('lead'), facts)).toBe(true);
    expect(allows({ ...admin, flags: [] }, 'message.reply', noSight, facts)).toBe(true);
  });

  it('holds an API token to the scopes it was given', () => {
    const token = { ...admin, scopes: ['item.view'] };
    expect(abilities(token)).toEqual(['item.view']);
    expect(can(token, ['item.view', 'item.edit'], noSight, facts)).toEqual(['item.view']);
  });

  it('shows a customer what the workspace says: own, followed, organization, nothing; never what is not published', () => {
    const own = { ...facts, requester: { kind: 'customer' as const, id: 'c1' } };
    const followed = { ...facts, requesterOrganizationId: null, followers: [{ kind: 'customer' as const, id: 'c1' }] };
    const seen = customerSights.map((customerSight) => {
      const sight = { ...noSight, customerSight };
      return [own, followed, facts].map((each) => allows(customer, 'item.view', sight, each));
    });
    expect(seen).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
      [false, false, false],
    ]);
    for (const customerSight of customerSights) {
      expect(allows(customer, 'item.view', { ...noSight, customerSight }, { ...own, published: false })).toBe(false);
    }
  });

  it('never lets a customer do what is the team’s', () => {
    const anyFacts = fc.record({ projectId: fc.constantFrom('p1', 'p2'), published: fc.boolean() });
    fc.assert(
      fc.property(anyFacts, fc.constantFrom(...customerSights), (given, customerSight) => {
        const sight = { ...noSight, followedProjects: ['p1'], customerSight };
        for (const permission of [
          'item.edit',
          'item.delete',
          'message.note',
          'message.edit',
          'user.view',
          'mail.manage',
        ] as const) {
          expect(allows(customer, permission, sight, { ...facts, ...given })).toBe(false);
        }
      }),
    );
  });

  it('narrows to one array of projects where the roles reach equally far', () => {
    const sight: Sight = {
      ...noSight,
      projects: new Map([
        ['p1', 'lead'],
        ['p2', 'standard'],
      ]),
    };
    expect(where(user, 'item.view', sight)).toEqual({ fact: 'projectId', in: ['p1', 'p2'] });
  });
});

describe('whoever followed a link of a mail', () => {
  const actor: LinkActor = {
    ...{ kind: 'link', purpose: 'stop-mails', workspace: 'w', itemId: 'i' },
    person: { kind: 'user', id: 'anna' },
  };

  it('may do what the link is for, nothing else, and reaches no list and no record', () => {
    expect(permissionNames.filter((permission) => mayEver(actor, permission))).toEqual(['mail.stop']);
    for (const permission of permissionNames) expect(where(actor, permission, noSight)).toEqual(never);
  });

  it('and nobody else may do that', () => {
    const visitor = { kind: 'visitor', workspace: 'w' } as const;
    expect(mayEver(visitor, 'mail.stop')).toBe(false);
  });
});
