import {
  apps,
  Choice,
  defineError,
  defineEvent,
  Flag,
  Id,
  Instant,
  Integer,
  Json,
  Nested,
  Text,
  type App,
} from '@sportello/kernel';
import { type Permission } from '@sportello/permissions';
import { defineJob, defineOperation } from '../define.js';
import { ById, ListInput, MailboxDto, NamedRef, notFound, Person, PersonRefDto, pageOf } from '../shared.js';
import { states, statusColors, statusNotFound, type State, type StatusColor } from './lifecycle.js';

/** An item's type, as much as a list shows. */
export class ItemTypeRef {
  @Id() id!: string;
  @Text({ max: 30 }) key!: string;
  @Text({ max: 60 }) name!: string;
  @Text({ max: 40 }) icon!: string;
}

export class StatusRef {
  @Id() id!: string;
  @Text({ max: 60 }) name!: string;
  @Text({ max: 60 }) customerName!: string;
  @Choice(states) state!: State;
  @Choice(statusColors) color!: StatusColor;
}

/** A user or team that works on it. */
export class Assignee {
  @Choice(['user', 'team']) kind!: 'user' | 'team';
  @Id() id!: string;
  @Text({ max: 200 }) name!: string;
}

export class AssigneeRef {
  @Choice(['user', 'team']) kind!: 'user' | 'team';
  @Id() id!: string;
}

/** The second line of the inbox. */
export class LastMessage {
  @Id() id!: string;
  @Text({ max: 200 }) author!: string;
  @Choice(['customer', 'internal']) thread!: 'customer' | 'internal';
  @Text({ max: 200 }) excerpt!: string;
  @Instant() at!: Date;
}

/** A link between two items. */
export class ItemLink {
  @Id() id!: string;
  @Integer() number!: number;
  @Text({ max: 1000 }) title!: string;
  @Choice(['maybe-same', 'follow-up', 'split-off', 'related']) relation!:
    'maybe-same' | 'follow-up' | 'split-off' | 'related';
}

/** Priorities: 0 none, 1 low, 2 normal, 3 high, 4 very high, 5 urgent. */
export type Priority = 0 | 1 | 2 | 3 | 4 | 5;

/** A ticket, a task, a piece of feedback: everything people work on. */
export class Item {
  @Id() id!: string;
  @Integer() number!: number;
  @Nested(() => ItemTypeRef) type!: ItemTypeRef;
  @Text({ max: 1000 }) title!: string;
  @Nested(() => StatusRef) status!: StatusRef;
  @Integer({ max: 5 }) priority!: number;
  @Nested(() => Person, { nullable: true }) requester!: Person | null;
  @Nested(() => NamedRef, { nullable: true }) organization!: NamedRef | null;
  @Nested(() => Assignee, { many: 50 }) assignees!: Assignee[];
  @Text({ max: 60, many: 50 }) tags!: string[];
  @Flag({ description: 'Visible to customers' }) published!: boolean;
  @Id() projectId!: string;
  @Instant({ nullable: true }) dueAt!: Date | null;
  @Instant() createdAt!: Date;
  @Instant() updatedAt!: Date;
  @Instant({ nullable: true }) finishedAt!: Date | null;
  @Nested(() => LastMessage, { nullable: true }) lastMessage!: LastMessage | null;
  @Flag({ description: 'Something in it is new to me' }) unread!: boolean;
  @Integer({ description: 'Rises with every change; the ETag' }) version!: number;
  @Text({ max: 40, many: 30, description: 'What I may do with it' }) can!: Permission[];
}

/** Whom a reply goes to: the requester, and followers of the same organization in Cc. */
export class DefaultRecipients {
  @Nested(() => MailboxDto, { many: 200 }) to!: MailboxDto[];
  @Nested(() => MailboxDto, { many: 200 }) cc!: MailboxDto[];
}

/** One item with what its panel shows beside the list's fields. */
export class ItemDetails extends Item {
  @Nested(() => Person, { many: 500 }) followers!: Person[];
  @Nested(() => ItemLink, { many: 100 }) links!: ItemLink[];
  @Flag({ description: 'I follow it' }) following!: boolean;
  @Id({ nullable: true, description: 'The last message that I have seen' }) seenMessageId!: string | null;
  @Nested(() => DefaultRecipients, { description: 'Whom a reply goes to unless the composer says otherwise' })
  defaultRecipients!: DefaultRecipients;
}

export class ItemPage extends pageOf(Item) {
  @Integer({ description: 'How many match, exact to 1,000; 1,001 means more' }) count!: number;
}

/** One item or its number: `GET /items/1042` and `GET /items/0193…`. */
export class ByIdOrNumber {
  @Text({ min: 1, max: 36, pattern: /^(\d{1,10}|[0-9a-f-]{36})$/ }) id!: string;
}

/**
 * A filter: `{ all: [...] }`, `{ any: [...] }` or `{ field, is | not | before | after, … }`; see docs/api/filters.md.
 * `sort` is a field, `-` before it for falling order.
 */
