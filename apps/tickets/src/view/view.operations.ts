import { Controller } from '@nestjs/common';
import { listViews } from '@sportello/contracts';
import { countRows } from '@sportello/listing';
import { Handles, type Context } from '@sportello/service';
import { sql } from 'kysely';
import { askItems, shippedViews } from '../item/item.queries.js';

@Controller()
export class ViewOperations {
  @Handles(listViews)
  async list(_input: object, ctx: Context) {
    const data = [];
    for (const [id, { filter, sort }] of Object.entries(shippedViews)) {
      const { list, request } = await askItems(ctx, { filter });
      const unread = sql<boolean>`i.last_message_id is not null and not exists (
        select from item_seen seen where seen.workspace_id = i.workspace_id and seen.item_id = i.id
           and seen.user_id = ${ctx.person?.id ?? null} and seen.message_id >= i.last_message_id)`;
      const count = await countRows(ctx.db<never>(), list, request);
      const isUnread =
        (await countRows(ctx.db<never>(), list, { ...request, also: [...(request.also ?? []), unread] })) > 0;
      data.push({ id, group: 'tickets' as const, filter, sort, count, unread: isUnread });
    }
    return { data };
  }
}
