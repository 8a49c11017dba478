import { Injectable } from '@nestjs/common';
import { customerChanged, userChanged, type CustomerFacts, type UserFacts } from '@sportello/contracts';
import { type EventEnvelope } from '@sportello/messaging';
import { On, type Context } from '@sportello/service';
import { askErasure } from './erasure.queries.js';
import { PersonEraser } from './person.jobs.js';

/** Takes an erased person out of everything that was written. */
@Injectable()
export class PersonSubscriptions {
  constructor(private readonly eraser: PersonEraser) {}

  @On(customerChanged, { copies: true })
  @On(userChanged, { copies: true })
  async changed({ type, data: { after } }: EventEnvelope<CustomerFacts | UserFacts>, ctx: Context): Promise<void> {
    const kind = type === userChanged.id ? 'user' : 'customer';
    if (!after.formerly) return;
    await askErasure(ctx, { kind, id: after.id }, after.formerly, after.name);
    ctx.afterCommit(() => this.eraser.wake());
  }
}
