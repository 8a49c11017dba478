import { Controller, Inject } from '@nestjs/common';
import {
  grantStopLink,
  linkNotDue,
  linkVoid,
  mintLink,
  mintStopLink,
  type MintedLink,
  type MintLink,
  type MintStopLink,
  type StopToken,
} from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { type Database } from '@sportello/persistence';
import {
  actorTokenSeconds,
  CONFIG,
  DATABASE,
  Handles,
  SIGNER,
  type ActorSigner,
  type Config,
  type Context,
} from '@sportello/service';
import { Customer } from '../customer/customer.entity.js';
import { Invitation } from '../invitation/invitation.entity.js';
import { User } from '../user/user.entity.js';
import { Workspace } from '../workspace/workspace.entity.js';
import { LinkRequest } from './link-request.entity.js';
import { findWorkspacesOf } from './link.queries.js';
import { linkToken } from './link-token.js';
import { readStopToken, stopToken } from './stop-token.js';

/** Mails are kept, and read again, for long; a year later nobody remembers what it was. */
const stopLinkMilliseconds = 365 * 86_400_000;

@Controller()
export class LinkOperations {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(SIGNER) private readonly signer: ActorSigner,
  ) {}

  @Handles(mintLink)
  async mint({ kind, id }: MintLink, ctx: Context): Promise<MintedLink> {
    const workspace = await ctx.em.findOneOrFail(Workspace, { workspaceId: ctx.workspaceId });
    return kind === 'invitation' ? this.invitation(ctx, workspace, id) : this.requested(ctx, workspace, kind, id);
  }

  @Handles(mintStopLink)
  async mintStop({ person, itemId }: MintStopLink, { workspaceId: workspace, now }: Context) {
    const expires = new Date(now.getTime() + stopLinkMilliseconds);
    const token = stopToken({ workspace, person, itemId }, expires, this.config.SECRET_KEY);
    return { path: `/stop-mails?token=${token}` };
  }

  @Handles(grantStopLink)
  async grantStop({ token }: StopToken, ctx: Context) {
    const purpose = readStopToken(token, ctx.now, this.config.SECRET_KEY);
    if (!purpose) throw new Refusal(linkVoid);
    await ctx.enter(purpose.workspace);
    const where = { workspaceId: purpose.workspace, id: purpose.person.id };
    const person = await (purpose.person.kind === 'user'
      ? ctx.em.findOne(User, where)
      : ctx.em.findOne(Customer, where));
    if (!person || person.erasedAt) throw new Refusal(linkVoid);
    const expiresAt = new Date((Math.floor(ctx.now.getTime() / 1000) + actorTokenSeconds) * 1000);
    return { actorToken: await this.signer.sign({ kind: 'link', purpose: 'stop-mails', ...purpose }), expiresAt };
  }

  private async invitation(ctx: Context, workspace: Workspace, id: string): Promise<MintedLink> {
    const { workspaceId } = workspace;
    const invitation = await ctx.em.findOne(Invitation, { workspaceId, id });
    if (!invitation || invitation.expiresAt <= ctx.now) throw new Refusal(linkNotDue);
    const inviter = await ctx.em.findOneOrFail(User, { workspaceId, id: invitation.invitedById });
    const purpose = { kind: 'invitation' as const, workspaceId, id, sending: invitation.sending };
    return {
      ...from(workspace),
      to: invitation.email,
      toName: '',
      language: workspace.language,
      invitedByName: inviter.name,
      path: `/invitation?token=${linkToken(purpose, this.config.SECRET_KEY)}`,
    };
  }

  private async requested(
    ctx: Context,
    workspace: Workspace,
    kind: 'password-reset' | 'workspaces',
    id: string,
  ): Promise<MintedLink> {
    const { workspaceId } = workspace;
    const request = await ctx.em.findOne(LinkRequest, { workspaceId, id, kind });
    if (!request || request.usedAt || request.expiresAt <= ctx.now) throw new Refusal(linkNotDue);
    const user = await ctx.em.findOne(User, { workspaceId, id: request.userId, active: true });
    if (!user?.email) throw new Refusal(linkNotDue);
    const mail = { ...from(workspace), to: user.email, toName: user.name, language: user.language };
    if (kind === 'workspaces') {
      const workspaces = await findWorkspacesOf(this.database, user.email);
      return { ...mail, path: '/sign-in', workspaces: workspaces.map(({ name, slug }) => ({ name, slug })) };
    }
    const token = linkToken({ kind, workspaceId, id, sending: 1 }, this.config.SECRET_KEY);
    return { ...mail, path: `/password-reset?token=${token}` };
  }
}

const from = ({ name, slug }: Workspace) => ({ workspaceName: name, workspaceSlug: slug });
