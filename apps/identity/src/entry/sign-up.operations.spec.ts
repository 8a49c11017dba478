import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkSlug, getMe, getWorkspace, listTeams, signUp } from '@sportello/contracts';
import { startWorld, type World } from '@sportello/testing';
import { AppModule } from '../app.module.js';
import { annasPassword, aSignUp, visitor } from './entry.builders.js';

describe('sign-up', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld([AppModule]);
  });
  afterAll(() => world.stop());

  it('given a visitor, when they sign up, then they administrate a workspace with the team "Everyone" and an unguessable address', async () => {
    const { slug, email, asAnna } = await aSignUp(world);
    const me = await asAnna.call(getMe, {});
    expect(me).toMatchObject({ kind: 'user', name: 'Anna Rossi', email, role: 'administrator' });
    expect(me.can).toEqual(expect.arrayContaining(['user.manage', 'workspace.manage', 'item.publish']));
    expect(me.workspace).toMatchObject({ slug, name: 'Officina Rossi', timeZone: 'Europe/Rome', language: 'en' });
    expect(me.workspace.inboundAddress).toMatch(new RegExp(`^${slug}-[a-z2-7]{20}@sportello\\.test$`));
    const { data: teams } = await asAnna.call(listTeams, {});
    expect(teams).toEqual([
      expect.objectContaining({ name: 'Everyone', everyone: true, members: [{ id: me.id, name: 'Anna Rossi' }] }),
    ]);
    expect(await asAnna.call(getWorkspace, {})).toMatchObject({
      everyoneTeamId: teams[0]?.id,
      customerSight: 'own',
      dkimDomain: null,
    });
    const events = await world.sql<{ type: string; seq: number }>(
      `select event ->> 'type' as type, seq from identity.outbox where workspace_id = $1 order by type`,
      [me.workspace.id],
    );
    expect(events).toEqual([
      { type: 'identity.team.changed', seq: 1 },
      { type: 'identity.user.changed', seq: 1 },
      { type: 'identity.workspace.created', seq: 1 },
    ]);
  });

  it('given a taken or reserved address, when somebody else wants it, then it is refused, also at the same moment', async () => {
    const { slug } = await aSignUp(world);
    const form = { workspaceName: 'Altri', slug, name: 'Bruno', email: 'bruno@altri.test', password: annasPassword };
    await expect(world.as(visitor).call(signUp, form)).rejects.toMatchObject({ definition: { code: 'slug_taken' } });
    expect(await world.as(visitor).call(checkSlug, { slug })).toEqual({ free: false });
    expect(await world.as(visitor).call(checkSlug, { slug: 'api' })).toEqual({ free: false });
    const wanted = { ...form, slug: `${slug}-2` };
    const both = await Promise.allSettled([1, 2].map(() => world.as(visitor).call(signUp, wanted)));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('given a time zone that nobody knows, when somebody signs up with it, then nothing is made', async () => {
    const form = { workspaceName: 'Altri', slug: 'no-zone', name: 'B', email: 'b@altri.test', password: annasPassword };
    const attempt = world.as(visitor).call(signUp, { ...form, timeZone: 'Europe/Atlantis' });
    await expect(attempt).rejects.toMatchObject({ definition: { code: 'unknown_time_zone' } });
    expect(await world.as(visitor).call(checkSlug, { slug: 'no-zone' })).toEqual({ free: true });
  });
});
