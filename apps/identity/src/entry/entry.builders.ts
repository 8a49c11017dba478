import { grantActor, signUp, type SessionOpened } from '@sportello/contracts';
import { type Actor, type UserActor, type VisitorActor } from '@sportello/permissions';
import { ActorVerifier } from '@sportello/service';
import { systemClock } from '@sportello/kernel';
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
