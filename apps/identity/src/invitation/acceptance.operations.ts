import { Controller, Inject } from '@nestjs/common';
import {
  acceptInvitation,
  linkVoid,
  previewInvitation,
  type AcceptInvitation,
  type InvitationToken,
} from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { type Database } from '@sportello/persistence';
import { CONFIG, DATABASE, Handles, type Config, type Context } from '@sportello/service';
import { Password } from '../entry/password.entity.js';
import { findLinkRow } from '../link/link.queries.js';
import { claimedId, isLinkToken } from '../link/link-token.js';
import { lockAddress } from '../person/person.queries.js';
import { openSession } from '../session/session.queries.js';
import { teamNames } from '../team/team.queries.js';
import { User } from '../user/user.entity.js';
import { Workspace } from '../workspace/workspace.entity.js';
import { Invitation } from './invitation.entity.js';

@Controller()
export class AcceptanceOperations {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Handles(previewInvitation)
  async preview({ token }: InvitationToken, ctx: Context) {
    const { workspaceId, email, invitedById } = await this.open(ctx, token);
    const workspace = await ctx.em.findOneOrFail(Workspace, { workspaceId });
    const inviter = await ctx.em.findOneOrFail(User, { workspaceId, id: invitedById });
    return { workspaceName: workspace.name, email, invitedBy: inviter.name };
  }

  @Handles(acceptInvitation)
  async accept({ token, name, password: text, language, userAgent }: AcceptInvitation, ctx: Context) {
    const { now } = ctx;
    const invitation = await this.open(ctx, token);
    const { workspaceId, email, role, teamIds } = invitation;
    await lockAddress(ctx, email);
    if (await ctx.em.findOne(User, { workspaceId, email })) throw new Refusal(linkVoid);
    const workspace = await ctx.em.findOneOrFail(Workspace, { workspaceId });
    const user = User.create({
      workspaceId,
      id: ctx.newId(),
      ...{ name, email, role, now },
      // A team may have been removed since.
      teamIds: [workspace.everyoneTeamId, ...(await teamNames(ctx, teamIds)).keys()],
      language: language ?? workspace.language,
    });
    ctx.add(user);
    ctx.add(await Password.create({ workspaceId, userId: user.id, text, now }));
    ctx.em.remove(invitation);
    return openSession(ctx, user, workspace, userAgent);
  }

  /** Enters the workspace that a link leads to. @throws Refusal `link_void`, which does not tell why */
  private async open(ctx: Context, token: string): Promise<Invitation> {
    const id = claimedId(token);
    const workspaceId = id && (await findLinkRow(this.database, 'invitation', id));
    if (!workspaceId) throw new Refusal(linkVoid);
    await ctx.enter(workspaceId);
    const invitation = await ctx.find(Invitation, id);
    if (!invitation) throw new Refusal(linkVoid);
    const { sending } = invitation;
    if (!isLinkToken(token, { kind: 'invitation', workspaceId, id, sending }, this.config.SECRET_KEY))
      throw new Refusal(linkVoid);
    invitation.refuseIfExpired(ctx.now);
    return invitation;
  }
}
