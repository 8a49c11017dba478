import { type Invitation as InvitationDto } from '@sportello/contracts';
import { type Context } from '@sportello/service';
import { teamNames } from '../team/team.queries.js';
import { type Invitation } from './invitation.entity.js';

/** Invitations as lists show them; teams that were removed meanwhile are left out. */
export async function describeInvitations(ctx: Context, invitations: readonly Invitation[]): Promise<InvitationDto[]> {
  const names = await teamNames(ctx, [...new Set(invitations.flatMap(({ teamIds }) => teamIds))]);
  return invitations.map(({ id, email, role, teamIds, sentAt, expiresAt }) => ({
    ...{ id, email, role, sentAt, expiresAt },
    teams: teamIds.flatMap((teamId) => (names.has(teamId) ? [{ id: teamId, name: names.get(teamId) as string }] : [])),
  }));
}
