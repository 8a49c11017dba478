import { Controller } from '@nestjs/common';
import { createToken, listTokens, notFound, revokeToken, type ById, type CreateApiToken } from '@sportello/contracts';
import { forbidden, Refusal, secretWord } from '@sportello/kernel';
import { Handles, type Context } from '@sportello/service';
import { hashOf } from '../session/session.entity.js';
import { Epochs } from '../user/epochs.js';
import { User } from '../user/user.entity.js';
import { ApiToken, apiTokenPrefix } from './token.entity.js';

@Controller()
export class TokenOperations {
  constructor(private readonly epochs: Epochs) {}

  @Handles(listTokens)
  async list(_input: object, { actor, em, workspaceId }: Context) {
    if (actor.kind !== 'user') return { data: [] };
    const where = { workspaceId, userId: actor.id };
    const tokens = await em.find(ApiToken, where, { orderBy: { createdAt: 'desc' }, limit: 500 });
    return { data: tokens.map(toDto) };
  }

  @Handles(createToken)
  async create({ name, scopes = null }: CreateApiToken, ctx: Context) {
    const { actor, workspaceId, now: createdAt } = ctx;
    if (actor.kind !== 'user') throw new Refusal(forbidden);
    // A token must not make one that may more than itself.
    const { scopes: own } = actor;
    if (own && (!scopes || scopes.some((scope) => !own.includes(scope)))) throw new Refusal(forbidden);
    const secret = `${apiTokenPrefix}${secretWord(ctx.random)}`;
    const parts = { workspaceId, id: ctx.newId(), userId: actor.id, tokenHash: hashOf(secret), createdAt };
    const token = ctx.add(Object.assign(new ApiToken(), { ...parts, name, scopes, lastUsedAt: null }));
    return { ...toDto(token), token: secret };
  }

  @Handles(revokeToken)
  async revoke({ id }: ById, ctx: Context) {
    const { actor, workspaceId } = ctx;
    const user = actor.kind === 'user' ? await ctx.find(User, actor.id) : null;
    const token = user && (await ctx.em.findOne(ApiToken, { workspaceId, id, userId: user.id }));
    if (!user || !token) throw new Refusal(notFound);
    ctx.em.remove(token);
    this.epochs.raise(ctx, user);
    return {};
  }
}

function toDto({ id, name, scopes = null, createdAt, lastUsedAt = null }: ApiToken) {
  return { id, name, scopes, createdAt, lastUsedAt };
}
