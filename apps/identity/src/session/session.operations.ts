import { Controller } from '@nestjs/common';
import { endSession, listSessions, notFound, type ById } from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { Handles, type Context } from '@sportello/service';
import { Epochs } from '../user/epochs.js';
import { User } from '../user/user.entity.js';
import { Session } from './session.entity.js';

@Controller()
export class SessionOperations {
  constructor(private readonly epochs: Epochs) {}

  @Handles(listSessions)
  async list(_input: object, { actor, em, workspaceId, now }: Context) {
    if (actor.kind !== 'user') return { data: [] };
    const where = { workspaceId, userId: actor.id, expiresAt: { $gt: now } };
    const sessions = await em.find(Session, where, { orderBy: { lastSeenAt: 'desc' }, limit: 500 });
    const data = sessions.map(({ id, userAgent, createdAt, lastSeenAt }) => ({
      ...{ id, userAgent, createdAt, lastSeenAt },
      current: id === actor.session,
    }));
    return { data };
  }

  @Handles(endSession)
  async end({ id }: ById, ctx: Context) {
    const { actor, workspaceId } = ctx;
    const user = actor.kind === 'user' ? await ctx.find(User, actor.id) : null;
    const session = user && (await ctx.em.findOne(Session, { workspaceId, id, userId: user.id }));
    if (!user || !session) throw new Refusal(notFound);
    ctx.em.remove(session);
    this.epochs.raise(ctx, user);
    return {};
  }
}
