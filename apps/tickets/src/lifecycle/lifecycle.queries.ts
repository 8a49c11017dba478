import { itemNotFound, typeNotFound, type MoveTrigger } from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { type Context } from '@sportello/service';
import { type Item, type StatusTarget } from '../item/item.entity.js';
import { ItemType, Status } from './lifecycle.entity.js';

/** A type and the statuses that something new of it may get, read only. @throws Refusal `type_not_found` */
export async function typeByKey(ctx: Context, key: string): Promise<{ type: ItemType; statuses: Status[] }> {
  const type = await ctx.em.findOne(ItemType, { workspaceId: ctx.workspaceId, key });
  if (!type) throw new Refusal(typeNotFound);
  return { type, statuses: await choicesOf(ctx, type.id) };
}

/** The statuses of a type that something may get, in order. */
export async function choicesOf(ctx: Context, typeId: string): Promise<Status[]> {
  return (await statusesOf(ctx, typeId)).filter(({ successorId }) => !successorId);
}

/** The statuses of a type, in order. */
export async function statusesOf(ctx: Context, typeId: string): Promise<Status[]> {
  return ctx.em.find(Status, { workspaceId: ctx.workspaceId, typeId }, { orderBy: { position: 'asc' } });
}

/** Where a trigger leads an item, or null: its type's default move. */
export async function moveFor(ctx: Context, item: Item, trigger: MoveTrigger): Promise<StatusTarget | null> {
  const type = await ctx.em.findOne(ItemType, { workspaceId: ctx.workspaceId, id: item.typeId });
  if (!type) throw new Refusal(itemNotFound);
  const statusId = type.moveOn(trigger);
  return statusId ? ctx.em.findOne(Status, { workspaceId: ctx.workspaceId, id: statusId }) : null;
}
