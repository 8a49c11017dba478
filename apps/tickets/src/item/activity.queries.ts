import { type Activity } from '@sportello/contracts';
import { type Context } from '@sportello/service';
import { peopleOf, personFrom } from '../directory/directory.queries.js';

interface Tables {
  activity: {
    workspace_id: string;
    id: string;
    item_id: string;
    at: Date;
    actor_kind: 'user' | 'customer' | null;
    actor_id: string | null;
    what: string;
    before: object | null;
    after: object | null;
    internal: boolean;
  };
}

/** What a customer may know of: not who is on it, how it is tagged, or what became of others' messages. */
const forCustomers = ['created', 'title', 'status', 'published', 'restored'];

/** What happened to an item, newest first. Customers read what concerns them. */
export async function readActivity(
  ctx: Context,
  itemId: string,
  cursor: string | undefined,
  limit: number,
): Promise<{ data: Activity[]; nextCursor: string | null }> {
  let query = ctx
    .db<Tables>()
    .selectFrom('activity')
    .selectAll()
    .where('workspace_id', '=', ctx.workspaceId)
    .where('item_id', '=', itemId)
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (ctx.actor.kind === 'customer') query = query.where('internal', '=', false).where('what', 'in', forCustomers);
  if (cursor) query = query.where('id', '<', cursor);
  const rows = await query.execute();
  const page = rows.slice(0, limit);
  const actorOf = (row: Tables['activity']) =>
    row.actor_kind && row.actor_id ? { kind: row.actor_kind, id: row.actor_id } : null;
  const people = await peopleOf(ctx, page.map(actorOf));
  const data = page.map((row) => {
    const actor = actorOf(row);
    return {
      id: row.id,
      at: row.at,
      actor: actor && personFrom(people, actor),
      what: row.what,
      before: row.before,
      after: row.after,
    };
  });
  return { data, nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}
