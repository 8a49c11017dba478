import { type Context } from '@sportello/service';

interface Tables {
  status: { workspace_id: string; id: string; customer_name: string; seq: number };
}

/** Keeps the customers' words for the statuses of a type. */
export async function keepStatuses(
  ctx: Context,
  statuses: readonly { id: string; customerName: string }[],
  seq: number,
): Promise<void> {
  for (const { id, customerName } of statuses) {
    const copy = { customer_name: customerName, seq };
    await ctx
      .db<Tables>()
      .insertInto('status')
      .values({ workspace_id: ctx.workspaceId, id, ...copy })
      .onConflict((conflict) =>
        conflict.columns(['workspace_id', 'id']).doUpdateSet(copy).where('status.seq', '<', seq),
      )
      .execute();
  }
}

/** What customers read for each status. */
export async function customerNameOf(ctx: Context, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await ctx
    .db<Tables>()
    .selectFrom('status')
    .select(['id', 'customer_name'])
    .where('workspace_id', '=', ctx.workspaceId)
    .where('id', 'in', [...ids])
    .execute();
  return new Map(rows.map((row) => [row.id, row.customer_name]));
}
