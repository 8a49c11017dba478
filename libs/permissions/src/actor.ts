import { type App, type ServiceName } from '@sportello/kernel';

/** A person of the team or a person served. */
export interface PersonRef {
  kind: 'user' | 'customer';
  id: string;
}

/** What a member may do beyond their projects' roles. An administrator has all four. */
export const userFlags = ['publish', 'reply', 'edit-messages', 'manage-macros'] as const;
export type UserFlag = (typeof userFlags)[number];

export const workspaceRoles = ['administrator', 'member'] as const;
export type WorkspaceRole = (typeof workspaceRoles)[number];

/** In falling order of what they may: a person with several on one project has the first. */
export const projectRoles = ['manager', 'lead', 'standard', 'restricted'] as const;
export type ProjectRole = (typeof projectRoles)[number];

export interface UserActor {
  kind: 'user';
  id: string;
  workspace: string;
  role: WorkspaceRole;
  flags: readonly UserFlag[];
  teams: readonly string[];
  apps: readonly App[];
  /** Of an API token: the permissions it was given, or null for all of its user's. */
  scopes: readonly string[] | null;
  /** The session that asks: which one is "this one" in the list of sessions. Absent for an API token. */
  session?: string;
  epoch: number;
}

export interface CustomerActor {
  kind: 'customer';
  id: string;
  workspace: string;
  organization: string | null;
  apps: readonly App[];
  epoch: number;
}

/** Somebody who has not signed in. */
export interface VisitorActor {
  kind: 'visitor';
  /** Null before a workspace is known: sign-in, sign-up. */
  workspace: string | null;
}

/** What a link of a mail may be for: one thing each. */
export const linkPurposes = ['stop-mails'] as const;
export type LinkPurpose = (typeof linkPurposes)[number];

/** Whoever followed a link of a mail: no session, one purpose, one person and one item. */
export interface LinkActor {
  kind: 'link';
  workspace: string;
  purpose: LinkPurpose;
  person: PersonRef;
  itemId: string;
}

/** Another service, for one workspace, only on operations that list it in `callers`. */
export interface ServiceActor {
  kind: 'service';
  service: ServiceName;
  workspace: string | null;
  onBehalfOf: PersonRef | null;
}

/** Who asks. Never built from what a client sends: identity signs it, every service verifies. */
export type Actor = UserActor | CustomerActor | VisitorActor | LinkActor | ServiceActor;

/** Whether what belongs to an app may be changed: it is switched on, and theirs to use. Services record facts whatever is switched off. */
export function mayUseApp(actor: Actor, app: App): boolean {
  return actor.kind === 'user' || actor.kind === 'customer' ? actor.apps.includes(app) : true;
}

/** The person behind an actor, where there is one. */
export function personOf(actor: Actor): PersonRef | null {
  if (actor.kind === 'user' || actor.kind === 'customer') return { kind: actor.kind, id: actor.id };
  if (actor.kind === 'link') return actor.person;
  return actor.kind === 'service' ? actor.onBehalfOf : null;
}
