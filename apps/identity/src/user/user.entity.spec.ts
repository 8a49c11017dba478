import { describe, expect, it } from '@jest/globals';
import { recordedEvents } from '@sportello/persistence';
import { User } from './user.entity.js';

const now = new Date('2026-03-01T08:00:00Z');
const aMember = () =>
  User.create({
    workspaceId: '019a0000-0000-7000-8000-000000000001',
    id: '019a0000-0000-7000-8000-000000000002',
    name: 'Per',
    email: 'per@rossi.test',
    role: 'member',
    teamIds: ['everyone'],
    language: 'nb',
    now,
  });

describe('a user', () => {
  it('given a new member, then they may publish and reply, and the others are told', () => {
    const user = aMember();
    expect(user.actor(['tickets'], { scopes: null })).toMatchObject({
      flags: ['publish', 'reply'],
      teams: ['everyone'],
      scopes: null,
      epoch: 1,
    });
    expect(recordedEvents(user).map(({ seq, event }) => [seq, event.id])).toEqual([[1, 'identity.user.changed']]);
  });

  it('given a change of what tokens say, then they are outdated; given another name, then not', () => {
    const user = aMember();
    expect(user.change({ flags: ['reply'] })).toBe(true);
    expect(user.change({ teamIds: ['everyone', 'workshop'] })).toBe(true);
    expect(user.change({ name: 'Per Hansen' })).toBe(false);
  });

  it('given what is so already, in another order or twice, then nothing is recorded', () => {
    const user = aMember();
    expect(
      user.change({ flags: ['reply', 'publish', 'reply'], role: 'member', active: true, teamIds: undefined }),
    ).toBe(false);
    expect(recordedEvents(user)).toHaveLength(1);
  });
});
