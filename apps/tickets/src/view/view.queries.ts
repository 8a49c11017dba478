import { type View } from '@sportello/contracts';
import { countRows, listIds } from '@sportello/listing';
import { type Context } from '@sportello/service';
import { askItems, shippedViews, unreadBy } from '../item/item-list.queries.js';

/** The views with how many items each has for whoever asks, and whether something in it is new to them. */
export async function readViews(ctx: Context): Promise<View[]> {
  const data: View[] = [];
  for (const [id, { filter, sort }] of Object.entries(shippedViews)) {
    const { list, request } = await askItems(ctx, { filter });
    const count = await countRows(ctx.db<never>(), list, request);
    const { ids: unread } = await listIds(ctx.db<never>(), list, {
      ...request,
      sort,
      also: [...(request.also ?? []), unreadBy(ctx.person)],
      limit: 1,
    });
    data.push({ id, group: 'tickets' as const, filter, sort, count, unread: unread.length > 0 });
  }
  return data;
}
