import { Injectable } from '@nestjs/common';
import { invitationSent, reminderRequested, resetRequested, type LinkDue, type LinkKind } from '@sportello/contracts';
import { type EventEnvelope } from '@sportello/messaging';
import { On, type Context } from '@sportello/service';
import { OutboundMail } from './outbound.entity.js';
import { OutboundJobs } from './outbound.jobs.js';

/** Mails that let somebody in. To whom, and with which link, identity says at the moment of sending. */
@Injectable()
export class LinkSubscriptions {
  constructor(private readonly outbound: OutboundJobs) {}

  @On(invitationSent)
  async invited(event: EventEnvelope<LinkDue>, ctx: Context): Promise<void> {
    this.send(ctx, event, 'invitation');
  }

  @On(resetRequested)
  async reset(event: EventEnvelope<LinkDue>, ctx: Context): Promise<void> {
    this.send(ctx, event, 'password-reset');
  }

  @On(reminderRequested)
  async reminded(event: EventEnvelope<LinkDue>, ctx: Context): Promise<void> {
    this.send(ctx, event, 'workspaces');
  }

  private send(ctx: Context, event: EventEnvelope<LinkDue>, purpose: LinkKind): void {
    const { workspaceId, now } = ctx;
    const about = { purpose, occasion: event.id, subjectId: event.data.after.id, address: '' };
    ctx.add(OutboundMail.of({ ...about, workspaceId, id: ctx.newId(), now }));
    ctx.afterCommit(() => this.outbound.wake());
  }
}
