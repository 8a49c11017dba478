import { Injectable } from '@nestjs/common';
import { deliveryChanged, type DeliveryFacts } from '@sportello/contracts';
import { type EventEnvelope } from '@sportello/messaging';
import { On, type Context } from '@sportello/service';
import { Item } from '../item/item.entity.js';
import { Message } from './conversation.entity.js';

/** Shows on a message how its mail went. */
@Injectable()
export class DeliverySubscriptions {
  @On(deliveryChanged, { copies: true })
  async delivered({ data, seq }: EventEnvelope<DeliveryFacts>, ctx: Context): Promise<void> {
    const { id, itemId, messageId, address, state, detail, at } = data.after;
    const copy = { state, detail, at: new Date(at), seq };
    await ctx
      .db<{
        delivery: typeof copy & {
          workspace_id: string;
          id: string;
          item_id: string;
          message_id: string | null;
          address: string;
        };
      }>()
      .insertInto('delivery')
      .values({ workspace_id: ctx.workspaceId, id, item_id: itemId, message_id: messageId, address, ...copy })
      .onConflict((conflict) =>
        conflict.columns(['workspace_id', 'id']).doUpdateSet(copy).where('delivery.seq', '<', seq),
      )
      .execute();
    if (!messageId) return;
    const message = await ctx.em.findOne(Message, { workspaceId: ctx.workspaceId, id: messageId });
    // Of the item where the message is now: it may have been split off since the mail went out.
    const item = message && (await ctx.find(Item, message.itemId));
    if (item) message.changed(item, 'delivery');
  }
}
