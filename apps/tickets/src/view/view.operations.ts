import { Controller } from '@nestjs/common';
import { listViews } from '@sportello/contracts';
import { countRows, listIds } from '@sportello/listing';
import { Handles, type Context } from '@sportello/service';
import { askItems, shippedViews, unreadBy } from '../item/item-list.queries.js';

@Controller()
export class ViewOperations {
  @Handles(listViews)
  async list(_input: object, ctx: Context) {
    const data = [];
    for (const [id, { filter, sort }] of Object.entries(shippedViews)) {
      const { list, request } = await askItems(ctx, { filter });
      const count = await countRows(ctx.db<never>(), list, request);
      const { ids: unread } = await listIds(ctx.db<never>(), list, {
        ...request,
        sort,
        also: [unreadBy(ctx.person)],
        limit: 1,
      });
      data.push({ id, group: 'tickets' as const, filter, sort, count, unread: unread.length > 0 });
    }
    return { data };
  }
}
