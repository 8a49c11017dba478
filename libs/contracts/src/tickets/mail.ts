import { Choice, EmailAddress, Flag, Id, Instant, Integer, Json, Nested, Text } from '@sportello/kernel';
import { defineOperation } from '../define.js';
import { Sender } from '../identity/customer.js';
import { languages, MailboxDto, type Language } from '../shared.js';
import { itemNotFound } from './item.js';

/** A file of a mail, stored already. */
export class MailFile {
  @Id({ description: 'The id it will have: the text names it already' }) id!: string;
  @Text({ max: 64 }) hash!: string;
  @Text({ max: 255 }) name!: string;
  @Text({ max: 255 }) contentType!: string;
  @Integer() size!: number;
  @Flag() inline!: boolean;
  @Text({ max: 500, nullable: true }) contentId!: string | null;
}

/** Characters of each form of what a mail says. */
export const longestMailBody = 2_000_000;

/** What it says: clean, own words and what they quote. */
export class MailBody {
  @Text({ max: longestMailBody }) html!: string;
  @Text({ max: longestMailBody }) quotedHtml!: string;
  @Text({ max: longestMailBody }) text!: string;
  @Integer() remoteImages!: number;
}

/** What a user wrote above a mail that they forwarded; empty where they wrote nothing. */
export class ForwardComment {
  @Text({ max: longestMailBody }) html!: string;
  @Text({ max: longestMailBody }) text!: string;
  @Nested(() => Sender, { description: 'Who forwarded it' }) author!: Sender;
}

/** A mail that went through every step before `deliver`. */
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
  @Nested(() => MailBody) body!: MailBody;
  @Nested(() => MailFile, { many: 500 }) files!: MailFile[];
  @Flag({ description: 'Whether an auto-reply may answer it' }) answerable!: boolean;
  @Flag({ description: 'DMARC failed under a policy that asks to refuse' }) authenticationFailed!: boolean;
  @Json({ nullable: true }) authentication!: object | null;
  @Text({ max: 64, description: 'The raw mail' }) rawHash!: string;
  @Flag({ optional: true, description: 'A user forwarded it: the sender is the original one' }) forwarded?: boolean;
  @Nested(() => ForwardComment, { optional: true, nullable: true, description: 'Where a user forwarded it' })
  comment?: ForwardComment | null;
  @Flag({ optional: true, description: 'Let in from quarantine by a user' }) released?: boolean;
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

/** Why a mail of ours goes out. */
export const mailPurposes = [
  'reply',
  'acknowledgement',
  'status-changed',
  'finished',
  'reopened',
  'assigned',
  'mentioned',
  'followed',
] as const;
export type MailPurpose = (typeof mailPurposes)[number];

export class PrepareMail {
  @Id() itemId!: string;
  @Id({ nullable: true }) messageId!: string | null;
  @Choice(mailPurposes) purpose!: MailPurpose;
  @EmailAddress() recipient!: string;
  @Id({ nullable: true, description: 'The recipient, where a person here: what they may no longer see is not sent' })
  userId!: string | null;
  @Id({
    optional: true,
    nullable: true,
    description: 'Tells two mails about the same item apart that no message does: finished, reopened, finished again',
  })
  occasion?: string | null;
}

/** The message that a mail answers, shown below it. */
export class QuotedMessage {
  @Text({ max: 200 }) author!: string;
  @Instant() at!: Date;
  @Text({ max: 2_000_000 }) html!: string;
}

/** Everything that a mail of ours says, with its ids and secrets: made once, the same when asked again. */
export class PreparedMail {
  @Flag({ description: 'False: deleted meanwhile, or the recipient may no longer see it' }) wanted!: boolean;
  @Text({ max: 200 }) mailId!: string;
  @Text({ max: 40 }) replyToken!: string;
  @Text({ max: 40 }) bounceToken!: string;
  @Integer() number!: number;
  @Text({ max: 1000 }) title!: string;
  @Text({ max: 60 }) typeName!: string;
  @Text({ max: 60 }) statusName!: string;
  @Choice(['customer', 'internal']) thread!: 'customer' | 'internal';
  @Text({ max: 200 }) authorName!: string;
  @Text({ max: 200 }) requesterName!: string;
  @Choice(languages, { description: "The recipient's" }) language!: Language;
  @Text({ max: 2_000_000 }) html!: string;
  @Nested(() => QuotedMessage, { nullable: true }) quoted!: QuotedMessage | null;
  @Text({ max: 998, many: 100, description: 'Oldest first' }) references!: string[];
  @Nested(() => MailboxDto, { many: 200 }) to!: MailboxDto[];
  @Nested(() => MailboxDto, { many: 200 }) cc!: MailboxDto[];
  @Nested(() => MailFile, { many: 500 }) files!: MailFile[];
  @Instant({ description: "The message's, or the item's" }) date!: Date;
}

export const prepareMail = defineOperation({
  id: 'tickets.mail.prepare',
  http: null,
  permission: 'service.only',
  callers: ['notifications'],
  input: PrepareMail,
  output: PreparedMail,
  errors: [itemNotFound],
  summary: 'What to send, checked at the moment of sending. Asking again gives the same ids and secrets',
});

export class PrepareSummary {
  @Id({ many: 1000 }) itemIds!: string[];
  @EmailAddress() recipient!: string;
  @Id({ nullable: true, description: 'The recipient, where a person of the team' }) userId!: string | null;
}

/** A line of a summary. */
export class SummaryItem {
  @Integer() number!: number;
  @Text({ max: 1000 }) title!: string;
  @Text({ max: 60, description: 'In the customers’ words' }) statusName!: string;
}

/** What one mail says of many items: those that the recipient may see at this moment, in order of their numbers. */
export class PreparedSummary {
  @Nested(() => SummaryItem, { many: 50, description: 'At most 50 of them' }) items!: SummaryItem[];
  @Integer({ description: 'How many there are in all' }) count!: number;
  @Choice(languages, { description: "The recipient's" }) language!: Language;
}

export const prepareSummary = defineOperation({
  id: 'tickets.mail.prepare-summary',
  http: null,
  permission: 'service.only',
  callers: ['notifications'],
  readOnly: true,
  input: PrepareSummary,
  output: PreparedSummary,
  summary: 'What one mail about a bulk change says, checked at the moment of sending',
});

export class FindSentMail {
  @Text({ max: 40, nullable: true }) bounceToken!: string | null;
  @Text({ max: 998, nullable: true }) mailId!: string | null;
}

/** A mail of ours, found again. */
export class SentMail {
  @Flag() found!: boolean;
  @Id({ nullable: true }) itemId!: string | null;
  @Id({ nullable: true }) messageId!: string | null;
  @Text({ max: 320, nullable: true }) recipient!: string | null;
}

export const findSentMail = defineOperation({
  id: 'tickets.mail.find-sent',
  http: null,
  permission: 'service.only',
  callers: ['notifications', 'mail-ingest'],
  readOnly: true,
  input: FindSentMail,
  output: SentMail,
  summary: 'The mail of ours that a bounce speaks of',
});
