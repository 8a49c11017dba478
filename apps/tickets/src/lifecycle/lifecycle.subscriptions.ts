import { Injectable } from '@nestjs/common';
import { snapshotWorkspaces, workspaceCreated, type WorkspaceFacts } from '@sportello/contracts';
import { Fills, On, type Context, type Told } from '@sportello/service';
import { ItemType, shippedTicketType } from './lifecycle.entity.js';

/** What a new workspace starts with. */
@Injectable()
export class LifecycleSubscriptions {
  @On(workspaceCreated)
  @Fills(snapshotWorkspaces)
  async ship({ data }: Told<WorkspaceFacts>, ctx: Context): Promise<void> {
    const { workspaceId } = ctx;
    if (await ctx.em.count(ItemType, { workspaceId })) return;
    const { type, statuses } = shippedTicketType(workspaceId, data.after.language, () => ctx.newId());
    [type, ...statuses].forEach((entity) => ctx.add(entity));
  }
}
