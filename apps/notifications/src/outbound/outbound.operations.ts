import { LockMode } from '@mikro-orm/postgresql';
import { Controller } from '@nestjs/common';
import { itemNotFound, retryDelivery, type RetryDelivery } from '@sportello/contracts';
import { Handles, type Context } from '@sportello/service';
import { Item } from '../item/item.entity.js';
import { OutboundMail } from './outbound.entity.js';
import { OutboundJobs } from './outbound.jobs.js';

/** What people do about mails that went wrong. */
@Controller()
export class OutboundOperations {
  constructor(private readonly outbound: OutboundJobs) {}

  @Handles(retryDelivery)
  async retry({ id, messageId }: RetryDelivery, ctx: Context) {
    await ctx.load(Item, id, itemNotFound);
    const { workspaceId } = ctx;
    const state = { $in: ['failed', 'bounced', 'deferred'] as const };
    // Locked: one that a worker has begun to send meanwhile is not taken from under it.
    const mails = await ctx.em.find(
      OutboundMail,
      { workspaceId, itemId: id, messageId, userId: null, state },
      { lockMode: LockMode.PESSIMISTIC_WRITE },
    );
    for (const mail of mails) mail.retry(ctx.now);
    ctx.afterCommit(() => this.outbound.wake());
    return {};
  }
}
