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
import { customerSights, type CustomerSight } from '@sportello/permissions';
import { defineOperation } from '../define.js';
import { ById, languages, type Language } from '../shared.js';

/** A workspace: a tenant. */
export class Workspace {
  @Id() id!: string;
  @Text({ max: 40 }) slug!: string;
  @Text({ max: 200 }) name!: string;
  @Choice(languages) language!: Language;
  @Text({ max: 60, description: 'IANA name; the zone in which "which day" is answered' }) timeZone!: string;
  @Choice(customerSights) customerSight!: CustomerSight;
  @Integer({ description: 'How long a reply reopens a finished item, in seconds' }) graceSeconds!: number;
  @EmailAddress({ description: 'The unguessable address that mail may be forwarded to' }) inboundAddress!: string;
  @EmailAddress({ nullable: true, description: 'The address replies come from; the inbound one when null' })
  replyAddress!: string | null;
  @Choice(apps, { many: true, description: 'Apps that are switched on' }) apps!: App[];
  @Id({ description: 'The project "Support"' }) supportProjectId!: string;
  @Id({ description: 'The team "Everyone"' }) everyoneTeamId!: string;
  @Text({ max: 253, nullable: true, description: 'Domain that outgoing mail is signed for' }) dkimDomain!:
    string | null;
  @Text({ max: 63, nullable: true }) dkimSelector!: string | null;
  @Text({ max: 4000, nullable: true, description: 'The TXT record to publish for the DKIM key' }) dkimRecord!:
    string | null;
  @Integer() version!: number;
}

export class ChangeWorkspace {
  @Text({ min: 1, max: 200, optional: true }) name?: string;
  @Choice(languages, { optional: true }) language?: Language;
  @Text({ max: 60, optional: true }) timeZone?: string;
  @Choice(customerSights, { optional: true }) customerSight?: CustomerSight;
  @Integer({ min: 0, max: 365 * 86_400, optional: true }) graceSeconds?: number;
  @EmailAddress({
    optional: true,
    nullable: true,
    description: 'A confirmed forwarded address; null: the inbound address',
  })
  replyAddress?: string | null;
}

/** An address of the customers' company that forwards to the inbound address. */
export class ForwardedAddress {
  @Id() id!: string;
  @EmailAddress() address!: string;
  @Instant({ nullable: true, description: 'When a mail sent to it last arrived here' }) confirmedAt!: Date | null;
}

export class ForwardedAddressList {
  @Nested(() => ForwardedAddress, { many: 500 }) data!: ForwardedAddress[];
}

export class AddForwardedAddress {
  @EmailAddress() address!: string;
}

export class SwitchApp {
  @Choice(apps) app!: App;
  @Flag() on!: boolean;
}

export class SetDkim {
  @Text({ min: 3, max: 253, pattern: /^[a-z0-9.-]+$/ }) domain!: string;
}

/** What mail-ingest must know of a recipient's workspace. */
export class FindWorkspaceByAddress {
  @EmailAddress({ many: 100, description: 'Without the "+…" part' }) addresses!: string[];
}

export class MailWorkspace {
  @EmailAddress() address!: string;
  @Id() id!: string;
  @Text({ max: 200 }) name!: string;
  @Choice(languages) language!: Language;
  @EmailAddress() inboundAddress!: string;
  @EmailAddress({ many: 500, description: 'Every address of ours: inbound and forwarded' }) ownAddresses!: string[];
  @EmailAddress({ many: 500, optional: true, description: 'Forwarded addresses from which mail has arrived before' })
  confirmedAddresses?: string[];
}

export class MailWorkspaceList {
  @Nested(() => MailWorkspace, { many: 100 }) data!: MailWorkspace[];
}

/** What a service needs to send and sign mail of a workspace. */
export class MailIdentity {
  @Id() id!: string;
  @Text({ max: 40 }) slug!: string;
  @Text({ max: 200 }) name!: string;
  @Choice(languages) language!: Language;
  @EmailAddress() inboundAddress!: string;
  @EmailAddress() replyAddress!: string;
  @Choice(apps, { many: true, description: 'Nothing is sent of one that is off' }) apps!: App[];
  @Text({ max: 253, nullable: true }) dkimDomain!: string | null;
  @Text({ max: 63, nullable: true }) dkimSelector!: string | null;
  @Text({ max: 8000, nullable: true }) dkimPrivateKey!: string | null;
}

export class ConfirmForwarding {
  @EmailAddress() address!: string;
}

export const slugTaken = defineError({
  code: 'slug_taken',
  status: 409,
  message: 'This address is taken. Choose another.',
});
export const addressTaken = defineError({
  code: 'address_taken',
  status: 409,
  message: 'This address is connected already.',
});
export const notForwarded = defineError({
  code: 'not_forwarded',
  status: 422,
  message: 'Answers can leave only from an address that forwards here: add it, and send it a mail that arrives.',
});
export const unknownTimeZone = defineError({
  code: 'unknown_time_zone',
  status: 422,
  message: 'There is no such time zone.',
});

