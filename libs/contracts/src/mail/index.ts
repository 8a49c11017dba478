import {
  Choice,
  defineError,
  defineRoute,
  EmailAddress,
  Flag,
  Id,
  Instant,
  Integer,
  Nested,
  Nothing,
  Text,
} from '@sportello/kernel';
import { defineOperation } from '../define.js';
import { ById, FindKept, KeptOfPerson, ListInput, pageOf } from '../shared.js';
import { FileHashes } from '../tickets/file.js';

/** A mail that could not be processed. Nothing is lost: the raw file is kept. */
export class QuarantinedMail {
  @Id() id!: string;
  @Text({ max: 320, nullable: true }) from!: string | null;
  @Text({ max: 1000, nullable: true }) subject!: string | null;
  @Text({ max: 60 }) code!: string;
  @Text({ max: 1000, description: 'Why, in a sentence' }) reason!: string;
  @Integer({ description: 'Bytes' }) size!: number;
  @Instant() receivedAt!: Date;
}

export class QuarantinePage extends pageOf(QuarantinedMail) {}

/** The start of the raw mail, as text. */
export class QuarantinedSource extends QuarantinedMail {
  @Text({ max: 70_000 }) source!: string;
  @Flag({ description: 'There is more than is shown' }) cut!: boolean;
}

/** A provider's mail that asks to confirm forwarding. */
export class ForwardingConfirmation {
  @Id() id!: string;
  @Text({ max: 60 }) provider!: string;
  @Text({ max: 60, nullable: true }) code!: string | null;
  @Text({ max: 2000, nullable: true }) link!: string | null;
  @EmailAddress({ nullable: true }) address!: string | null;
  @Instant() receivedAt!: Date;
}

export class ForwardingConfirmationList {
  @Nested(() => ForwardingConfirmation, { many: 100 }) data!: ForwardingConfirmation[];
}

/** "Send test": a mail of ours to a forwarded address, and whether it came back in. */
export class MailTest {
  @Id() id!: string;
  @EmailAddress() address!: string;
  @Choice(['sent', 'arrived', 'lost']) state!: 'sent' | 'arrived' | 'lost';
  @Instant() sentAt!: Date;
  @Instant({ nullable: true }) arrivedAt!: Date | null;
}

export class StartMailTest {
  @EmailAddress() address!: string;
}

/** A mailbox that we fetch from. */
export class ImapAccount {
  @Id() id!: string;
  @Text({ max: 253 }) host!: string;
  @Integer({ min: 1, max: 65_535 }) port!: number;
  @Choice(['tls', 'starttls', 'none']) security!: 'tls' | 'starttls' | 'none';
  @Text({ max: 320 }) user!: string;
  @Choice(['password', 'oauth2']) authentication!: 'password' | 'oauth2';
  @Text({ max: 200 }) folder!: string;
  @Flag() active!: boolean;
  @Choice(['connecting', 'listening', 'failed', 'off']) state!: 'connecting' | 'listening' | 'failed' | 'off';
  @Text({ max: 500, nullable: true }) problem!: string | null;
}

export class ImapAccountList {
  @Nested(() => ImapAccount, { many: 50 }) data!: ImapAccount[];
}

export class SetImapAccount {
  @Text({ min: 1, max: 253 }) host!: string;
  @Integer({ min: 1, max: 65_535 }) port!: number;
  @Choice(['tls', 'starttls', 'none']) security!: 'tls' | 'starttls' | 'none';
  @Text({ min: 1, max: 320 }) user!: string;
  @Choice(['password', 'oauth2']) authentication!: 'password' | 'oauth2';
  @Text({ min: 1, max: 8000, description: 'Password or access token; stored sealed' }) secret!: string;
  @Text({ min: 1, max: 200, optional: true, description: 'INBOX when absent' }) folder?: string;
}

export const mailNotFound = defineError({
  code: 'mail_not_found',
  status: 404,
  message: 'There is no such mail here.',
});

/** What became of a raw mail that was posted. */
export class RawMailAccepted {
  @Id({ description: 'The spool row' }) id!: string;
}

