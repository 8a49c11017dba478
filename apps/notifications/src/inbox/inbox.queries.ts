import {
  notificationReasons,
  type ListNotifications,
  type Notification as NotificationDto,
  type NotificationPreference,
  type NotificationReason,
} from '@sportello/contracts';
import { holds, where, type AccessFacts } from '@sportello/permissions';
import { type Context } from '@sportello/service';
import { peopleOf } from '../directory/directory.queries.js';

interface Tables {
  notification: {
    workspace_id: string;
    id: string;
    user_id: string;
    reason: NotificationReason;
    item_id: string;
    also_item_ids: string[];
    message_id: string | null;
    actor_kind: 'user' | 'customer' | null;
    actor_id: string | null;
    excerpt: string;
    at: Date;
    read: boolean;
  };
  item: { workspace_id: string; id: string; number: number; title: string; deleted: boolean; facts: AccessFacts };
  preference: { workspace_id: string; user_id: string; reason: NotificationReason; mail: boolean; app: boolean };
}

/** More unread ones are shown as "1,000+". */
const mostCounted = 1001;

/** A user's notifications, newest first, of items that they may still see. A page whose items were taken away is shorter. */
export async function readInbox(ctx: Context, { cursor, limit = 50, unreadOnly = false }: ListNotifications) {
  const mine = ctx
    .db<Tables>()
    .selectFrom('notification as n')
    .innerJoin('item as i', (join) =>
      join.onRef('i.workspace_id', '=', 'n.workspace_id').onRef('i.id', '=', 'n.item_id'),
    )
    .where('n.workspace_id', '=', ctx.workspaceId)
    .where('n.user_id', '=', ctx.person?.id ?? '')
    .orderBy('n.id', 'desc');
  const rows = await mine
    .select([
      'n.id',
      'n.reason',
      'n.item_id',
      'n.also_item_ids',
      'n.message_id',
      'n.actor_kind',
      'n.actor_id',
      'n.excerpt',
      'n.at',
      'n.read',
    ])
    .select(['i.number', 'i.title', 'i.facts', 'i.deleted'])
    .$if(cursor !== undefined && /^[0-9a-f-]{36}$/.test(cursor), (query) => query.where('n.id', '<', cursor as string))
    .$if(unreadOnly, (query) => query.where('n.read', '=', false))
    .limit(limit + 1)
    .execute();
  const unread = await mine.select(['i.facts', 'i.deleted']).where('n.read', '=', false).limit(mostCounted).execute();
  const condition = where(ctx.actor, 'item.view', await ctx.sight());
  const seen = ({ facts, deleted }: { facts: AccessFacts; deleted: boolean }) => !deleted && holds(condition, facts);
  const page = rows.slice(0, limit);
  const people = await peopleOf(
    ctx,
    page.map(({ actor_kind: kind, actor_id: id }) => (kind && id ? { kind, id } : null)),
  );
  const data: NotificationDto[] = page.filter(seen).map((row) => {
    const { actor_kind: kind, actor_id: id } = row;
    const person = id ? people.get(id) : undefined;
    return {
      ...{ id: row.id, reason: row.reason, excerpt: row.excerpt, at: row.at, read: row.read, title: row.title },
      itemId: row.item_id,
      itemNumber: row.number,
      others: row.also_item_ids.length,
      messageId: row.message_id,
      actor: kind && id ? { kind, id, name: person?.name ?? '', email: person?.email ?? null } : null,
    };
  });
  const nextCursor = rows.length > limit ? (page.at(-1)?.id ?? null) : null;
  return { data, nextCursor, unread: unread.filter(seen).length };
}

/** How each of these users wants to be told for a reason: by mail and in the app, unless they said otherwise. */
export async function preferencesOf(
  ctx: Pick<Context, 'workspaceId' | 'db'>,
  userIds: readonly string[],
): Promise<(userId: string, reason: NotificationReason) => { mail: boolean; app: boolean }> {
  const rows = userIds.length
    ? await ctx
        .db<Tables>()
        .selectFrom('preference')
        .selectAll()
        .where('workspace_id', '=', ctx.workspaceId)
        .where('user_id', 'in', [...userIds])
        .execute()
    : [];
  return (userId, reason) =>
    rows.find((row) => row.user_id === userId && row.reason === reason) ?? { mail: true, app: true };
}

/** One user's, for every reason. */
export async function readPreferences(ctx: Context): Promise<{ data: NotificationPreference[] }> {
  const userId = ctx.person?.id ?? '';
  const of = await preferencesOf(ctx, [userId]);
  return {
    data: notificationReasons.map((reason) => {
      const { mail, app } = of(userId, reason);
      return { reason, mail, app };
    }),
  };
}

export async function writePreferences(ctx: Context, data: readonly NotificationPreference[]): Promise<void> {
  for (const { reason, mail, app } of data) {
    await ctx
      .db<Tables>()
      .insertInto('preference')
      .values({ workspace_id: ctx.workspaceId, user_id: ctx.person?.id ?? '', reason, mail, app })
      .onConflict((conflict) => conflict.columns(['workspace_id', 'user_id', 'reason']).doUpdateSet({ mail, app }))
      .execute();
  }
}

export async function markRead(ctx: Context, read: boolean, ids?: readonly string[]): Promise<void> {
  if (ids && !ids.length) return;
  await ctx
    .db<Tables>()
    .updateTable('notification')
    .set({ read })
    .where('workspace_id', '=', ctx.workspaceId)
    .where('user_id', '=', ctx.person?.id ?? '')
    .where('read', '=', !read)
    .$if(ids !== undefined, (query) => query.where('id', 'in', [...(ids as readonly string[])]))
    .execute();
}
