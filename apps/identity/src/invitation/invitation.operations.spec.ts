import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  acceptInvitation,
  createTeam,
  getMe,
  inviteUser,
  listInvitations,
  listUsers,
  mintLink,
  previewInvitation,
  withdrawInvitation,
} from '@sportello/contracts';
import { startWorld, type World } from '@sportello/testing';
import { AppModule } from '../app.module.js';
import {
  aColleague,
  annasPassword,
  aSignUp,
  asService,
  mailedToken,
  refusal,
  visitor,
} from '../entry/entry.builders.js';

describe('invitations', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld([AppModule]);
  });
  afterAll(() => world.stop());

  const accept = (token: string) =>
    world.as(visitor).call(acceptInvitation, { token, name: 'Per Hansen', password: annasPassword });

  it('given an invitation to a team, when its link is opened and accepted, then the person is in that team and in "Everyone", and the link is used up', async () => {
    const { asAnna, anna } = await aSignUp(world);
    const team = await asAnna.call(createTeam, { name: 'Workshop' });
    const invited = await asAnna.call(inviteUser, { email: 'Per@Hansen.test', teamIds: [team.id] });
    expect(invited).toMatchObject({
      email: 'per@hansen.test',
      role: 'member',
      teams: [{ id: team.id, name: 'Workshop' }],
    });
    const token = await mailedToken(world, anna.workspace, 'invitation');
    expect(await world.as(visitor).call(previewInvitation, { token })).toEqual({
      workspaceName: 'Officina Rossi',
      email: 'per@hansen.test',
      invitedBy: 'Anna Rossi',
    });
    await accept(token);
    const { data } = await asAnna.call(listUsers, {});
    expect(data.map(({ name, teams }) => [name, teams.map((each) => each.name)])).toEqual([
      ['Anna Rossi', ['Everyone']],
      ['Per Hansen', ['Everyone', 'Workshop']],
    ]);
    await expect(accept(token)).rejects.toMatchObject(refusal('link_void'));
    expect(await asAnna.call(listInvitations, {})).toEqual({ data: [] });
    await expect(asAnna.call(inviteUser, { email: 'per@hansen.test' })).rejects.toMatchObject(refusal('already_user'));
  });

  it('given an invitation that is sent again, then the earlier link is void; a mail that is repeated carries the same link', async () => {
    const { asAnna, anna } = await aSignUp(world);
    const { id } = await asAnna.call(inviteUser, { email: 'per@hansen.test' });
    const earlier = await mailedToken(world, anna.workspace, 'invitation');
    expect(await mailedToken(world, anna.workspace, 'invitation')).toBe(earlier);
    expect(await asAnna.call(inviteUser, { email: 'per@hansen.test', role: 'administrator' })).toMatchObject({
      id,
      role: 'administrator',
    });
    await expect(accept(earlier)).rejects.toMatchObject(refusal('link_void'));
    expect(await accept(await mailedToken(world, anna.workspace, 'invitation'))).toMatchObject({
      userId: expect.any(String) as unknown,
    });
  });

  it('given an invitation that was withdrawn, or is a week old, then its link is void and no mail is due', async () => {
    const { asAnna, anna } = await aSignUp(world);
    const { id } = await asAnna.call(inviteUser, { email: 'per@hansen.test' });
    const token = await mailedToken(world, anna.workspace, 'invitation');
    await world.sql('update identity.invitation set expires_at = now() where id = $1', [id]);
    await expect(accept(token)).rejects.toMatchObject(refusal('link_void'));
    await asAnna.call(withdrawInvitation, { id });
    await expect(accept(token)).rejects.toMatchObject(refusal('link_void'));
    const mint = asService(world, 'notifications', anna.workspace).call(mintLink, { kind: 'invitation', id });
    await expect(mint).rejects.toMatchObject(refusal('link_not_due'));
  });

  it('given a member, then they may not invite, and nobody but notifications gets a link', async () => {
    const { asAnna, ...workspace } = await aSignUp(world);
    const { asPer } = await aColleague(world, { asAnna, ...workspace });
    await expect(asPer.call(inviteUser, { email: 'third@hansen.test' })).rejects.toMatchObject(refusal('forbidden'));
    expect((await asPer.call(getMe, {})).can).not.toContain('user.manage');
    const { id } = await asAnna.call(inviteUser, { email: 'third@hansen.test' });
    await expect(asAnna.call(mintLink, { kind: 'invitation', id })).rejects.toMatchObject(refusal('forbidden'));
  });
});
