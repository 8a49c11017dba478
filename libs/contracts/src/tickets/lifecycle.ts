import {
  apps,
  Choice,
  defineError,
  defineEvent,
  Flag,
  Id,
  Integer,
  Nested,
  Nothing,
  Text,
  type App,
} from '@sportello/kernel';
import { defineJob, defineOperation } from '../define.js';
import { nameTaken } from '../shared.js';

/** The three states that every status is one of. "Open" means not finished. */
export const states = ['not-started', 'in-progress', 'finished'] as const;
export type State = (typeof states)[number];

export const statusColors = [
  'gray',
  'blue',
  'cyan',
  'teal',
  'green',
  'yellow',
  'orange',
  'red',
  'pink',
  'violet',
] as const;
export type StatusColor = (typeof statusColors)[number];

/** What can move an item to a status by itself: a row of the type, not a branch in the code. */
export const moveTriggers = ['customer-reply', 'agent-reply', 'reply-after-finish'] as const;
export type MoveTrigger = (typeof moveTriggers)[number];

/** A status of an item type. */
export class Status {
  @Id() id!: string;
  @Text({ max: 60 }) name!: string;
  @Text({ max: 60, description: 'What customers read' }) customerName!: string;
  @Choice(statusColors) color!: StatusColor;
  @Choice(states) state!: State;
  @Integer() position!: number;
}

/** On this trigger, to that status; null leaves the item where it is. */
export class Move {
  @Choice(moveTriggers) on!: MoveTrigger;
  @Id({ nullable: true }) statusId!: string | null;
}

/** A type of item: ticket, and whatever a workspace adds. */
export class ItemType {
  @Id() id!: string;
  @Text({ max: 30, description: 'Stable word for the API: "ticket"' }) key!: string;
  @Choice(apps, { description: 'Off: its items leave lists and are read only' }) app!: App;
  @Text({ max: 60 }) name!: string;
  @Text({ max: 60 }) pluralName!: string;
  @Text({ max: 40, description: 'Name of the icon' }) icon!: string;
  @Flag({ description: 'Whether what a user creates is visible to customers' }) publishedByDefault!: boolean;
  @Flag() hidden!: boolean;
  @Nested(() => Status, { many: 50 }) statuses!: Status[];
  @Nested(() => Move, { many: 3 }) moves!: Move[];
  @Integer() version!: number;
}

export class ItemTypeList {
  @Nested(() => ItemType, { many: 100 }) data!: ItemType[];
}

export class ChangeItemType {
  @Id() id!: string;
  @Text({ min: 1, max: 60, optional: true }) name?: string;
  @Text({ min: 1, max: 60, optional: true }) pluralName?: string;
  @Flag({ optional: true }) publishedByDefault?: boolean;
  @Flag({ optional: true }) hidden?: boolean;
  @Nested(() => Move, { many: 3, optional: true }) moves?: Move[];
}

export class AddStatus {
  @Id() id!: string;
  @Text({ min: 1, max: 60 }) name!: string;
  @Text({ min: 1, max: 60, optional: true, description: 'The name when absent' }) customerName?: string;
  @Choice(statusColors) color!: StatusColor;
  @Choice(states) state!: State;
}

export class ChangeStatus {
  @Id() id!: string;
  @Id() statusId!: string;
  @Text({ min: 1, max: 60, optional: true }) name?: string;
  @Text({ min: 1, max: 60, optional: true }) customerName?: string;
  @Choice(statusColors, { optional: true }) color?: StatusColor;
  @Integer({ max: 49, optional: true }) position?: number;
}

export class SetStatusState {
  @Id() id!: string;
  @Id() statusId!: string;
  @Choice(states) state!: State;
}

export class RemoveStatus {
  @Id() id!: string;
  @Id() statusId!: string;
  @Id({ optional: true, description: 'Where its items go; needed when it has any' }) successorId?: string;
}

export const statusNotFound = defineError({
  code: 'status_not_found',
  status: 422,
  message: 'This type has no such status.',
});
export const statusInUse = defineError({
  code: 'status_in_use',
  status: 409,
  message: 'Some have this status. Name the status that they get instead.',
});
export const stateNeeded = defineError({
  code: 'state_needed',
  status: 409,
  message: 'A type needs at least one status that is not finished and one that is.',
});

/** A type as copies and open browsers get it. */
export const itemTypeChanged = defineEvent({
  id: 'tickets.type.changed',
  payload: ItemType,
  customerPayload: ItemType,
  summary: 'A type, a status or a default move changed',
});

export const listItemTypes = defineOperation({
  id: 'tickets.types.list',
  http: 'GET /types',
  permission: 'type.view',
  input: Nothing,
  output: ItemTypeList,
  summary: 'Item types with their statuses and default moves',
});
export const changeItemType = defineOperation({
  id: 'tickets.types.change',
  http: 'PATCH /types/:id',
  permission: 'type.manage',
  input: ChangeItemType,
  output: ItemType,
  errors: [nameTaken, statusNotFound],
  emits: [itemTypeChanged],
  summary: 'Rename a type, hide it, or set its default moves',
});
export const addStatus = defineOperation({
  id: 'tickets.types.add-status',
  http: 'POST /types/:id/statuses',
  permission: 'type.manage',
  input: AddStatus,
  output: ItemType,
  status: 201,
  errors: [nameTaken],
  emits: [itemTypeChanged],
  summary: 'Add a status to a type',
});
export const changeStatus = defineOperation({
  id: 'tickets.types.change-status',
  http: 'PATCH /types/:id/statuses/:statusId',
  permission: 'type.manage',
  input: ChangeStatus,
  output: ItemType,
  errors: [nameTaken, statusNotFound],
  emits: [itemTypeChanged],
  summary: 'Change a status: names, colour, place',
});
export const setStatusState = defineJob({
  id: 'tickets.types.set-status-state',
  http: 'PUT /types/:id/statuses/:statusId/state',
  permission: 'type.manage',
  input: SetStatusState,
  errors: [statusNotFound, stateNeeded],
  emits: [itemTypeChanged],
  undo: false,
  // Half-way, some would be open and others finished with the same status.
  cancel: false,
  summary: 'Give a status another state, and its items with it',
});
export const removeStatus = defineJob({
  id: 'tickets.types.remove-status',
  http: 'DELETE /types/:id/statuses/:statusId',
  permission: 'type.manage',
  input: RemoveStatus,
  errors: [statusNotFound, statusInUse, stateNeeded],
  emits: [itemTypeChanged],
  undo: false,
  summary: 'Remove a status; its items go to the successor that is named',
});
