import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changeUser, createToken, getMe, listTokens, listUsers, revokeToken } from '@sportello/contracts';
import { eventually, startWorld, type World } from '@sportello/testing';
import { AppModule } from '../app.module.js';
import { actorOf, aColleague, aSignUp, refusal } from '../entry/entry.builders.js';

describe('API tokens', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld([AppModule]);
  });
  afterAll(() => world.stop());

  it('given a token, then it acts as its user, is shown once, and only its hash is stored', async () => {
    const { asAnna, anna } = await aSignUp(world);
    const { id, token, scopes } = await asAnna.call(createToken, { name: 'Backup' });
    expect([token.slice(0, 4), scopes]).toEqual(['spt_', null]);
    expect(await actorOf(world, token)).toMatchObject({ id: anna.id, role: 'administrator', scopes: null });
    const { data } = await asAnna.call(listTokens, {});
    expect(data).toEqual([expect.objectContaining({ id, name: 'Backup', lastUsedAt: expect.any(String) as unknown })]);
    const [row] = await world.sql<{ row: string }>('select t::text as row from identity.api_token t where id = $1', [
      id,
    ]);
    expect(row?.row).not.toContain(token.slice(4));
  });

  it('given scopes, then the token does what they name and nothing else, and makes no wider token', async () => {
    const { asAnna } = await aSignUp(world);
    const { token } = await asAnna.call(createToken, { name: 'Import', scopes: ['user.view', 'token.manage'] });
    const program = world.as(await actorOf(world, token));
    expect((await program.call(listUsers, {})).data).toHaveLength(1);
    await expect(program.call(getMe, {})).rejects.toMatchObject(refusal('forbidden'));
    for (const scopes of [null, ['user.view', 'user.manage'] as const])
      await expect(program.call(createToken, { name: 'More', scopes: scopes && [...scopes] })).rejects.toMatchObject(
        refusal('forbidden'),
      );
    expect(await program.call(createToken, { name: 'Less', scopes: ['user.view'] })).toMatchObject({
      scopes: ['user.view'],
    });
  });

  it('given a token in use, then its last use is written at most once a minute', async () => {
    const { asAnna, anna } = await aSignUp(world);
    const { token } = await asAnna.call(createToken, { name: 'Poller' });
    const lastUse = async () =>
      (
        await world.sql<{ at: Date }>('select last_used_at as at from identity.api_token where workspace_id = $1', [
          anna.workspace,
        ])
      )[0]?.at;
    await actorOf(world, token);
    const first = await lastUse();
    await actorOf(world, token);
    expect(await lastUse()).toEqual(first);
    await world.sql(
      `update identity.api_token set last_used_at = now() - interval '61 seconds' where workspace_id = $1`,
      [anna.workspace],
    );
    await actorOf(world, token);
    expect(Number(await lastUse())).toBeGreaterThanOrEqual(Number(first));
  });

  it('given a token that is revoked, then it and what was given out for it are refused', async () => {
    const { asAnna } = await aSignUp(world);
    const { id, token } = await asAnna.call(createToken, { name: 'Old' });
    const program = world.as(await actorOf(world, token));
    await asAnna.call(revokeToken, { id });
    await expect(actorOf(world, token)).rejects.toMatchObject(refusal('token_refused'));
    await eventually(() => expect(program.call(getMe, {})).rejects.toMatchObject(refusal('token_refused')));
  });

  it('given the token of a colleague, then nobody else revokes it, and it ends when they are deactivated', async () => {
    const workspace = await aSignUp(world);
    const { asAnna } = workspace;
    const { asPer, per } = await aColleague(world, workspace);
    const { id, token } = await asPer.call(createToken, { name: 'Of Per' });
    await expect(asAnna.call(revokeToken, { id })).rejects.toMatchObject(refusal('not_found'));
    await asAnna.call(changeUser, { id: per.id, active: false });
    await expect(actorOf(world, token)).rejects.toMatchObject(refusal('token_refused'));
  });
});
