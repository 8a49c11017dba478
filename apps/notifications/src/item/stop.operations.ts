import { Controller } from '@nestjs/common';
import { getMailStop, notFound, stopMails, type StopState } from '@sportello/contracts';
import { copiedWorkspace } from '@sportello/directory';
import { forbidden, Refusal } from '@sportello/kernel';
import { type LinkActor } from '@sportello/permissions';
import { Handles, type Context } from '@sportello/service';
import { peopleOf } from '../directory/directory.queries.js';
import { Item } from './item.entity.js';
import { stopFor, stoppedOf } from './stop.queries.js';

/** "Stop mails about this", by the link of a mail. Whom and what it is about says the link, and nothing that is sent along. */
@Controller()
export class StopOperations {
  @Handles(getMailStop)
  get(_input: object, ctx: Context): Promise<StopState> {
    return this.read(ctx, linkOf(ctx));
  }

  @Handles(stopMails)
  async stop(_input: object, ctx: Context): Promise<StopState> {
    const { itemId, person } = linkOf(ctx);
    await stopFor(ctx, itemId, person.id);
    return this.read(ctx, linkOf(ctx));
  }

  private async read(ctx: Context, { itemId: id, person }: LinkActor): Promise<StopState> {
    const item = await ctx.em.findOne(Item, { workspaceId: ctx.workspaceId, id });
    if (!item) throw new Refusal(notFound);
    const known = (await peopleOf(ctx, [person])).get(person.id);
    const { language } = await copiedWorkspace(ctx);
    return {
      itemNumber: item.number,
      language: (known?.language as StopState['language'] | null) ?? language,
      stopped: (await stoppedOf(ctx, id)).has(person.id),
    };
  }
}

function linkOf({ actor }: Context): LinkActor {
  if (actor.kind !== 'link') throw new Refusal(forbidden);
  return actor;
}
