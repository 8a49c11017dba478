import {
  Choice,
  defineError,
  defineEvent,
  EmailAddress,
  Flag,
  Id,
  Instant,
  Integer,
  Json,
  Nested,
  Text,
} from '@sportello/kernel';
import { type Permission } from '@sportello/permissions';
import { defineOperation } from '../define.js';
import { ListInput, MailboxDto, Person, PersonRefDto, pageOf } from '../shared.js';
import { badFilter, itemNotFound, ItemDetails, messageNotFound } from './item.js';
import { statusNotFound } from './lifecycle.js';
import { Attachment } from './file.js';

export const threadKinds = ['customer', 'internal'] as const;
export type ThreadKind = (typeof threadKinds)[number];

/** How a mail came in. */
export class MailFacts {
  @Text({ max: 1000, nullable: true }) messageId!: string | null;
  @Text({ max: 40, description: 'What was decided: new-item, appended, …' }) verdict!: string;
  @Text({ max: 500, description: 'Why, in a sentence' }) reason!: string;
  @Text({ max: 60, many: 10, description: '"new here", "unverified", "same id, other content"' }) marks!: string[];
  @Json({ nullable: true, description: 'SPF, DKIM and DMARC' }) authentication!: object | null;
}

export const deliveryStates = ['queued', 'sending', 'sent', 'deferred', 'bounced', 'failed'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** How our mail to one recipient went. */
export class Delivery {
  @EmailAddress() address!: string;
  @Choice(deliveryStates) state!: DeliveryState;
  @Text({ max: 1000, nullable: true }) detail!: string | null;
  @Instant() at!: Date;
}

/** One message of a conversation. */
export class Message {
  @Id() id!: string;
  @Choice(threadKinds) thread!: ThreadKind;
  @Id() threadId!: string;
  @Nested(() => Person) author!: Person;
  @Choice(['mail', 'web', 'api']) via!: 'mail' | 'web' | 'api';
  @Text({ max: 1000, nullable: true, description: "The mail's subject, where it is not the title" }) subject!:
    string | null;
  @Nested(() => MailboxDto, { many: 200 }) to!: MailboxDto[];
  @Nested(() => MailboxDto, { many: 200 }) cc!: MailboxDto[];
  @Text({ max: 2_000_000, description: 'Cleaned; safe to show' }) html!: string;
  @Text({ max: 2_000_000, nullable: true, description: 'What was quoted below; folded' }) quotedHtml!: string | null;
  @Integer({ description: 'Remote images that wait for a click' }) remoteImages!: number;
  @Nested(() => Attachment, { many: 500 }) attachments!: Attachment[];
  @Flag({ description: 'The sender is no participant yet: confirm before they get copies' }) newHere!: boolean;
  @Instant() createdAt!: Date;
  @Instant({ nullable: true }) editedAt!: Date | null;
  @Instant({ nullable: true }) deletedAt!: Date | null;
  @Nested(() => MailFacts, { nullable: true }) mail!: MailFacts | null;
  @Nested(() => Delivery, { many: 500 }) delivery!: Delivery[];
  @Text({ max: 40, many: 10 }) can!: Permission[];
}

export class MessagePage extends pageOf(Message) {}

export class ListMessages extends ListInput {
  @Text({ min: 1, max: 36, pattern: /^(\d{1,10}|[0-9a-f-]{36})$/ }) id!: string;
  @Choice(threadKinds, { optional: true }) thread?: ThreadKind;
}

export class AddMessage {
  @Id() id!: string;
  @Choice(threadKinds) thread!: ThreadKind;
  @Id({ optional: true, description: 'One of several internal threads; the first when absent' }) threadId?: string;
  @Flag({ optional: true, description: 'Begin a further internal thread with this message' }) newThread?: boolean;
  @Text({ min: 1, max: 1_000_000 }) html!: string;
  @Id({ many: 50, optional: true }) attachments?: string[];
  @EmailAddress({ many: 50, optional: true, description: 'Customer thread only: the requester when absent' })
  to?: string[];
  @EmailAddress({ many: 50, optional: true }) cc?: string[];
  @Id({ many: 50, optional: true, description: 'Users who are told that they were mentioned' }) mentions?: string[];
  @Id({ optional: true, description: '"Send and set to …"' }) statusId?: string;
}

export class EditMessage {
  @Id() id!: string;
  @Id() messageId!: string;
  @Text({ min: 1, max: 1_000_000 }) html!: string;
}

export class ByMessage {
  @Id() id!: string;
  @Id() messageId!: string;
}

/** An earlier wording. */
export class MessageRevision {
  @Text({ max: 2_000_000 }) html!: string;
  @Instant() until!: Date;
  @Nested(() => Person) by!: Person;
}

export class MessageRevisionList {
  @Nested(() => MessageRevision, { many: 200 }) data!: MessageRevision[];
}

export const emptyMessage = defineError({
  code: 'empty_message',
  status: 422,
  message: 'Write something or attach a file.',
});
export const noRecipient = defineError({
  code: 'no_recipient',
  status: 422,
  message: 'Nobody here has a mail address. Add one under To.',
});
export const replyNotAllowed = defineError({
  code: 'reply_not_allowed',
  status: 403,
  message: 'You may not reply to customers.',
});

/** A message as events carry it. */
export class MessageFacts {
  @Id() id!: string;
  @Id() itemId!: string;
  @Integer() itemNumber!: number;
  @Id() threadId!: string;
  @Choice(threadKinds) thread!: ThreadKind;
  @Nested(() => PersonRefDto) author!: PersonRefDto;
  @Choice(['mail', 'web', 'api']) via!: 'mail' | 'web' | 'api';
  @Id({ many: 50 }) mentions!: string[];
  @Nested(() => MailboxDto, { many: 200 }) to!: MailboxDto[];
  @Nested(() => MailboxDto, { many: 200 }) cc!: MailboxDto[];
  @Text({ max: 200, description: 'How it begins, without HTML' }) excerpt!: string;
  @Flag({ description: 'The author takes no part yet: nobody outside gets a copy' }) newHere!: boolean;
  @Flag({ description: 'The first message of its item' }) first!: boolean;
  @Flag({ description: 'An automatic answer may go to its author' }) answerable!: boolean;
}

export const messageAdded = defineEvent({
  id: 'tickets.item.message-added',
  payload: MessageFacts,
  customerPayload: MessageFacts,
  summary: 'Somebody wrote in a thread',
});
export const messageChanged = defineEvent({
  id: 'tickets.item.message-changed',
  payload: MessageFacts,
  customerPayload: MessageFacts,
  summary: 'A message was edited, deleted, delivered or bounced',
});

export const listMessages = defineOperation({
  id: 'tickets.messages.list',
  http: 'GET /items/:id/messages',
  permission: 'item.view',
  input: ListMessages,
  output: MessagePage,
  errors: [itemNotFound, badFilter],
  summary: 'The conversation, oldest first; internal threads only for users',
});
export const addMessage = defineOperation({
  id: 'tickets.messages.add',
  http: 'POST /items/:id/messages',
  permission: 'item.view',
  input: AddMessage,
  output: Message,
  status: 201,
  errors: [itemNotFound, messageNotFound, emptyMessage, noRecipient, replyNotAllowed, statusNotFound],
  emits: [messageAdded],
  summary: 'Reply to the customer, or write an internal note',
});
export const editMessage = defineOperation({
  id: 'tickets.messages.edit',
  http: 'PATCH /items/:id/messages/:messageId',
  permission: 'item.view',
  input: EditMessage,
  output: Message,
  errors: [messageNotFound],
  emits: [messageChanged],
  summary: 'Change the wording; the earlier one is kept',
});
export const deleteMessage = defineOperation({
  id: 'tickets.messages.delete',
  http: 'DELETE /items/:id/messages/:messageId',
  permission: 'item.view',
  input: ByMessage,
  output: Message,
  errors: [messageNotFound],
  emits: [messageChanged],
  summary: 'Take a message out of the conversation; its history keeps it',
});
export const listRevisions = defineOperation({
  id: 'tickets.messages.revisions',
  http: 'GET /items/:id/messages/:messageId/revisions',
  permission: 'message.edit',
  input: ByMessage,
  output: MessageRevisionList,
  errors: [messageNotFound],
  summary: 'Earlier wordings',
});
export const splitOff = defineOperation({
  id: 'tickets.messages.split-off',
  http: 'POST /items/:id/messages/:messageId/split-off',
  permission: 'item.edit',
  input: ByMessage,
  output: ItemDetails,
  status: 201,
  errors: [messageNotFound],
  summary: 'Make an item of its own from a message; the two stay linked',
});
export const confirmSender = defineOperation({
  id: 'tickets.messages.confirm-sender',
  http: 'POST /items/:id/messages/:messageId/confirm-sender',
  permission: 'item.edit',
  input: ByMessage,
  output: Message,
  errors: [messageNotFound],
  emits: [messageChanged],
  summary: 'The new sender belongs here: they follow the item from now on',
});
