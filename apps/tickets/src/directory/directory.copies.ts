import { type UserFacts } from '@sportello/contracts';
import { keepNewest, type DirectoryCopies } from '@sportello/directory';
import { type Context } from '@sportello/service';
import { type DirectoryTables } from './directory.queries.js';

/** What tickets keeps of identity's facts. */
export const directoryCopies: DirectoryCopies = {
  workspace: (facts) => ({
    slug: facts.slug,
    name: facts.name,
    language: facts.language,
    time_zone: facts.timeZone,
    customer_sight: facts.customerSight,
    grace_seconds: facts.graceSeconds,
    support_project_id: facts.supportProjectId,
    inbound_address: facts.inboundAddress,
    reply_address: facts.replyAddress,
  }),
  user: ({ name, email, language, active }) => ({ name, email, organization_id: null, language, active }),
  customer: ({ name, email, organizationId, language, erased }) => ({
    ...{ name, email, organization_id: organizationId, language },
    active: !erased,
  }),
  team: ({ name, removed }) => ({ name, removed }),
  organization: ({ name, defaultProjectId, defaultTeamId, removed }) => ({
    ...{ name, default_project_id: defaultProjectId, default_team_id: defaultTeamId, removed },
  }),
  alsoOfUser: keepAccess,
};

/** What is asked of a user when nobody is signed in: may they still see what a mail to them says? */
async function keepAccess(ctx: Context, { id, role, active, teamIds }: UserFacts, seq: number): Promise<void> {
  await keepNewest(ctx, 'user_access', { user_id: id }, { role, active }, seq);
  const db = ctx.db<DirectoryTables>();
  await db.deleteFrom('user_team').where('workspace_id', '=', ctx.workspaceId).where('user_id', '=', id).execute();
  if (!teamIds.length) return;
  await db
    .insertInto('user_team')
    .values(teamIds.map((teamId) => ({ workspace_id: ctx.workspaceId, user_id: id, team_id: teamId })))
    .execute();
}