export class ListItems extends ListInput {
  @Json({ optional: true }) filter?: object;
  @Text({ max: 40, optional: true, description: '-updatedAt when absent' }) sort?: string;
  @Text({ max: 200, optional: true, description: 'Words in titles and messages' }) text?: string;
  @Text({ max: 60, optional: true, description: 'A view: its filter, and its sort when none is given' }) view?: string;
}

export class CreateItem {
  @Text({ min: 1, max: 1000 }) title!: string;
  @Text({ max: 30, optional: true, description: '"ticket" when absent' }) type?: string;
  @Nested(() => PersonRefDto, { optional: true, description: 'Me when absent' }) requester?: PersonRefDto;
  @Id({ optional: true, description: '"Support" when absent' }) projectId?: string;
  @Integer({ max: 5, optional: true }) priority?: number;
  @Nested(() => AssigneeRef, { many: 50, optional: true }) assignees?: AssigneeRef[];
  @Text({ min: 1, max: 60, many: 50, optional: true }) tags?: string[];
  @Flag({ optional: true }) published?: boolean;
  @Text({ max: 1_000_000, optional: true, description: 'The first message' }) html?: string;
  @Choice(['customer', 'internal'], {
    optional: true,
    description: 'The thread of the first message: customer when absent',
  })
  thread?: 'customer' | 'internal';
  @Id({ many: 50, optional: true }) attachments?: string[];
}

export class ChangeItem {
  @Id() id!: string;
  @Text({ min: 1, max: 1000, optional: true }) title?: string;
  @Id({ optional: true }) statusId?: string;
  @Integer({ max: 5, optional: true }) priority?: number;
  @Nested(() => AssigneeRef, { many: 50, optional: true }) assignees?: AssigneeRef[];
  @Text({ min: 1, max: 60, many: 50, optional: true }) tags?: string[];
  @Flag({ optional: true }) published?: boolean;
  @Nested(() => PersonRefDto, { optional: true }) requester?: PersonRefDto;
  @Instant({ optional: true, nullable: true }) dueAt?: string | null;
  @Nested(() => PersonRefDto, { many: 200, optional: true }) followers?: PersonRefDto[];
}

/** The same change to many. */
export class ChangeItems {
  @Id({ many: 1000 }) ids!: string[];
  @Choice(states, { optional: true, description: 'The first status of this state of each type' }) state?: State;
  @Id({ optional: true }) statusId?: string;
  @Integer({ max: 5, optional: true }) priority?: number;
  @Nested(() => AssigneeRef, { many: 50, optional: true }) assignees?: AssigneeRef[];
  @Text({ min: 1, max: 60, many: 50, optional: true }) addTags?: string[];
  @Text({ min: 1, max: 60, many: 50, optional: true }) removeTags?: string[];
  @Flag({ optional: true }) published?: boolean;
}

/** A line of the activity log. */
export class Activity {
  @Id() id!: string;
  @Instant() at!: Date;
  @Nested(() => Person, { nullable: true, description: 'Null: the product itself' }) actor!: Person | null;
  @Text({ max: 40, description: 'What happened: created, status, assignees, …' }) what!: string;
  @Json({ nullable: true }) before!: object | null;
  @Json({ nullable: true }) after!: object | null;
}

export class ActivityPage extends pageOf(Activity) {}

export class ListActivity extends ListInput {
  @Id() id!: string;
}

export class MarkSeen {
  @Id() id!: string;
  @Id({ nullable: true, description: 'The last message that was seen; null marks it unread' }) messageId!:
    string | null;
}

export class Follow {
  @Id() id!: string;
  @Flag() following!: boolean;
}

export const messageNotFound = defineError({
  code: 'message_not_found',
  status: 404,
  message: 'There is no such message, or you may not see it.',
});
export const itemNotFound = defineError({ ...notFound, message: 'There is no such item, or you may not see it.' });
export const typeNotFound = defineError({
  code: 'type_not_found',
  status: 422,
  message: 'There is no such item type.',
});
export const personNotFound = defineError({
  code: 'person_not_found',
  status: 422,
  message: 'There is no such person here.',
});
export const projectNotFound = defineError({
  code: 'project_not_found',
  status: 422,
  message: 'There is no such project, or you may not see it.',
});
/** Tags of one item. */
export const mostTags = 50;
export const tooManyTags = defineError({
  code: 'too_many_tags',
  status: 422,
  message: `An item has at most ${mostTags} tags. Take some away first.`,
});
export const badFilter = defineError({
  code: 'bad_filter',
  status: 400,
  message: 'The filter or sort is not one this list knows.',
});

/** Changes of an item that its requester may hear of by mail. */
export const announcements = ['status-changed', 'finished', 'reopened'] as const;
export type Announcement = (typeof announcements)[number];

