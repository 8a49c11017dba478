import { Controller, Inject } from '@nestjs/common';
import {
  findMyWorkspaces,
  linkVoid,
  requestPasswordReset,
  resetPassword,
  type FindMyWorkspaces,
  type RequestPasswordReset,
  type ResetPassword,
} from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { normaliseAddress } from '@sportello/mail';
import { type Database } from '@sportello/persistence';
import { CONFIG, DATABASE, Handles, type Config, type Context } from '@sportello/service';
import { LinkRequest } from '../link/link-request.entity.js';
import { findLinkRow, findWorkspacesOf, voidResetLinks } from '../link/link.queries.js';
import { claimedId, isLinkToken } from '../link/link-token.js';
import { endSessions, openSession } from '../session/session.queries.js';
import { Epochs } from '../user/epochs.js';
import { User } from '../user/user.entity.js';
import { Workspace } from '../workspace/workspace.entity.js';
import { findWorkspaceBySlug } from '../workspace/workspace.queries.js';
import { forgetFailures } from './failed-sign-in.queries.js';
import { Password } from './password.entity.js';

/** Whoever presses the button five times gets one mail. */
const oneMailMilliseconds = 60_000;

@Controller()
export class ResetOperations {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
    private readonly epochs: Epochs,
  ) {}

  @Handles(requestPasswordReset)
  async request({ workspace, email }: RequestPasswordReset, ctx: Context) {
    const workspaceId = await findWorkspaceBySlug(this.database, workspace);
    if (workspaceId) await this.ask(ctx, workspaceId, email, 'password-reset');
    return {};
  }

  @Handles(findMyWorkspaces)
  async remind({ email }: FindMyWorkspaces, ctx: Context) {
    // The mail is the same whichever of them sends it; the oldest does.
    const [first] = await findWorkspacesOf(this.database, email);
    if (first) await this.ask(ctx, first.id, email, 'workspaces');
    return {};
  }

  @Handles(resetPassword)
  async reset({ token, password: text, userAgent }: ResetPassword, ctx: Context) {
    const id = claimedId(token);
    const workspaceId = id && (await findLinkRow(this.database, 'link_request', id));
    if (!workspaceId) throw new Refusal(linkVoid);
    await ctx.enter(workspaceId);
    const request = await ctx.find(LinkRequest, id);
    const purpose = { kind: 'password-reset' as const, workspaceId, id, sending: 1 };
    if (request?.kind !== 'password-reset' || !isLinkToken(token, purpose, this.config.SECRET_KEY))
      throw new Refusal(linkVoid);
    request.use(ctx.now);
    const user = await ctx.find(User, request.userId);
    if (!user?.active) throw new Refusal(linkVoid);

    const password = await ctx.em.findOne(Password, { workspaceId, id: user.id });
    if (password) await password.change(text, ctx.now);
    else ctx.add(await Password.create({ workspaceId, userId: user.id, text, now: ctx.now }));
    await voidResetLinks(ctx, user.id);
    await endSessions(ctx, user.id);
    this.epochs.raise(ctx, user);
    await forgetFailures(this.database, workspaceId, user.email ?? '');
    return openSession(ctx, user, await ctx.em.findOneOrFail(Workspace, { workspaceId }), userAgent);
  }

  private async ask(
    ctx: Context,
    workspaceId: string,
    email: string,
    kind: 'password-reset' | 'workspaces',
  ): Promise<void> {
    await ctx.enter(workspaceId);
    const user = await ctx.em.findOne(User, { workspaceId, email: normaliseAddress(email), active: true });
    if (!user) return;
    const since = new Date(ctx.now.getTime() - oneMailMilliseconds);
    const recent = { workspaceId, userId: user.id, kind, requestedAt: { $gt: since }, usedAt: null };
    if (await ctx.em.count(LinkRequest, recent)) return;
    // What is over is of no use to anybody, and would pile up.
    await ctx.em.nativeDelete(LinkRequest, { workspaceId, userId: user.id, expiresAt: { $lt: ctx.now } });
    ctx.add(LinkRequest.create({ workspaceId, id: ctx.newId(), kind, userId: user.id, now: ctx.now }));
  }
}
