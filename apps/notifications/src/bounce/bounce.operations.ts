import { LockMode } from '@mikro-orm/postgresql';
import { Controller } from '@nestjs/common';
import { reportBounce, type ReportBounce } from '@sportello/contracts';
import { Handles, type Context } from '@sportello/service';
import { OutboundMail } from '../outbound/outbound.entity.js';
import { bounceNotification } from './bounce.queries.js';

/** Mails of ours that came back. */
@Controller()
export class BounceOperations {
  @Handles(reportBounce)
  async report({ token, originalMessageId, status, hard, diagnostic }: ReportBounce, ctx: Context) {
    const mail = await this.find(ctx, token, originalMessageId);
    if (!mail) return { matched: false };
    const detail = [status, diagnostic].filter(Boolean).join(' ');
    // A second report about the same mail, or one that overtook the server's own "no", is no news.
    if (mail.state === 'bounced') return { matched: true };
    if (!hard) {
      mail.delayedElsewhere(detail, ctx.now);
      return { matched: true };
    }
    mail.bounced(detail, ctx.now);
    const notification = await bounceNotification(ctx, mail, { id: ctx.newId(), now: ctx.now });
    if (notification) ctx.add(notification);
    return { matched: true };
  }

  /** By the secret of the bounce address first: it is of one mail to one recipient. */
  private async find(ctx: Context, token: string | null, id: string | null): Promise<OutboundMail | null> {
    const { workspaceId } = ctx;
    const locked = { lockMode: LockMode.PESSIMISTIC_WRITE } as const;
    const known = token ? await ctx.em.findOne(OutboundMail, { workspaceId, bounceToken: token }, locked) : null;
    if (known || !id) return known;
    return ctx.em.findOne(OutboundMail, { workspaceId, mailId: id.replace(/^<|>$/g, '') }, locked);
  }
}
