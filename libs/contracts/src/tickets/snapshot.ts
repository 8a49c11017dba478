import { defineSnapshot } from '@sportello/kernel';
import { itemChanged } from './item.js';
import { itemTypeChanged } from './lifecycle.js';

export const snapshotItems = defineSnapshot(itemChanged, {
  id: 'tickets.items.snapshot',
  callers: ['notifications'],
  summary: 'All items of a workspace as they are now, deleted ones too',
});
export const snapshotTypes = defineSnapshot(itemTypeChanged, {
  id: 'tickets.types.snapshot',
  callers: ['notifications'],
  summary: 'All item types of a workspace with their statuses as they are now',
});
