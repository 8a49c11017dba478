import { Controller } from '@nestjs/common';
import {
  addStatus,
  changeItemType,
  changeStatus,
  listItemTypes,
  nameTaken,
  statusNotFound,
  typeNotFound,
  type AddStatus,
  type ChangeItemType,
  type ChangeStatus,
} from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { Handles, type Context } from '@sportello/service';
import { ItemType, Status } from './lifecycle.entity.js';
import { statusesOf } from './lifecycle.queries.js';

@Controller()
export class LifecycleOperations {
  @Handles(listItemTypes)
  async list(_input: object, ctx: Context) {
    const { workspaceId } = ctx;
    const types = await ctx.em.find(ItemType, { workspaceId }, { orderBy: { name: 'asc' } });
    const statuses = await ctx.em.find(Status, { workspaceId });
    return { data: types.map((type) => type.toDto(statuses.filter(({ typeId }) => typeId === type.id))) };
  }

  @Handles(changeItemType)
  async change({ id, moves, ...fields }: ChangeItemType, ctx: Context) {
    const type = await ctx.load(ItemType, id, typeNotFound);
    const statuses = await statusesOf(ctx, id);
    if (fields.name !== undefined) await this.refuseTakenName(ctx, type, fields.name);
    for (const [name, value] of Object.entries(fields)) if (value !== undefined) Object.assign(type, { [name]: value });
    if (moves) type.setMoves(moves, statuses);
    type.changed(statuses);
    return type.toDto(statuses);
  }

  @Handles(addStatus)
  async addStatus({ id, name, customerName, color, state }: AddStatus, ctx: Context) {
    const type = await ctx.load(ItemType, id, typeNotFound);
    const statuses = await statusesOf(ctx, id);
    refuseTaken(statuses, name);
    const place = { workspaceId: ctx.workspaceId, id: ctx.newId(), typeId: id, position: statuses.length };
    const status = ctx.add(
      Object.assign(new Status(), {
        ...place,
        name,
        customerName: customerName ?? name,
        color,
        state,
        successorId: null,
      }),
    );
    type.changed([...statuses, status]);
    return type.toDto([...statuses, status]);
  }

  @Handles(changeStatus)
  async changeStatus({ id, statusId, position, ...fields }: ChangeStatus, ctx: Context) {
    const type = await ctx.load(ItemType, id, typeNotFound);
    const statuses = await statusesOf(ctx, id);
    const status = statuses.find((each) => each.id === statusId);
    if (!status) throw new Refusal(statusNotFound);
    if (fields.name !== undefined) refuseTaken(statuses, fields.name, status);
    for (const [name, value] of Object.entries(fields))
      if (value !== undefined) Object.assign(status, { [name]: value });
    if (position !== undefined) {
      const order = statuses.filter((each) => each !== status);
      order.splice(position, 0, status);
      order.forEach((each, index) => (each.position = index));
    }
    type.changed(statuses);
    return type.toDto(statuses);
  }

  private async refuseTakenName(ctx: Context, type: ItemType, name: string): Promise<void> {
    const other = await ctx.em.findOne(ItemType, { workspaceId: ctx.workspaceId, name, id: { $ne: type.id } });
    if (other) throw new Refusal(nameTaken);
  }
}

function refuseTaken(statuses: readonly Status[], name: string, except?: Status): void {
  const same = (each: Status) => each !== except && each.name.toLowerCase() === name.trim().toLowerCase();
  if (statuses.some(same)) throw new Refusal(nameTaken);
}
