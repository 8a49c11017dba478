import { Injectable } from '@nestjs/common';
import { customerChanged, userChanged, type CustomerFacts, type UserFacts } from '@sportello/contracts';
import { type EventEnvelope } from '@sportello/messaging';
import { On, type Context } from '@sportello/service';
import { eraseTraces } from './person.queries.js';

/** Takes an erased person's mails out of the spool and the quarantine. */
@Injectable()
export class PersonSubscriptions {
  @On(customerChanged, { copies: true })
  @On(userChanged, { copies: true })
  async changed({ data: { after } }: EventEnvelope<CustomerFacts | UserFacts>, ctx: Context): Promise<void> {
    if (after.formerly) await eraseTraces(ctx, after.formerly);
  }
}