/** An item as events carry it. */
export class ItemFacts {
  @Id() id!: string;
  @Integer() number!: number;
  @Id() typeId!: string;
  @Text({ max: 1000 }) title!: string;
  @Id() statusId!: string;
  @Choice(states) state!: State;
  @Integer() priority!: number;
  @Nested(() => PersonRefDto, { nullable: true }) requester!: PersonRefDto | null;
  @Nested(() => AssigneeRef, { many: 50 }) assignees!: AssigneeRef[];
  @Nested(() => PersonRefDto, { many: 500 }) followers!: PersonRefDto[];
  @Text({ max: 60, many: 50 }) tags!: string[];
  @Flag() published!: boolean;
  @Id() projectId!: string;
  @Choice(apps, { description: "Its type's" }) app!: App;
  @Choice(announcements, {
    nullable: true,
    description: 'What the requester should hear of by mail; null: nothing, or a reply tells it',
  })
  announce!: Announcement | null;
}

/** An item as customers' events carry it. */
export class ItemForCustomer {
  @Id() id!: string;
  @Integer() number!: number;
  @Text({ max: 1000 }) title!: string;
  @Id() statusId!: string;
}

export const itemCreated = defineEvent({
  id: 'tickets.item.created',
  payload: ItemFacts,
  customerPayload: ItemForCustomer,
  summary: 'An item came to be, by mail, by hand or by API',
});
export const itemChanged = defineEvent({
  id: 'tickets.item.changed',
  payload: ItemFacts,
  customerPayload: ItemForCustomer,
  summary: 'Fields of an item changed; `changed` names them',
});
export const itemDeleted = defineEvent({
  id: 'tickets.item.deleted',
  payload: ItemFacts,
  customerPayload: ItemForCustomer,
  summary: 'An item was deleted',
});

export const listItems = defineOperation({
  id: 'tickets.items.list',
  http: 'GET /items',
  permission: 'item.view',
  input: ListItems,
  output: ItemPage,
  errors: [badFilter],
  summary: 'Items that I may see, filtered, sorted, by keyset',
});
export const getItem = defineOperation({
  id: 'tickets.items.get',
  http: 'GET /items/:id',
  permission: 'item.view',
  input: ByIdOrNumber,
  output: ItemDetails,
  errors: [itemNotFound],
  summary: 'One item, by id or number',
});
export const createItem = defineOperation({
  id: 'tickets.items.create',
  http: 'POST /items',
  permission: 'item.create',
  input: CreateItem,
  output: ItemDetails,
  status: 201,
  errors: [typeNotFound, personNotFound, projectNotFound],
  emits: [itemCreated],
  summary: 'Create an item, for oneself or for a customer, with its first message',
});
export const changeItem = defineOperation({
  id: 'tickets.items.change',
  http: 'PATCH /items/:id',
  permission: 'item.edit',
  input: ChangeItem,
  output: ItemDetails,
  errors: [itemNotFound, statusNotFound, personNotFound],
  emits: [itemChanged],
  summary: 'Change fields of an item',
});
export const changeItems = defineJob({
  id: 'tickets.items.change-many',
  http: 'POST /items/change',
  permission: 'item.edit',
  input: ChangeItems,
  errors: [personNotFound],
  emits: [itemChanged],
  undo: true,
  summary: 'Make the same change to up to 1,000 items; each answers for itself',
});
export const deleteItem = defineOperation({
  id: 'tickets.items.delete',
  http: 'DELETE /items/:id',
  permission: 'item.delete',
  input: ById,
  output: ItemFacts,
  errors: [itemNotFound],
  emits: [itemDeleted],
  summary: 'Delete an item; `restore` brings it back',
});
export const restoreItem = defineOperation({
  id: 'tickets.items.restore',
  http: 'POST /items/:id/restore',
  permission: 'item.delete',
  input: ById,
  output: ItemDetails,
  errors: [itemNotFound],
  emits: [itemChanged],
  summary: 'Bring a deleted item back',
});
export const listActivity = defineOperation({
  id: 'tickets.items.activity',
  http: 'GET /items/:id/activity',
  permission: 'item.view',
  input: ListActivity,
  output: ActivityPage,
  errors: [itemNotFound, badFilter],
  summary: 'What happened to an item, newest first',
});
export const markSeen = defineOperation({
  id: 'tickets.items.seen',
  http: 'PUT /items/:id/seen',
  permission: 'item.view',
  input: MarkSeen,
  output: ById,
  errors: [itemNotFound, messageNotFound],
  summary: 'Say how far I have read',
});
export const followItem = defineOperation({
  id: 'tickets.items.follow',
  http: 'PUT /items/:id/following',
  permission: 'item.follow',
  input: Follow,
  output: ItemDetails,
  errors: [itemNotFound],
  emits: [itemChanged],
  summary: 'Follow an item or stop',
});

export class ListTags {
  @Text({ max: 60, optional: true, description: 'How it begins' }) text?: string;
}

/** Tags in use, the most used first. */
export class TagList {
  @Text({ max: 60, many: 200 }) data!: string[];
}

export const listTags = defineOperation({
  id: 'tickets.items.tags',
  http: 'GET /tags',
  permission: 'item.view',
  input: ListTags,
  output: TagList,
  summary: 'Tags in use on items that I may see',
});
