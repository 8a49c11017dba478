import { Controller } from '@nestjs/common';
import { snapshotItems, snapshotTypes } from '@sportello/contracts';
import { type SnapshotInput } from '@sportello/kernel';
import { Handles, readSnapshot, type Context } from '@sportello/service';
import { Item } from '../item/item.entity.js';
import { ItemType, Status } from '../lifecycle/lifecycle.entity.js';

/** What tickets owns as it is now, for copies. */
@Controller()
export class SnapshotOperations {
  @Handles(snapshotItems)
  items(input: SnapshotInput, ctx: Context) {
    return readSnapshot(ctx, Item, input, (item) => item.facts());
  }

  @Handles(snapshotTypes)
  async types(input: SnapshotInput, ctx: Context) {
    const statuses = await ctx.em.find(Status, { workspaceId: ctx.workspaceId });
    return readSnapshot(ctx, ItemType, input, (type) =>
      type.toDto(statuses.filter(({ typeId }) => typeId === type.id)),
    );
  }
}
