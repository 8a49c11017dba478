import { Controller, Inject } from '@nestjs/common';
import {
  grantActor,
  grantOnBehalf,
  signIn,
  signOut,
  wrongCredentials,
  type Credential,
  type SignIn,
} from '@sportello/contracts';
import { Refusal, tokenRefused } from '@sportello/kernel';
import { normaliseAddress } from '@sportello/mail';
import { type Database } from '@sportello/persistence';
import { type Permission } from '@sportello/permissions';
import { actorTokenSeconds, DATABASE, Handles, SIGNER, type ActorSigner, type Context } from '@sportello/service';
import { Session } from '../session/session.entity.js';
import { findCredential, openSession } from '../session/session.queries.js';
import { ApiToken } from '../token/token.entity.js';
import { Epochs } from '../user/epochs.js';
import { User } from '../user/user.entity.js';
import { Workspace } from '../workspace/workspace.entity.js';
import { findWorkspaceBySlug } from '../workspace/workspace.queries.js';
import { countAttempt, forgiveAttempt } from './failed-sign-in.queries.js';
import { matchNothing, Password } from './password.entity.js';

@Controller()
export class SignInOperations {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(SIGNER) private readonly signer: ActorSigner,
    private readonly epochs: Epochs,
  ) {}

  @Handles(signIn)
  async signIn({ workspace: slug, email, password: text, userAgent }: SignIn, ctx: Context) {
    const workspaceId = await findWorkspaceBySlug(this.database, slug);
    await countAttempt(this.database, workspaceId, email, ctx.now);
    if (workspaceId) await ctx.enter(workspaceId);
    const user =
      workspaceId && (await ctx.em.findOne(User, { workspaceId, email: normaliseAddress(email), active: true }));
    const password = user && (await ctx.em.findOne(Password, { workspaceId: user.workspaceId, id: user.id }));
    const right = await (password ? password.matches(text) : matchNothing(text));
    if (!user || !right) throw new Refusal(wrongCredentials);
    await forgiveAttempt(this.database, user.workspaceId, email);
    // Sessions that ran out are swept here: nothing else would.
    await ctx.em.nativeDelete(Session, { workspaceId: user.workspaceId, userId: user.id, expiresAt: { $lt: ctx.now } });
    return openSession(ctx, user, await ctx.em.findOneOrFail(Workspace, { workspaceId: user.workspaceId }), userAgent);
  }

  @Handles(signOut)
  async signOut({ credential }: Credential, ctx: Context) {
    const found = await findCredential(this.database, credential);
    // An API token is revoked, not signed out; an unknown session has ended already.
    if (found?.kind !== 'session') return {};
    await ctx.enter(found.workspaceId);
    const session = await ctx.em.findOne(Session, { workspaceId: found.workspaceId, id: found.id });
    const user = session && (await ctx.find(User, session.userId));
    if (!session || !user) return {};
    ctx.em.remove(session);
    this.epochs.raise(ctx, user);
    return {};
  }

  @Handles(grantActor)
  async grant({ credential }: Credential, ctx: Context) {
    const found = await findCredential(this.database, credential);
    if (!found) throw new Refusal(tokenRefused);
    await ctx.enter(found.workspaceId);
    const { userId, ...granted } = await this.use(found, ctx);
    const user = await ctx.em.findOne(User, { workspaceId: found.workspaceId, id: userId, active: true });
    if (!user) throw new Refusal(tokenRefused);
    const expiresAt = new Date((Math.floor(ctx.now.getTime() / 1000) + actorTokenSeconds) * 1000);
    return { actorToken: await this.signer.sign(user.actor(await this.appsOf(ctx), granted)), expiresAt };
  }

  @Handles(grantOnBehalf)
  async grantOnBehalf(_input: object, ctx: Context) {
    const { em, workspaceId, person, now } = ctx;
    const user = await em.findOne(User, { workspaceId, id: person?.id ?? '', active: true });
    if (!user) throw new Refusal(tokenRefused);
    const expiresAt = new Date((Math.floor(now.getTime() / 1000) + actorTokenSeconds) * 1000);
    return { actorToken: await this.signer.sign(user.actor(await this.appsOf(ctx), { scopes: null })), expiresAt };
  }

  private async appsOf({ em, workspaceId }: Context) {
    return (await em.findOneOrFail(Workspace, { workspaceId })).apps;
  }

  /** Notes the use of a credential, now and then. @throws Refusal `token_refused` when it has ended or is too old */
  private async use(
    { kind, workspaceId, id }: NonNullable<Awaited<ReturnType<typeof findCredential>>>,
    ctx: Context,
  ): Promise<{ userId: string; scopes: readonly Permission[] | null } | { userId: string; session: string }> {
    const where = { workspaceId, id };
    if (kind === 'token') {
      const token = await ctx.em.findOne(ApiToken, where);
      if (!token) throw new Refusal(tokenRefused);
      if (token.used(ctx.now)) await this.noteSeen(ctx, token.userId);
      return { userId: token.userId, scopes: token.scopes ?? null };
    }
    const session = await ctx.em.findOne(Session, where);
    if (!session || session.expiresAt <= ctx.now) throw new Refusal(tokenRefused);
    if (session.seen(ctx.now)) await this.noteSeen(ctx, session.userId);
    return { userId: session.userId, session: id };
  }

  private async noteSeen(ctx: Context, userId: string): Promise<void> {
    const { workspaceId, now } = ctx;
    await ctx.em.nativeUpdate(User, { workspaceId, id: userId }, { lastSeenAt: now });
  }
}
