import { LockMode } from '@mikro-orm/postgresql';
import {
  moveTriggers,
  removeStatus,
  setStatusState,
  statusInUse,
  statusNotFound,
  typeNotFound,
  type RemoveStatus,
  type SetStatusState,
} from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { Runs, type ChunkAnswer, type Context, type JobHandler, type Place, type RowAnswer } from '@sportello/service';
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
    return { rows: moved.map(asDone), ends };
  }

  /** It stays, then: with the items that had not moved yet, and to be chosen again. */
  async abandoned({ id, statusId }: RemoveStatus, ctx: Context): Promise<void> {
    const status = (await statusesOf(ctx, id)).find((each) => each.id === statusId);
    if (status) status.successorId = null;
  }
}

/** Gives a status another state. What comes into it meanwhile has that at once; the items that have it follow. */
@Runs(setStatusState)
export class SetStatusStateJob implements JobHandler<SetStatusState> {
  async begin({ id, statusId, state }: SetStatusState, ctx: Context): Promise<number> {
    const type = await ctx.load(ItemType, id, typeNotFound);
    const statuses = await statusesOf(ctx, id);
    const status = statuses.find((each) => each.id === statusId);
    if (!status) throw new Refusal(statusNotFound);
    if (status.state !== state) {
      status.state = state;
      type.changed(statuses);
    }
    return ctx.em.count(Item, toMove(ctx, status, status));
  }

  async chunk({ id, statusId }: SetStatusState, { size }: Place, ctx: Context): Promise<ChunkAnswer> {
    const status = (await statusesOf(ctx, id)).find((each) => each.id === statusId);
    // Its state by now: somebody may have set it again, or removed it.
    const moved = status ? await moveItems(ctx, status, status, size) : [];
    return { rows: moved.map(asDone), ends: moved.length < size };
  }
}

const asDone = (id: string): RowAnswer => ({ id, outcome: 'done', code: null });

const toMove = ({ workspaceId }: Context, from: Status, to: Status) => ({
  ...{ workspaceId, statusId: from.id },
  ...(from === to && { state: { $ne: to.state } }),
});

/**
 * Gives items another status, or the same one's other state. Nobody's request made progress: the team tidied its lifecycle, so no customer is told.
 * @returns which, at most so many
 */
async function moveItems(ctx: Context, from: Status, to: Status, limit: number): Promise<string[]> {
  const options = { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' }, limit } as const;
  const items = await ctx.em.find(Item, toMove(ctx, from, to), options);
  for (const item of items)
    logActivity(ctx, item, item.change({ status: { id: to.id, state: to.state } }, ctx.now, false));
  return items.map(({ id }) => id);
}