/** What other services copy of a workspace. */
export class WorkspaceFacts {
  @Id() id!: string;
  @Text({ max: 40 }) slug!: string;
  @Text({ max: 200 }) name!: string;
  @Choice(languages) language!: Language;
  @Text({ max: 60 }) timeZone!: string;
  @Choice(customerSights) customerSight!: CustomerSight;
  @Integer() graceSeconds!: number;
  @Choice(apps, { many: true }) apps!: App[];
  @Id() supportProjectId!: string;
  @Id() everyoneTeamId!: string;
  @EmailAddress() inboundAddress!: string;
  @EmailAddress({ nullable: true }) replyAddress!: string | null;
}

export const workspaceCreated = defineEvent({
  id: 'identity.workspace.created',
  payload: WorkspaceFacts,
  summary: 'Somebody signed up',
});
export const workspaceChanged = defineEvent({
  id: 'identity.workspace.changed',
  payload: WorkspaceFacts,
  access: ['customerSight'],
  summary: 'A workspace setting changed',
});

export const getWorkspace = defineOperation({
  id: 'identity.workspaces.get',
  http: 'GET /workspace',
  permission: 'workspace.view',
  input: Nothing,
  output: Workspace,
  summary: 'The workspace and its settings',
});
export const changeWorkspace = defineOperation({
  id: 'identity.workspaces.change',
  http: 'PATCH /workspace',
  permission: 'workspace.manage',
  input: ChangeWorkspace,
  output: Workspace,
  takesSight: true,
  errors: [unknownTimeZone, notForwarded],
  emits: [workspaceChanged],
  summary: 'Change settings of the workspace',
});
export const switchApp = defineOperation({
  id: 'identity.workspaces.switch-app',
  http: 'PUT /workspace/apps/:app',
  permission: 'workspace.manage',
  input: SwitchApp,
  output: Workspace,
  emits: [workspaceChanged],
  summary: 'Switch an app on or off. Off: nothing of it is in lists, can be changed, or is sent; nothing is lost',
});
export const renewInboundAddress = defineOperation({
  id: 'identity.workspaces.renew-address',
  http: 'POST /workspace/inbound-address',
  permission: 'mail.manage',
  input: Nothing,
  output: Workspace,
  emits: [workspaceChanged],
  summary: 'Replace the inbound address by a new one; the old one stops at once',
});
export const listForwardedAddresses = defineOperation({
  id: 'identity.addresses.list',
  http: 'GET /workspace/addresses',
  permission: 'mail.manage',
  input: Nothing,
  output: ForwardedAddressList,
  summary: 'Addresses that forward to the inbound address',
});
export const addForwardedAddress = defineOperation({
  id: 'identity.addresses.add',
  http: 'POST /workspace/addresses',
  permission: 'mail.manage',
  input: AddForwardedAddress,
  output: ForwardedAddress,
  status: 201,
  errors: [addressTaken],
  summary: 'Say that an address forwards to the inbound address',
});
export const removeForwardedAddress = defineOperation({
  id: 'identity.addresses.remove',
  http: 'DELETE /workspace/addresses/:id',
  permission: 'mail.manage',
  input: ById,
  output: Nothing,
  summary: 'Forget a forwarding address',
  emits: [workspaceChanged],
});
export const setDkim = defineOperation({
  id: 'identity.workspaces.set-dkim',
  http: 'PUT /workspace/dkim',
  permission: 'mail.manage',
  input: SetDkim,
  output: Workspace,
  summary: 'Make a DKIM key for a domain; the answer has the DNS record to publish',
});
export const removeDkim = defineOperation({
  id: 'identity.workspaces.remove-dkim',
  http: 'DELETE /workspace/dkim',
  permission: 'mail.manage',
  input: Nothing,
  output: Workspace,
  summary: 'Stop signing outgoing mail',
});
export const findWorkspaceByAddress = defineOperation({
  id: 'identity.workspaces.find-by-address',
  http: null,
  permission: 'service.only',
  callers: ['mail-ingest', 'notifications'],
  readOnly: true,
  acrossWorkspaces: true,
  input: FindWorkspaceByAddress,
  output: MailWorkspaceList,
  summary: 'Which workspaces these recipients belong to',
});
export const getMailIdentity = defineOperation({
  id: 'identity.workspaces.mail-identity',
  http: null,
  permission: 'service.only',
  callers: ['mail-ingest', 'notifications'],
  readOnly: true,
  input: Nothing,
  output: MailIdentity,
  summary: 'Addresses, language and DKIM key of a workspace',
});
export const confirmForwarding = defineOperation({
  id: 'identity.addresses.confirm',
  http: null,
  permission: 'service.only',
  callers: ['mail-ingest'],
  input: ConfirmForwarding,
  output: Nothing,
  summary: 'A mail sent to a forwarded address arrived',
});
