import { Choice, defineError, EmailAddress, Id, Instant, Nested, Nothing, Text } from '@sportello/kernel';
import { permissionNames, type Permission } from '@sportello/permissions';
import { defineOperation } from '../define.js';
import { ById, languages, NamedRef, type Language } from '../shared.js';
import { locked, SessionList } from './entry.js';

/** The workspace as everybody in it knows it. */
export class MyWorkspace {
  @Id() id!: string;
  @Text({ max: 40 }) slug!: string;
  @Text({ max: 200 }) name!: string;
  @Text({ max: 60 }) timeZone!: string;
  @Choice(languages) language!: Language;
  @EmailAddress() inboundAddress!: string;
  @Id() supportProjectId!: string;
}

/** Who I am and what I may. */
export class Me {
  @Id() id!: string;
  @Choice(['user', 'customer']) kind!: 'user' | 'customer';
  @Text({ max: 200 }) name!: string;
  @EmailAddress() email!: string;
  @Choice(['administrator', 'member', 'customer']) role!: 'administrator' | 'member' | 'customer';
  @Choice(languages) language!: Language;
  @Nested(() => NamedRef, { many: 500 }) teams!: NamedRef[];
  @Nested(() => MyWorkspace) workspace!: MyWorkspace;
  @Choice(permissionNames as readonly string[], { many: true, description: 'What I may that concerns no record' })
  can!: Permission[];
}

export class ChangeMe {
  @Text({ min: 1, max: 200, optional: true }) name?: string;
  @Choice(languages, { optional: true }) language?: Language;
}

export class ChangePassword {
  @Text({ min: 1, max: 200 }) current!: string;
  @Text({ min: 10, max: 200 }) next!: string;
}

/** An API token without its secret. */
export class ApiToken {
  @Id() id!: string;
  @Text({ max: 100 }) name!: string;
  @Choice(permissionNames as readonly string[], {
    many: true,
    nullable: true,
    description: 'Null: all that its user may',
  })
  scopes!: Permission[] | null;
  @Instant() createdAt!: Date;
  @Instant({ nullable: true }) lastUsedAt!: Date | null;
}

export class ApiTokenList {
  @Nested(() => ApiToken, { many: 500 }) data!: ApiToken[];
}

export class CreateApiToken {
  @Text({ min: 1, max: 100 }) name!: string;
  @Choice(permissionNames as readonly string[], { many: true, optional: true, nullable: true }) scopes?:
    Permission[] | null;
}

/** The only answer that ever has the secret. */
export class ApiTokenCreated extends ApiToken {
  @Text({ max: 200 }) token!: string;
}

export const wrongPassword = defineError({
  code: 'wrong_password',
  status: 403,
  message: 'The current password is wrong.',
});

export const getMe = defineOperation({
  id: 'identity.me.get',
  http: 'GET /me',
  permission: 'self.manage',
  input: Nothing,
  output: Me,
  summary: 'Who I am, where, and what I may',
});
export const changeMe = defineOperation({
  id: 'identity.me.change',
  http: 'PATCH /me',
  permission: 'self.manage',
  input: ChangeMe,
  output: Me,
  summary: 'Change my name or language',
});
export const changePassword = defineOperation({
  id: 'identity.me.change-password',
  http: 'POST /me/password',
  permission: 'self.manage',
  input: ChangePassword,
  output: Nothing,
  errors: [wrongPassword, locked],
  summary: 'Change my password; ends my other sessions',
});
export const listSessions = defineOperation({
  id: 'identity.sessions.list',
  http: 'GET /me/sessions',
  permission: 'self.manage',
  input: Nothing,
  output: SessionList,
  summary: 'Where I am signed in',
});
export const endSession = defineOperation({
  id: 'identity.sessions.end',
  http: 'DELETE /me/sessions/:id',
  permission: 'self.manage',
  input: ById,
  output: Nothing,
  summary: 'Sign out one of my sessions',
});
export const listTokens = defineOperation({
  id: 'identity.tokens.list',
  http: 'GET /me/tokens',
  permission: 'token.manage',
  input: Nothing,
  output: ApiTokenList,
  summary: 'My API tokens',
});
export const createToken = defineOperation({
  id: 'identity.tokens.create',
  http: 'POST /me/tokens',
  permission: 'token.manage',
  input: CreateApiToken,
  output: ApiTokenCreated,
  status: 201,
  secretReply: true,
  summary: 'Make an API token; it is shown once',
});
export const revokeToken = defineOperation({
  id: 'identity.tokens.revoke',
  http: 'DELETE /me/tokens/:id',
  permission: 'token.manage',
  input: ById,
  output: Nothing,
  summary: 'Make an API token void at once',
});
