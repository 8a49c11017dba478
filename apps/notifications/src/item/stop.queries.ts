import { LockMode } from '@mikro-orm/postgresql';
import { type AccessFacts } from '@sportello/permissions';
import { type Context } from '@sportello/service';
import { OutboundMail } from '../outbound/outbound.entity.js';

interface Tables {
  stopped_mail: { workspace_id: string; item_id: string; person_id: string; at: Date };
}

/** Who wants no more mail about an item. */
export async function stoppedOf(ctx: Context, itemId: string): Promise<Set<string>> {
  const rows = await ctx
    .db<Tables>()
    .selectFrom('stopped_mail')
    .select('person_id')
    .where('workspace_id', '=', ctx.workspaceId)
    .where('item_id', '=', itemId)
    .execute();
  return new Set(rows.map(({ person_id: id }) => id));
}

/** From now on, and what waits to be sent as well. */
export async function stopFor(ctx: Context, itemId: string, personId: string): Promise<void> {
  const { workspaceId, now: at } = ctx;
  await ctx
    .db<Tables>()
    .insertInto('stopped_mail')
    .values({ workspace_id: workspaceId, item_id: itemId, person_id: personId, at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const waiting = { workspaceId, itemId, state: { $in: ['queued' as const, 'deferred' as const] } };
  const theirs = { $or: [{ userId: personId }, { followerId: personId }] };
  const mails = await ctx.em.find(OutboundMail, { ...waiting, ...theirs }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  for (const mail of mails) mail.dropped('They want no more mail about this.', at);
}

/** Who begins to follow, or is assigned anew, wants to know again. */
export async function beginAgain(
  ctx: Context,
  itemId: string,
  was: AccessFacts | null,
  is: AccessFacts | null,
): Promise<void> {
  const assigned = (is?.assignedUserIds ?? []).filter((id) => !was?.assignedUserIds.includes(id));
  const following = (is?.followers ?? []).filter(({ id }) => !was?.followers.some((follower) => follower.id === id));
  const anew = [...assigned, ...following.map(({ id }) => id)];
  if (!anew.length) return;
  await ctx
    .db<Tables>()
    .deleteFrom('stopped_mail')
    .where('workspace_id', '=', ctx.workspaceId)
    .where('item_id', '=', itemId)
    .where('person_id', 'in', anew)
    .execute();
}
