import { Choice, Flag, Id, Instant, Integer, Json, Nested, Text } from '@sportello/kernel';
import { defineOperation } from '../define.js';
import { Sender } from '../identity/customer.js';
import { MailboxDto } from '../shared.js';

/** A file of a mail, stored already. */
export class MailFile {
  @Text({ max: 64 }) hash!: string;
  @Text({ max: 255 }) name!: string;
  @Text({ max: 255 }) contentType!: string;
  @Integer() size!: number;
  @Flag() inline!: boolean;
  @Text({ max: 500, nullable: true }) contentId!: string | null;
}

/**
 * A mail that went through every step before `deliver`. Bodies over 64 kB travel by reference: `bodyHash` names a stored JSON
 * `{ html, quotedHtml, text }`.
 */
export class ReceiveMail {
  @Text({ max: 200, description: 'One message is (workspace, this)' }) mailKey!: string;
  @Text({ max: 64, description: 'Hash of the decoded parts: the same key with other content is stored and marked' })
  contentHash!: string;
  @Text({ max: 998, nullable: true }) messageId!: string | null;
  @Text({ max: 998, many: 200 }) references!: string[];
  @Text({ max: 200, many: 100, description: 'Secrets found in the recipients' }) replyTokens!: string[];
  @Integer({ nullable: true, description: 'From `[#1042]` in the subject' }) numberTag!: number | null;
  @Text({ max: 4000 }) subject!: string;
  @Instant() sentAt!: string;
  @Nested(() => Sender) sender!: Sender;
  @Nested(() => MailboxDto, { many: 200 }) to!: MailboxDto[];
  @Nested(() => MailboxDto, { many: 200 }) cc!: MailboxDto[];
  @Text({ max: 64, description: 'Stored JSON { html, quotedHtml, text, remoteImages }' }) bodyHash!: string;
  @Nested(() => MailFile, { many: 500 }) files!: MailFile[];
  @Flag({ description: 'Whether an auto-reply may answer it' }) answerable!: boolean;
  @Flag({ description: 'DMARC failed under a policy that asks to refuse' }) authenticationFailed!: boolean;
  @Json({ nullable: true }) authentication!: object | null;
  @Text({ max: 64, description: 'The raw mail' }) rawHash!: string;
  @Flag({ optional: true, description: 'A user forwarded it: the sender is the original one' }) forwarded?: boolean;
}

/** What became of it. */
export class MailReceived {
  @Choice(['item', 'message', 'duplicate', 'refused']) outcome!: 'item' | 'message' | 'duplicate' | 'refused';
  @Text({ max: 40 }) verdict!: string;
  @Text({ max: 500 }) reason!: string;
  @Id({ nullable: true }) itemId!: string | null;
  @Id({ nullable: true }) messageId!: string | null;
}

export const receiveMail = defineOperation({
  id: 'tickets.mail.receive',
  http: null,
  permission: 'service.only',
  callers: ['mail-ingest'],
  input: ReceiveMail,
  output: MailReceived,
  summary: 'Deliver a mail: read the facts, take the verdict, store both. Delivering again changes nothing',
});
