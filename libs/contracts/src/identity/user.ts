import {
  apps,
  Choice,
  defineError,
  defineEvent,
  EmailAddress,
  Flag,
  Id,
  Instant,
  Integer,
  Nested,
  Nothing,
  Text,
  type App,
} from '@sportello/kernel';
import { userFlags, workspaceRoles, type UserFlag, type WorkspaceRole } from '@sportello/permissions';
import { defineOperation } from '../define.js';
import { ById, FormerIdentity, languages, ListInput, NamedRef, pageOf, type Language } from '../shared.js';
import { invitationSent } from './link.js';

/** A person of the team. */
export class User {
  @Id() id!: string;
  @Text({ max: 200 }) name!: string;
  @EmailAddress() email!: string;
  @Choice(workspaceRoles) role!: WorkspaceRole;
  @Choice(userFlags, { many: true }) flags!: UserFlag[];
  @Choice(apps, { many: true, description: 'Apps that a member may use; an administrator has all' }) apps!: App[];
  @Choice(languages) language!: Language;
  @Nested(() => NamedRef, { many: 500 }) teams!: NamedRef[];
  @Flag() active!: boolean;
  @Instant({ nullable: true }) lastSeenAt!: Date | null;
  @Integer() version!: number;
}

export class UserPage extends pageOf(User) {}

export class ListUsers extends ListInput {
  @Text({ max: 200, optional: true, description: 'Part of the name or address' }) text?: string;
  @Flag({ optional: true, description: 'Only active ones, or only the others' }) active?: boolean;
}

export class ChangeUser {
  @Id() id!: string;
  @Text({ min: 1, max: 200, optional: true }) name?: string;
  @Choice(workspaceRoles, { optional: true }) role?: WorkspaceRole;
  @Choice(userFlags, { many: true, optional: true }) flags?: UserFlag[];
  @Choice(apps, { many: true, optional: true }) apps?: App[];
  @Id({ many: 500, optional: true }) teamIds?: string[];
  @Flag({ optional: true, description: 'false ends all sessions and tokens at once' }) active?: boolean;
}

export class Invitation {
  @Id() id!: string;
  @EmailAddress() email!: string;
  @Choice(workspaceRoles) role!: WorkspaceRole;
  @Nested(() => NamedRef, { many: 500 }) teams!: NamedRef[];
  @Instant() sentAt!: Date;
  @Instant() expiresAt!: Date;
}

export class InvitationList {
  @Nested(() => Invitation, { many: 1000 }) data!: Invitation[];
}

export class InviteUser {
  @EmailAddress() email!: string;
  @Choice(workspaceRoles, { optional: true }) role?: WorkspaceRole;
  @Id({ many: 500, optional: true }) teamIds?: string[];
}

export const alreadyUser = defineError({
  code: 'already_user',
  status: 409,
  message: 'This person is in the team already.',
});
export const lastAdministrator = defineError({
  code: 'last_administrator',
  status: 409,
  message: 'A workspace needs at least one active administrator. Make somebody else one first.',
});

/** What other services copy of a user. */
export class UserFacts {
  @Id() id!: string;
  @Text({ max: 200 }) name!: string;
  @EmailAddress({ nullable: true, description: 'Null once erased' }) email!: string | null;
  @Choice(workspaceRoles) role!: WorkspaceRole;
  @Choice(userFlags, { many: true }) flags!: UserFlag[];
  @Choice(apps, { many: true }) apps!: App[];
  @Id({ many: 500 }) teamIds!: string[];
  @Choice(languages) language!: Language;
  @Flag() active!: boolean;
  @Nested(() => FormerIdentity, { optional: true, nullable: true, description: 'In the event of their erasure only' })
  formerly?: FormerIdentity | null;
}

export const userChanged = defineEvent({
  id: 'identity.user.changed',
  payload: UserFacts,
  access: ['role', 'flags', 'apps', 'teamIds', 'active'],
  summary: 'A user was added, changed, deactivated or erased; access of theirs may have changed',
});

export const listUsers = defineOperation({
  id: 'identity.users.list',
  http: 'GET /users',
  permission: 'user.view',
  input: ListUsers,
  output: UserPage,
  summary: 'The people of the team',
});
export const getUser = defineOperation({
  id: 'identity.users.get',
  http: 'GET /users/:id',
  permission: 'user.view',
  input: ById,
  output: User,
  summary: 'One user',
});
export const changeUser = defineOperation({
  id: 'identity.users.change',
  http: 'PATCH /users/:id',
  permission: 'user.manage',
  input: ChangeUser,
  output: User,
  takesSight: true,
  errors: [lastAdministrator],
  emits: [userChanged],
  summary: "Change a user's name, role, flags, apps, teams, or deactivate them",
});
export const listInvitations = defineOperation({
  id: 'identity.invitations.list',
  http: 'GET /invitations',
  permission: 'user.manage',
  input: Nothing,
  output: InvitationList,
  summary: 'Invitations that nobody accepted yet',
});
export const inviteUser = defineOperation({
  id: 'identity.invitations.send',
  http: 'POST /invitations',
  permission: 'user.manage',
  input: InviteUser,
  output: Invitation,
  status: 201,
  errors: [alreadyUser],
  emits: [invitationSent],
  summary: 'Invite somebody to the team by mail; inviting again sends a new link',
});
export const withdrawInvitation = defineOperation({
  id: 'identity.invitations.withdraw',
  http: 'DELETE /invitations/:id',
  permission: 'user.manage',
  input: ById,
  output: Nothing,
  summary: 'Make an invitation void',
});
