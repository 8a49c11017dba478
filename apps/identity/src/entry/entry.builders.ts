import { expect } from '@jest/globals';
import { acceptInvitation, grantActor, inviteUser, mintLink, signUp, type SessionOpened } from '@sportello/contracts';
import { systemClock, type ServiceName } from '@sportello/kernel';
import { type Actor, type UserActor, type VisitorActor, type WorkspaceRole } from '@sportello/permissions';
import { ActorVerifier } from '@sportello/service';
import { newId, testSecret, type Caller, type World } from '@sportello/testing';

/** Somebody who has not signed in, as the gateway forwards them. */
export const visitor: VisitorActor = { kind: 'visitor', workspace: null };

export const annasPassword = 'correct horse battery';

/** A workspace with its first administrator, Anna, signed in. */
export interface SignedUp {
  slug: string;
  email: string;
  session: SessionOpened;
  anna: UserActor;
  /** Calls as Anna. */
  asAnna: Caller;
}

/** Signs up a workspace of its own, as every test wants one. */
export async function aSignUp(world: World, given: { email?: string } = {}): Promise<SignedUp> {
  const slug = `w-${newId().slice(-12)}`;
  const email = given.email ?? `anna@${slug}.test`;
  const names = { workspaceName: 'Officina Rossi', name: 'Anna Rossi' };
  const settings = { language: 'en' as const, timeZone: 'Europe/Rome' };
  const session = await world.as(visitor).call(signUp, { ...names, slug, email, password: annasPassword, ...settings });
  const anna = await actorOf(world, session.sessionToken);
  return { slug, email, session, anna, asAnna: world.as(anna) };
}

/** The actor that a session or API token is exchanged for. */
export async function actorOf(world: World, credential: string): Promise<UserActor> {
  const { actorToken } = await world.as(visitor).call(grantActor, { credential });
  const actor: Actor = await new ActorVerifier(testSecret, systemClock).verify(actorToken);
  if (actor.kind !== 'user') throw new Error(`A ${actor.kind} has no credentials.`);
  return actor;
}

/** Calls as another service, for a workspace. */
export function asService(world: World, service: ServiceName, workspace: string | null): Caller {
  return world.as({ kind: 'service', service, workspace, onBehalfOf: null });
}

/** The token of the newest mail of a kind that is due in a workspace, as `notifications` would put it into the mail. */
export async function mailedToken(
  world: World,
  workspace: string,
  kind: 'invitation' | 'password-reset',
): Promise<string> {
  const type = kind === 'invitation' ? 'identity.invitation.sent' : 'identity.reset.requested';
  const [due] = await world.sql<{ id: string }>(
    `select aggregate_id as id from identity.outbox where workspace_id = $1 and event ->> 'type' = $2 order by outbox.id desc limit 1`,
    [workspace, type],
  );
  if (!due) throw new Error(`No ${kind} is due.`);
  const { path } = await asService(world, 'notifications', workspace).call(mintLink, { kind, id: due.id });
  return new URL(path, 'http://sportello.test').searchParams.get('token') as string;
}

/** One more user, who accepted an invitation. */
export async function aColleague(
  world: World,
  { asAnna, slug, anna }: SignedUp,
  given: { name?: string; role?: WorkspaceRole; teamIds?: string[] } = {},
): Promise<{ per: UserActor; session: SessionOpened; email: string; asPer: Caller }> {
  const { name = 'Per Hansen', ...offer } = given;
  const email = `${newId().slice(-12)}@${slug}.test`;
  await asAnna.call(inviteUser, { email, ...offer });
  const token = await mailedToken(world, anna.workspace, 'invitation');
  const session = await world.as(visitor).call(acceptInvitation, { token, name, password: annasPassword });
  const per = await actorOf(world, session.sessionToken);
  return { per, session, email, asPer: world.as(per) };
}

/** What a refusal is recognised by. */
export const refusal = (code: string) => ({ definition: expect.objectContaining({ code }) as unknown });
