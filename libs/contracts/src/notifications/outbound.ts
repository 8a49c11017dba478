import {
  Choice,
  defineError,
  defineEvent,
  EmailAddress,
  Flag,
  Id,
  Instant,
  Nested,
  Nothing,
  Text,
} from '@sportello/kernel';
import { defineOperation } from '../define.js';
import { languages, type Language } from '../shared.js';
import { deliveryStates, itemNotFound, type DeliveryState } from '../tickets/index.js';

/** Mails that the product writes by itself to customers. Each can be switched off and worded per language. */
export const customerMails = ['acknowledgement', 'status-changed', 'finished', 'reopened'] as const;
export type CustomerMail = (typeof customerMails)[number];

export class MailTemplate {
  @Choice(customerMails) mail!: CustomerMail;
  @Choice(languages) language!: Language;
  @Text({ max: 300 }) subject!: string;
  @Text({ max: 20_000, description: 'Liquid; see docs/operations.md for what it may name' }) body!: string;
  @Flag({ description: 'False: the shipped wording' }) changed!: boolean;
}

export class CustomerMailSwitch {
  @Choice(customerMails) mail!: CustomerMail;
  @Flag() on!: boolean;
}

export class MailTemplates {
  @Nested(() => CustomerMailSwitch, { many: 20 }) switches!: CustomerMailSwitch[];
  @Nested(() => MailTemplate, { many: 60 }) templates!: MailTemplate[];
}

export class SetMailTemplate {
  @Choice(customerMails) mail!: CustomerMail;
  @Choice(languages) language!: Language;
  @Text({ min: 1, max: 300, nullable: true, description: 'Null with a null body: back to the shipped wording' })
  subject!: string | null;
  @Text({ min: 1, max: 20_000, nullable: true }) body!: string | null;
}

export const badTemplate = defineError({ code: 'bad_template', status: 422, message: 'The template cannot be read.' });

/** How a mail of a message went, for tickets to show on it. */
export class DeliveryFacts {
  @Id() id!: string;
  @Id() itemId!: string;
  @Id({ nullable: true }) messageId!: string | null;
  @EmailAddress() address!: string;
  @Choice(deliveryStates) state!: DeliveryState;
  @Text({ max: 1000, nullable: true }) detail!: string | null;
  @Instant() at!: Date;
}

export const deliveryChanged = defineEvent({
  id: 'notifications.delivery.changed',
  payload: DeliveryFacts,
  summary: 'A mail of ours was sent, deferred, refused or came back',
});

/** A bounce or report that mail-ingest read. */
export class ReportBounce {
  @Text({ max: 200, nullable: true, description: 'Secret of the bounce address, where it came to one' }) token!:
    string | null;
  @Text({ max: 998, nullable: true }) originalMessageId!: string | null;
  @EmailAddress({ nullable: true }) recipient!: string | null;
  @Text({ max: 20, nullable: true }) status!: string | null;
  @Flag() hard!: boolean;
  @Text({ max: 1000 }) diagnostic!: string;
}

export class BounceMatched {
  @Flag({ description: 'A message of ours was found' }) matched!: boolean;
}

export class RetryDelivery {
  @Id() id!: string;
  @Id() messageId!: string;
}

export const getMailTemplates = defineOperation({
  id: 'notifications.templates.get',
  http: 'GET /mail/templates',
  permission: 'mail.manage',
  input: Nothing,
  output: MailTemplates,
  summary: 'Mails the product writes by itself: switches and wording',
});
export const setMailTemplate = defineOperation({
  id: 'notifications.templates.set',
  http: 'PUT /mail/templates',
  permission: 'mail.manage',
  input: SetMailTemplate,
  output: MailTemplates,
  errors: [badTemplate],
  summary: 'Word a mail in one language',
});
export const setCustomerMailSwitch = defineOperation({
  id: 'notifications.templates.switch',
  http: 'PUT /mail/switches',
  permission: 'mail.manage',
  input: CustomerMailSwitch,
  output: MailTemplates,
  summary: 'Switch a mail on or off',
});
export const retryDelivery = defineOperation({
  id: 'notifications.deliveries.retry',
  http: 'POST /items/:id/messages/:messageId/retry',
  permission: 'message.reply',
  input: RetryDelivery,
  output: Nothing,
  errors: [itemNotFound],
  summary: 'Send again what could not be delivered',
});
export const reportBounce = defineOperation({
  id: 'notifications.bounces.report',
  http: null,
  permission: 'service.only',
  callers: ['mail-ingest'],
  input: ReportBounce,
  output: BounceMatched,
  emits: [deliveryChanged],
  summary: 'Mark the message whose mail came back',
});
