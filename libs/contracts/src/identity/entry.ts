import {
  Choice,
  defineError,
  EmailAddress,
  Flag,
  Id,
  Instant,
  Integer,
  Nested,
  Nothing,
  Text,
  tokenRefused,
} from '@sportello/kernel';
import { defineOperation } from '../define.js';
import { languages, type Language } from '../shared.js';
import { reminderRequested, resetRequested } from './link.js';
import { teamChanged } from './team.js';
import { userChanged } from './user.js';
import { slugTaken, unknownTimeZone, workspaceCreated } from './workspace.js';

/*
 * How somebody comes in. These operations have no route of their own: the gateway's sign-in controller calls them, because it also
 * sets the session cookie.
 */

const passwordRules = { min: 10, max: 200, description: 'At least 10 characters' };

export class SignUp {
  @Text({ min: 1, max: 200 }) workspaceName!: string;
  @Text({ min: 3, max: 40, pattern: /^[a-z0-9][a-z0-9-]*[a-z0-9]$/ }) slug!: string;
  @Text({ min: 1, max: 200 }) name!: string;
  @EmailAddress() email!: string;
  @Text(passwordRules) password!: string;
  @Choice(languages, { optional: true }) language?: Language;
  @Text({ max: 60, optional: true }) timeZone?: string;
  /** Shown in the list of sessions. */
  @Text({ max: 300, optional: true }) userAgent?: string;
}

export class SignIn {
  @Text({ min: 3, max: 40 }) workspace!: string;
  @EmailAddress() email!: string;
  @Text({ min: 1, max: 200 }) password!: string;
  /** Shown in the list of sessions. */
  @Text({ max: 300, optional: true }) userAgent?: string;
}

/** What the gateway turns into a cookie. */
export class SessionOpened {
  @Text({ max: 100 }) sessionToken!: string;
  @Instant() expiresAt!: Date;
  @Text({ max: 40 }) workspace!: string;
  @Id() userId!: string;
}

/** The same for the browser: the token itself stays in an HttpOnly cookie. */
export class SignedIn {
  @Text({ max: 40 }) workspace!: string;
  @Id() userId!: string;
}

export class Credential {
  /** A session token or an API token. */
  @Text({ min: 20, max: 200 }) credential!: string;
}

/** A signed token that says who asks, good for a minute. */
export class ActorGranted {
  @Text({ max: 8000 }) actorToken!: string;
  @Instant() expiresAt!: Date;
}

export class RequestPasswordReset {
  @Text({ min: 3, max: 40 }) workspace!: string;
  @EmailAddress() email!: string;
}

export class ResetPassword {
  @Text({ min: 20, max: 200 }) token!: string;
  @Text(passwordRules) password!: string;
  @Text({ max: 300, optional: true }) userAgent?: string;
}

export class InvitationToken {
  @Text({ min: 20, max: 200 }) token!: string;
}

/** What the invited person sees before they accept. */
export class InvitationPreview {
  @Text({ max: 200 }) workspaceName!: string;
  @EmailAddress() email!: string;
  @Text({ max: 200 }) invitedBy!: string;
}

export class AcceptInvitation {
  @Text({ min: 20, max: 200 }) token!: string;
  @Text({ min: 1, max: 200 }) name!: string;
  @Text(passwordRules) password!: string;
  @Choice(languages, { optional: true }) language?: Language;
  @Text({ max: 300, optional: true }) userAgent?: string;
}

export class FindMyWorkspaces {
  @EmailAddress() email!: string;
}

export class SlugCheck {
  @Text({ min: 1, max: 40 }) slug!: string;
}

export class SlugAnswer {
  @Flag() free!: boolean;
}

export const wrongCredentials = defineError({
  code: 'wrong_credentials',
  status: 401,
  message: 'The workspace, the address or the password is wrong.',
});
export const locked = defineError({
  code: 'locked',
  status: 429,
  message: 'Too many wrong passwords. Wait fifteen minutes, or reset the password.',
});
export const linkVoid = defineError({
  code: 'link_void',
  status: 410,
  message: 'This link was used, withdrawn or is too old. Ask for a new one.',
});

