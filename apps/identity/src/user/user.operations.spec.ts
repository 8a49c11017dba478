import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  changeMe,
  changeTeam,
  changeUser,
  createTeam,
  getMe,
  getUser,
  listTeams,
  listUsers,
  removeTeam,
} from '@sportello/contracts';
import { eventually, newId, startWorld, type World } from '@sportello/testing';
import { AppModule } from '../app.module.js';
import { actorOf, aColleague, aSignUp, refusal } from '../entry/entry.builders.js';

describe('users and teams', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld([AppModule]);
    await world.start(AppModule);
  });
  afterAll(() => world.stop());

  /**
   * Both replicas take part in answering: every one of so many calls has to be refused. The token itself is good for a minute, twice as long as
   * this waits: it is the word of the deactivation that counts.
   */
  const refusedEverywhere = (call: () => Promise<unknown>) =>
    eventually(async () => {
      const answers = await Promise.allSettled(Array.from({ length: 12 }, call));
      for (const answer of answers)
        expect(answer).toMatchObject({ status: 'rejected', reason: refusal('token_refused') });
    });

  it('given a user who is signed in, when they are deactivated, then every replica refuses their token long before it expires, and their session is over', async () => {
    const workspace = await aSignUp(world);
    const { per, session, asPer } = await aColleague(world, workspace);
    expect(await asPer.call(getMe, {})).toMatchObject({ name: 'Per Hansen' });
    expect(await workspace.asAnna.call(changeUser, { id: per.id, active: false })).toMatchObject({ active: false });
    await refusedEverywhere(() => asPer.call(getMe, {}));
    await expect(actorOf(world, session.sessionToken)).rejects.toMatchObject(refusal('token_refused'));
  });

  it('given a member, when they become administrator, then the old token is outdated and the new one has every flag and app', async () => {
    const workspace = await aSignUp(world);
    const { per, session, asPer } = await aColleague(world, workspace);
    await workspace.asAnna.call(changeUser, { id: per.id, role: 'administrator', flags: [], apps: [] });
    await refusedEverywhere(() => asPer.call(getMe, {}));
    expect(await actorOf(world, session.sessionToken)).toMatchObject({
      role: 'administrator',
      flags: ['publish', 'reply', 'edit-messages', 'manage-macros'],
      apps: ['tickets'],
      epoch: per.epoch + 1,
    });
  });

  it('given a member who may not use an app, then their token lacks it, whatever the workspace has switched on', async () => {
    const workspace = await aSignUp(world);
    const { per, session } = await aColleague(world, workspace);
    expect((await actorOf(world, session.sessionToken)).apps).toEqual(['tickets']);
    expect(await workspace.asAnna.call(changeUser, { id: per.id, apps: [] })).toMatchObject({ apps: [] });
    expect((await actorOf(world, session.sessionToken)).apps).toEqual([]);
    await workspace.asAnna.call(changeUser, { id: per.id, apps: ['tickets'] });
    expect((await actorOf(world, session.sessionToken)).apps).toEqual(['tickets']);
  });

  it('given one administrator, then nobody can demote or deactivate them, and two who demote each other at once leave one', async () => {
    const workspace = await aSignUp(world);
    const { anna, asAnna } = workspace;
    for (const change of [{ role: 'member' as const }, { active: false }])
      await expect(asAnna.call(changeUser, { id: anna.id, ...change })).rejects.toMatchObject(
        refusal('last_administrator'),
      );
    const { per, asPer } = await aColleague(world, workspace, { role: 'administrator' });
    const both = await Promise.allSettled([
      asAnna.call(changeUser, { id: per.id, role: 'member' }),
      asPer.call(changeUser, { id: anna.id, role: 'member' }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const left = await world.sql(`select from identity.account where workspace_id = $1 and role = 'administrator'`, [
      anna.workspace,
    ]);
    expect(left).toHaveLength(1);
  });

  it('given a change, then the event carries the user after it, numbered without gaps; If-Match of an older version is refused', async () => {
    const { anna, asAnna } = await aSignUp(world);
    await asAnna.call(changeMe, { name: 'Anna Bianchi', language: 'it' });
    await asAnna.call(changeMe, { name: 'Anna Bianchi' });
    const events = await world.sql<{ seq: number; after: object; changed: string[] }>(
      `select seq, event -> 'data' -> 'after' as after, event -> 'data' -> 'changed' as changed
       from identity.outbox where aggregate_id = $1 order by seq`,
      [anna.id],
    );
    expect(events.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(events[1]).toMatchObject({ after: { name: 'Anna Bianchi', language: 'it' }, changed: ['name', 'language'] });
    const outdated = asAnna.call(changeUser, { id: anna.id, name: 'Anna' }, { ifMatch: '"1"' });
    await expect(outdated).rejects.toMatchObject(refusal('version_conflict'));
  });

  it('given users, then they are listed by name in pages, by part of name or address, active or not', async () => {
    const workspace = await aSignUp(world);
    const { asAnna } = workspace;
    const { email } = await aColleague(world, workspace, { name: 'per Hansen' });
    const first = await asAnna.call(listUsers, { limit: 1 });
    expect(first.data.map(({ name }) => name)).toEqual(['Anna Rossi']);
    const second = await asAnna.call(listUsers, { limit: 1, cursor: first.nextCursor as string });
    expect([second.data.map(({ name }) => name), second.nextCursor]).toEqual([['per Hansen'], null]);
    for (const text of ['HANS', email.slice(0, 8)])
      expect((await asAnna.call(listUsers, { text })).data.map(({ name }) => name)).toEqual(['per Hansen']);
    expect((await asAnna.call(listUsers, { text: '%' })).data).toEqual([]);
    expect((await asAnna.call(listUsers, { active: false })).data).toEqual([]);
    await expect(asAnna.call(listUsers, { cursor: 'nonsense' })).rejects.toMatchObject(refusal('invalid_input'));
  });

  it('given a team, when members join, leave or it is removed, then their tokens and facts follow; "Everyone" is fixed', async () => {
    const workspace = await aSignUp(world);
    const { asAnna, anna } = workspace;
    const { per, session } = await aColleague(world, workspace);
    const team = await asAnna.call(createTeam, { name: 'Workshop', memberIds: [per.id] });
    expect(team.members).toEqual([{ id: per.id, name: 'Per Hansen' }]);
    expect((await actorOf(world, session.sessionToken)).teams).toContain(team.id);
    await expect(asAnna.call(createTeam, { name: 'WORKSHOP' })).rejects.toMatchObject(refusal('name_taken'));
    await expect(asAnna.call(changeTeam, { id: team.id, memberIds: [newId()] })).rejects.toMatchObject(
      refusal('not_found'),
    );
    expect(await asAnna.call(changeTeam, { id: team.id, name: 'Officina', memberIds: [] })).toMatchObject({
      name: 'Officina',
      members: [],
    });
    await asAnna.call(changeUser, { id: per.id, teamIds: [team.id] });
    await asAnna.call(removeTeam, { id: team.id });
    expect((await asAnna.call(getUser, { id: per.id })).teams.map(({ name }) => name)).toEqual(['Everyone']);
    expect((await actorOf(world, session.sessionToken)).teams).toHaveLength(1);

    const { data: teams } = await world.as(anna).call(listTeams, {});
    const everyone = teams[0]?.id as string;
    expect(teams.map(({ name }) => name)).toEqual(['Everyone']);
    for (const attempt of [
      asAnna.call(removeTeam, { id: everyone }),
      asAnna.call(changeTeam, { id: everyone, memberIds: [] }),
    ])
      await expect(attempt).rejects.toMatchObject(refusal('everyone_is_fixed'));
    expect(await asAnna.call(changeTeam, { id: everyone, name: 'Tutti' })).toMatchObject({ name: 'Tutti' });
  });
});
