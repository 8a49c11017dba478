import { LockMode } from '@mikro-orm/postgresql';
import {
  moveTriggers,
  removeStatus,
  statusInUse,
  statusNotFound,
  typeNotFound,
  type RemoveStatus,
} from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { Runs, type ChunkAnswer, type Context, type JobHandler, type Place } from '@sportello/service';
import { logActivity } from '../item/activity.entity.js';
import { Item } from '../item/item.entity.js';
import { ItemType, type Status } from './lifecycle.entity.js';
import { statusesOf } from './lifecycle.queries.js';

/** Removes a status. From the beginning nothing new comes into it; once its last item has moved, it is gone. */
@Runs(removeStatus)
export class RemoveStatusJob implements JobHandler<RemoveStatus> {
  async begin({ id, statusId, successorId }: RemoveStatus, ctx: Context): Promise<number> {
    const type = await ctx.load(ItemType, id, typeNotFound);
    const statuses = await statusesOf(ctx, id);
    const status = statuses.find((each) => each.id === statusId);
    const successor = statuses.find((each) => each.id === successorId && each !== status && !each.successorId);
    if (!status || (successorId && !successor)) throw new Refusal(statusNotFound);
    const items = await ctx.em.count(Item, { workspaceId: ctx.workspaceId, statusId });
    if (items && !successor) throw new Refusal(statusInUse);
    type.keepsBothKinds(statuses.filter((each) => each !== status));
    status.successorId = successor?.id ?? null;
    for (const on of moveTriggers)
      if (type.moveOn(on) === statusId) type.setMoves([{ on, statusId: successor?.id ?? null }], statuses);
    return items;
  }

  async chunk({ id, statusId, successorId }: RemoveStatus, { size }: Place, ctx: Context): Promise<ChunkAnswer> {
    const type = await ctx.load(ItemType, id, typeNotFound);
    const statuses = await statusesOf(ctx, id);
    const [status, successor] = [statusId, successorId].map((one) => statuses.find((each) => each.id === one));
    if (!status) throw new Refusal(statusNotFound);
    const moved = successor ? await moveItems(ctx, status, successor, size) : [];
    const ends = moved.length < size;
    if (ends) {
      const left = statuses.filter((each) => each !== status);
      left.forEach((each, index) => (each.position = index));
      ctx.em.remove(status);
      type.changed(left);
    }
    return { rows: moved.map((itemId) => ({ id: itemId, outcome: 'done', code: null })), ends };
  }
}

/**
 * Gives items another status, or the same one's other state. Nobody's request made progress: the team tidied its lifecycle, so no customer is told.
 * @param most all of them when absent
 * @returns which
 */
export async function moveItems(ctx: Context, from: Status, to: Status, most?: number): Promise<string[]> {
  const where = { workspaceId: ctx.workspaceId, statusId: from.id };
  const items = await ctx.em.find(Item, where, {
    lockMode: LockMode.PESSIMISTIC_WRITE,
    orderBy: { id: 'asc' },
    ...(most && { limit: most }),
  });
  for (const item of items)
    logActivity(ctx, item, item.change({ status: { id: to.id, state: to.state } }, ctx.now, false));
  return items.map(({ id }) => id);
}