export const signUp = defineOperation({
  id: 'identity.entry.sign-up',
  http: null,
  permission: 'anyone',
  callers: ['gateway'],
  input: SignUp,
  output: SessionOpened,
  errors: [slugTaken, unknownTimeZone],
  emits: [workspaceCreated, teamChanged, userChanged],
  summary: 'Make a workspace with its first administrator',
});
export const signIn = defineOperation({
  id: 'identity.entry.sign-in',
  http: null,
  permission: 'anyone',
  callers: ['gateway'],
  input: SignIn,
  output: SessionOpened,
  errors: [wrongCredentials, locked],
  summary: 'Open a session by password',
});
export const signOut = defineOperation({
  id: 'identity.entry.sign-out',
  http: null,
  permission: 'anyone',
  callers: ['gateway'],
  input: Credential,
  output: Nothing,
  summary: 'End the session',
});
export const grantActor = defineOperation({
  id: 'identity.entry.grant-actor',
  http: null,
  permission: 'anyone',
  callers: ['gateway'],
  input: Credential,
  output: ActorGranted,
  errors: [],
  summary: 'Exchange a session or API token for an actor token',
});
export const grantOnBehalf = defineOperation({
  id: 'identity.entry.grant-on-behalf',
  http: null,
  permission: 'service.only',
  callers: ['tickets'],
  readOnly: true,
  input: Nothing,
  output: ActorGranted,
  errors: [tokenRefused],
  summary: 'The present rights of the user on whose behalf a service carries on a job, as an actor token',
});
export const requestPasswordReset = defineOperation({
  id: 'identity.entry.request-reset',
  http: 'POST /password-reset-requests',
  permission: 'anyone',
  input: RequestPasswordReset,
  output: Nothing,
  status: 202,
  emits: [resetRequested],
  summary: 'Send a link to choose a new password; the answer is the same whether the address is known or not',
});
export const resetPassword = defineOperation({
  id: 'identity.entry.reset-password',
  http: null,
  permission: 'anyone',
  callers: ['gateway'],
  input: ResetPassword,
  output: SessionOpened,
  errors: [linkVoid],
  summary: 'Choose a new password by the link; ends all other sessions',
});
export const previewInvitation = defineOperation({
  id: 'identity.entry.preview-invitation',
  http: 'GET /invitation-preview',
  permission: 'anyone',
  input: InvitationToken,
  output: InvitationPreview,
  errors: [linkVoid],
  summary: 'Who invites whom to what',
});
export const acceptInvitation = defineOperation({
  id: 'identity.entry.accept-invitation',
  http: null,
  permission: 'anyone',
  callers: ['gateway'],
  input: AcceptInvitation,
  output: SessionOpened,
  errors: [linkVoid],
  emits: [userChanged],
  summary: 'Join the team by the link',
});
export const findMyWorkspaces = defineOperation({
  id: 'identity.entry.find-workspaces',
  http: 'POST /workspace-reminders',
  permission: 'anyone',
  input: FindMyWorkspaces,
  output: Nothing,
  status: 202,
  emits: [reminderRequested],
  summary: 'Mail somebody the list of their workspaces',
});
export const checkSlug = defineOperation({
  id: 'identity.entry.check-slug',
  http: 'GET /workspace-slugs/:slug',
  permission: 'anyone',
  input: SlugCheck,
  output: SlugAnswer,
  summary: 'Whether an address for a new workspace is free',
});

/** A rise of somebody's epoch, told to every service at once on core NATS: tokens of a lower epoch are refused from now on. */
export class EpochRaised {
  @Id() workspace!: string;
  @Choice(['user', 'customer']) kind!: 'user' | 'customer';
  @Id() id!: string;
  @Integer() epoch!: number;
}

/** The subject of `EpochRaised`. Core NATS: lost messages are covered by the token's 60 s. */
export const epochSubject = 'identity.epoch-raised';

/** A list of nested DTOs needs a class; kept here beside the session that it lists. */
export class SessionInfo {
  @Id() id!: string;
  @Text({ max: 300 }) userAgent!: string;
  @Instant() createdAt!: Date;
  @Instant() lastSeenAt!: Date;
  @Flag({ description: 'The one that asks' }) current!: boolean;
}

export class SessionList {
  @Nested(() => SessionInfo, { many: 500 }) data!: SessionInfo[];
}
