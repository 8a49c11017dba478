import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  changePassword,
  changeUser,
  checkSlug,
  endSession,
  findMyWorkspaces,
  getMe,
  getWorkspace,
  grantActor,
  grantOnBehalf,
  listSessions,
  listTeams,
  mintLink,
  requestPasswordReset,
  resetPassword,
  signIn,
  signOut,
  signUp,
} from '@sportello/contracts';
import { systemClock } from '@sportello/kernel';
import { ActorVerifier } from '@sportello/service';
import { eventually, startWorld, testSecret, type World } from '@sportello/testing';
import { AppModule } from '../app.module.js';
import {
  aColleague,
  actorOf,
  annasPassword,
  aSignUp,
  asService,
  mailedToken,
  refusal,
  visitor,
} from './entry.builders.js';

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

describe('sign-in', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld([AppModule]);
  });
  afterAll(() => world.stop());

  const enter = (workspace: string, email: string, password: string, userAgent = 'Firefox') =>
    world.as(visitor).call(signIn, { workspace, email, password, userAgent });

  it('given a user, when they sign in in another spelling of their address, then a session opens; a wrong password, workspace or address opens none and all say the same', async () => {
    const { slug, email } = await aSignUp(world);
    const { sessionToken } = await enter(slug, email.toUpperCase(), annasPassword);
    expect(await actorOf(world, sessionToken)).toMatchObject({ kind: 'user', role: 'administrator' });
    const wrong = await Promise.allSettled([
      enter(slug, email, 'wrong password'),
      enter('no-such-workspace', email, annasPassword),
      enter(slug, 'nobody@rossi.test', annasPassword),
    ]);
    for (const attempt of wrong)
      expect(attempt).toMatchObject({ status: 'rejected', reason: refusal('wrong_credentials') });
  });

  it('given five wrong passwords, when the right one follows at once, then it has to wait, and an unknown address has to as well', async () => {
    const { slug, email } = await aSignUp(world);
    for (const address of [email, 'nobody@rossi.test']) {
      for (let attempt = 1; attempt <= 5; attempt += 1) {
        await expect(enter(slug, address, 'wrong password')).rejects.toMatchObject(refusal('wrong_credentials'));
      }
      await expect(enter(slug, address, annasPassword)).rejects.toMatchObject({
        ...refusal('locked'),
        extra: { current: { retryAfterSeconds: 2 } },
      });
    }
  });

  it('given many guesses at the same moment, then no more than five are looked at', async () => {
    const { slug, email } = await aSignUp(world);
    const guesses = await Promise.allSettled(Array.from({ length: 12 }, () => enter(slug, email, 'wrong password')));
    const codes = guesses.map(
      (guess) => guess.status === 'rejected' && (guess.reason as { definition: { code: string } }).definition.code,
    );
    expect(codes.filter((code) => code === 'wrong_credentials')).toHaveLength(5);
    expect(codes.filter((code) => code === 'locked')).toHaveLength(7);
  });

  it('given ten wrong passwords, then the account is locked for a quarter of an hour, until a reset by mail opens it and ends the other sessions', async () => {
    const { slug, email, anna, session } = await aSignUp(world);
    await world.sql(
      `insert into identity.failed_sign_in (workspace_id, email, failures, last_at) values ($1, $2, 9, now())`,
      [anna.workspace, email],
    );
    await expect(enter(slug, email, 'wrong password')).rejects.toMatchObject(refusal('wrong_credentials'));
    await expect(enter(slug, email, annasPassword)).rejects.toMatchObject({
      ...refusal('locked'),
      message: 'Too many wrong passwords. Wait 15 minutes, or reset the password.',
    });

    await world.as(visitor).call(requestPasswordReset, { workspace: slug, email });
    const token = await mailedToken(world, anna.workspace, 'password-reset');
    const password = 'a better password';
    const opened = await world.as(visitor).call(resetPassword, { token, password });
    expect(await actorOf(world, opened.sessionToken)).toMatchObject({ id: anna.id });
    await expect(world.as(visitor).call(grantActor, { credential: session.sessionToken })).rejects.toMatchObject(
      refusal('token_refused'),
    );
    expect(await enter(slug, email, password)).toMatchObject({ userId: anna.id });
    await expect(world.as(visitor).call(resetPassword, { token, password })).rejects.toMatchObject(
      refusal('link_void'),
    );
  });

  it('given a reset that is asked for twice, or for nobody, then one mail is due, or none, and the answer is the same', async () => {
    const { slug, email, anna } = await aSignUp(world);
    for (const address of [email, email, 'nobody@rossi.test'])
      expect(await world.as(visitor).call(requestPasswordReset, { workspace: slug, email: address })).toEqual({});
    expect(await world.as(visitor).call(requestPasswordReset, { workspace: 'no-such-workspace', email })).toEqual({});
    const due = await world.sql(
      `select from identity.outbox where workspace_id = $1 and event ->> 'type' = 'identity.reset.requested'`,
      [anna.workspace],
    );
    expect(due).toHaveLength(1);
  });

  it('given a reset link, when it is changed, of another kind or an hour old, then it is void', async () => {
    const { slug, email, anna } = await aSignUp(world);
    await world.as(visitor).call(requestPasswordReset, { workspace: slug, email });
    const token = await mailedToken(world, anna.workspace, 'password-reset');
    const reset = (with_: string) =>
      world.as(visitor).call(resetPassword, { token: with_, password: 'a better password' });
    await expect(reset(`${token.slice(0, -2)}AA`)).rejects.toMatchObject(refusal('link_void'));
    await world.sql('update identity.link_request set expires_at = now() where workspace_id = $1', [anna.workspace]);
    await expect(reset(token)).rejects.toMatchObject(refusal('link_void'));
    await expect(mailedToken(world, anna.workspace, 'password-reset')).rejects.toMatchObject(refusal('link_not_due'));
  });

  it('given two reset links, when a password is chosen by one, then the other is void', async () => {
    const { slug, email, anna } = await aSignUp(world);
    const ask = async () => {
      await world.as(visitor).call(requestPasswordReset, { workspace: slug, email });
      return mailedToken(world, anna.workspace, 'password-reset');
    };
    const first = await ask();
    await world.sql(
      `update identity.link_request set requested_at = requested_at - interval '2 minutes' where workspace_id = $1`,
      [anna.workspace],
    );
    const second = await ask();
    expect(second).not.toBe(first);
    const password = 'a better password';
    await world.as(visitor).call(resetPassword, { token: second, password });
    await expect(world.as(visitor).call(resetPassword, { token: first, password })).rejects.toMatchObject(
      refusal('link_void'),
    );
  });

  it('given somebody with two workspaces, when they ask which, then one mail is due that names both', async () => {
    const first = await aSignUp(world);
    const second = await aSignUp(world, { email: first.email });
    await world.as(visitor).call(findMyWorkspaces, { email: first.email });
    await world.as(visitor).call(findMyWorkspaces, { email: 'nobody@rossi.test' });
    const due = await world.sql<{ id: string; workspace: string }>(
      `select aggregate_id as id, workspace_id as workspace from identity.outbox where event ->> 'type' = 'identity.reminder.requested'`,
    );
    expect(due).toHaveLength(1);
    const { id, workspace } = due[0] as { id: string; workspace: string };
    const mail = await asService(world, 'notifications', workspace).call(mintLink, { kind: 'workspaces', id });
    expect(mail.to).toBe(first.email);
    expect(mail.workspaces?.map(({ slug }) => slug)).toEqual([first.slug, second.slug]);
  });

  it('given two sessions, when one ends the other, then that one gets no actor token and the tokens it had are refused', async () => {
    const { slug, email, asAnna, session } = await aSignUp(world);
    const { sessionToken } = await enter(slug, email, annasPassword, 'Chrome on a lost laptop');
    const lost = await actorOf(world, sessionToken);
    const { data } = await asAnna.call(listSessions, {});
    expect(data.map(({ userAgent, current }) => [userAgent, current])).toEqual([
      ['Chrome on a lost laptop', false],
      ['', true],
    ]);
    await asAnna.call(endSession, { id: data[0]?.id as string });
    await expect(world.as(visitor).call(grantActor, { credential: sessionToken })).rejects.toMatchObject(
      refusal('token_refused'),
    );
    await eventually(() => expect(world.as(lost).call(getMe, {})).rejects.toMatchObject(refusal('token_refused')));
    // The session that stays gets a token of the new epoch.
    expect(await world.as(await actorOf(world, session.sessionToken)).call(getMe, {})).toMatchObject({ email });
  });

  it('given a service that carries on a job for somebody, then it acts with their present rights, and not once they are deactivated', async () => {
    const anna = await aSignUp(world);
    const { per } = await aColleague(world, anna);
    const grantFor = async (id: string, service: 'tickets' | 'mail-ingest' = 'tickets') => {
      const onBehalfOf = { kind: 'user' as const, id };
      const asIt = world.as({ kind: 'service', service, workspace: per.workspace, onBehalfOf });
      const { actorToken } = await asIt.call(grantOnBehalf, {});
      return new ActorVerifier(testSecret, systemClock).verify(actorToken);
    };
    await anna.asAnna.call(changeUser, { id: per.id, flags: ['reply'] });
    expect(await grantFor(per.id)).toMatchObject({ kind: 'user', id: per.id, role: 'member', flags: ['reply'] });
    await anna.asAnna.call(changeUser, { id: per.id, active: false });
    await expect(grantFor(per.id)).rejects.toMatchObject(refusal('token_refused'));
    await expect(grantFor(anna.anna.id, 'mail-ingest')).rejects.toMatchObject(refusal('forbidden'));
    await expect(world.as(anna.anna).call(grantOnBehalf, {})).rejects.toMatchObject(refusal('forbidden'));
  });

  it('given a session, when it signs out or is a month old, then it is over', async () => {
    const { slug, email, session, anna } = await aSignUp(world);
    await world.as(visitor).call(signOut, { credential: session.sessionToken });
    await world.as(visitor).call(signOut, { credential: session.sessionToken });
    await expect(actorOf(world, session.sessionToken)).rejects.toMatchObject(refusal('token_refused'));
    const { sessionToken } = await enter(slug, email, annasPassword);
    await world.sql('update identity.session set expires_at = now() where workspace_id = $1', [anna.workspace]);
    await expect(actorOf(world, sessionToken)).rejects.toMatchObject(refusal('token_refused'));
  });

  it('given a session that is used, then it is good for another month; no secret of it is stored', async () => {
    const { session, anna } = await aSignUp(world);
    await world.sql(
      `update identity.session set last_seen_at = now() - interval '1 day', expires_at = now() + interval '1 hour' where workspace_id = $1`,
      [anna.workspace],
    );
    await actorOf(world, session.sessionToken);
    const [row] = await world.sql<{ renewed: boolean; row: string }>(
      `select expires_at > now() + interval '29 days' as renewed, s::text as row from identity.session s where workspace_id = $1`,
      [anna.workspace],
    );
    expect(row?.renewed).toBe(true);
    expect(row?.row).not.toContain(session.sessionToken);
  });

  it('given a user, when they change the password, then the present one is asked for and the other sessions end', async () => {
    const { slug, email, asAnna, session } = await aSignUp(world);
    const other = await enter(slug, email, annasPassword);
    const next = 'a better password';
    await expect(asAnna.call(changePassword, { current: 'wrong password', next })).rejects.toMatchObject(
      refusal('wrong_password'),
    );
    await asAnna.call(changePassword, { current: annasPassword, next });
    await expect(actorOf(world, other.sessionToken)).rejects.toMatchObject(refusal('token_refused'));
    expect(await actorOf(world, session.sessionToken)).toMatchObject({ kind: 'user' });
    expect(await enter(slug, email, next)).toMatchObject({ workspace: slug });
  });
});
