import { Controller } from '@nestjs/common';
import {
  alreadyUser,
  inviteUser,
  listInvitations,
  notFound,
  withdrawInvitation,
  type ById,
  type InviteUser,
} from '@sportello/contracts';
import { forbidden, Refusal } from '@sportello/kernel';
import { normaliseAddress } from '@sportello/mail';
import { Handles, type Context } from '@sportello/service';
import { lockAddress } from '../person/person.queries.js';
import { requireTeams } from '../team/team.queries.js';
import { User } from '../user/user.entity.js';
import { Invitation } from './invitation.entity.js';
import { describeInvitations } from './invitation.queries.js';

@Controller()
export class InvitationOperations {
  @Handles(listInvitations)
  async list(_input: object, ctx: Context) {
    const { em, workspaceId } = ctx;
    const found = await em.find(Invitation, { workspaceId }, { orderBy: { sentAt: 'desc' }, limit: 1000 });
    return { data: await describeInvitations(ctx, found) };
  }

  @Handles(inviteUser)
  async invite({ email: typed, role = 'member', teamIds = [] }: InviteUser, ctx: Context) {
    const inviter = ctx.person;
    if (!inviter) throw new Refusal(forbidden);
    await requireTeams(ctx, teamIds);
    await lockAddress(ctx, typed);
    const { workspaceId } = ctx;
    const email = normaliseAddress(typed);
    if (await ctx.em.findOne(User, { workspaceId, email })) throw new Refusal(alreadyUser);
    const present = await ctx.em.findOne(Invitation, { workspaceId, email });
    const invitation = present ?? ctx.add(Invitation.create({ workspaceId, id: ctx.newId(), email }));
    invitation.send({ role, teamIds, invitedById: inviter.id }, ctx.now);
    const [described] = await describeInvitations(ctx, [invitation]);
    return described as NonNullable<typeof described>;
  }

  @Handles(withdrawInvitation)
  async withdraw({ id }: ById, { em, workspaceId }: Context) {
    if (!(await em.nativeDelete(Invitation, { workspaceId, id }))) throw new Refusal(notFound);
    return {};
  }
}
