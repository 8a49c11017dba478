import { Injectable } from '@nestjs/common';
import { workspaceCreated, type WorkspaceFacts } from '@sportello/contracts';
import { type EventEnvelope } from '@sportello/messaging';
import { On, type Context } from '@sportello/service';
import { shippedTicketType } from './lifecycle.entity.js';

/** What a new workspace starts with. */
@Injectable()
export class LifecycleSubscriptions {
  @On(workspaceCreated)
  async ship(event: EventEnvelope<WorkspaceFacts>, ctx: Context): Promise<void> {
    const { type, statuses } = shippedTicketType(ctx.workspaceId, event.data.after.language, () => ctx.newId());
    [type, ...statuses].forEach((entity) => ctx.add(entity));
  }
}
