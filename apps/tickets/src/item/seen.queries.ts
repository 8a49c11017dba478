import { type Context } from '@sportello/service';

interface Seen {
  workspace_id: string;
  user_id: string;
  item_id: string;
  message_id: string | null;
  seen_at: Date;
}

/** How far a user has read an item; null: nothing of it. Customers' reading is nobody's business. */
export async function rememberSeen(ctx: Context, itemId: string, messageId: string | null): Promise<void> {
  if (ctx.person?.kind !== 'user') return;
  const seen = { message_id: messageId, seen_at: ctx.now };
  await ctx
    .db<{ item_seen: Seen }>()
    .insertInto('item_seen')
    .values({ workspace_id: ctx.workspaceId, user_id: ctx.person.id, item_id: itemId, ...seen })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'user_id', 'item_id']).doUpdateSet(seen))
    .execute();
}