export class AcceptRawMail {
  @Text({ max: 64 }) rawHash!: string;
  @Integer() size!: number;
  @Text({ max: 320, optional: true, nullable: true }) envelopeFrom?: string | null;
  @EmailAddress({ description: 'Which of our addresses it is for' }) recipient!: string;
}

export const listQuarantine = defineOperation({
  id: 'mail.quarantine.list',
  http: 'GET /mail/quarantine',
  permission: 'mail.manage',
  input: ListInput,
  output: QuarantinePage,
  summary: 'Mails that were set aside, newest first',
});
export const readQuarantined = defineOperation({
  id: 'mail.quarantine.read',
  http: 'GET /mail/quarantine/:id',
  permission: 'mail.manage',
  input: ById,
  output: QuarantinedSource,
  errors: [mailNotFound],
  summary: 'A mail that was set aside, as it came',
});
export const retryQuarantined = defineOperation({
  id: 'mail.quarantine.retry',
  http: 'POST /mail/quarantine/:id/retry',
  permission: 'mail.manage',
  input: ById,
  output: Nothing,
  status: 202,
  errors: [mailNotFound],
  summary: 'Process it once more',
});
export const dropQuarantined = defineOperation({
  id: 'mail.quarantine.drop',
  http: 'DELETE /mail/quarantine/:id',
  permission: 'mail.manage',
  input: ById,
  output: Nothing,
  errors: [mailNotFound],
  summary: 'Delete it',
});
export const listForwardingConfirmations = defineOperation({
  id: 'mail.confirmations.list',
  http: 'GET /mail/confirmations',
  permission: 'mail.manage',
  input: Nothing,
  output: ForwardingConfirmationList,
  summary: 'Codes and links that mail providers sent to confirm forwarding',
});
export const startMailTest = defineOperation({
  id: 'mail.tests.start',
  http: 'POST /mail/tests',
  permission: 'mail.manage',
  input: StartMailTest,
  output: MailTest,
  status: 201,
  summary: 'Send a test mail to a forwarded address',
});
export const getMailTest = defineOperation({
  id: 'mail.tests.get',
  http: 'GET /mail/tests/:id',
  permission: 'mail.manage',
  input: ById,
  output: MailTest,
  errors: [mailNotFound],
  summary: 'Whether the test mail came back',
});
export const listImapAccounts = defineOperation({
  id: 'mail.imap.list',
  http: 'GET /mail/imap',
  permission: 'mail.manage',
  input: Nothing,
  output: ImapAccountList,
  summary: 'Mailboxes that are fetched',
});
export const addImapAccount = defineOperation({
  id: 'mail.imap.add',
  http: 'POST /mail/imap',
  permission: 'mail.manage',
  input: SetImapAccount,
  output: ImapAccount,
  status: 201,
  summary: 'Fetch a mailbox by IMAP, with IDLE',
});
export const removeImapAccount = defineOperation({
  id: 'mail.imap.remove',
  http: 'DELETE /mail/imap/:id',
  permission: 'mail.manage',
  input: ById,
  output: Nothing,
  errors: [mailNotFound],
  summary: 'Stop fetching a mailbox',
});
export const acceptRawMail = defineOperation({
  id: 'mail.spool.accept',
  http: null,
  permission: 'mail.manage',
  callers: ['gateway'],
  input: AcceptRawMail,
  output: RawMailAccepted,
  summary: 'Take in a raw mail that the gateway stored',
});

export const exportPersonFromMail = defineOperation({
  id: 'mail.people.export',
  http: null,
  permission: 'service.only',
  callers: ['identity'],
  readOnly: true,
  input: FindKept,
  output: KeptOfPerson,
  summary: 'Mails from a person that wait or were set aside',
});
export const findHeldFiles = defineOperation({
  id: 'mail.spool.find-held',
  http: null,
  permission: 'service.only',
  callers: ['tickets'],
  readOnly: true,
  input: FileHashes,
  output: FileHashes,
  summary: 'Which of these files are raw mails in the spool',
});

export const postRawMail = defineRoute({
  id: 'mail.raw',
  http: 'POST /api/v1/mail/raw',
  permission: 'mail.manage',
  limits: { bytes: 50 * 1024 * 1024, perMinute: 600 },
  summary: 'Deliver a raw mail (message/rfc822)',
});
