import { Choice, Flag, Integer, Json, Nested, Nothing, Text } from '@sportello/kernel';
import { defineOperation } from '../define.js';

/** A shipped view: a named filter over items. */
export class View {
  @Text({ max: 60 }) id!: string;
  @Choice(['tickets']) group!: 'tickets';
  @Json() filter!: object;
  @Text({ max: 40 }) sort!: string;
  @Integer({ description: 'How many match, exact to 1,000; 1,001 means more' }) count!: number;
  @Flag({ description: 'Something in it is new to me' }) unread!: boolean;
}

export class ViewList {
  @Nested(() => View, { many: 200 }) data!: View[];
}

export const listViews = defineOperation({
  id: 'tickets.views.list',
  http: 'GET /views',
  permission: 'item.view',
  input: Nothing,
  output: ViewList,
  summary: 'Views with the number of items in each that I may see',
});
