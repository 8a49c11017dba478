import { bestRole, type ProjectRole, type Sight } from '@sportello/permissions';
import { type Context } from '@sportello/service';

/** Who has which role on a project. */
export interface Grant {
  workspace_id: string;
  project_id: string;
  principal_kind: 'user' | 'team';
  principal_id: string;
  role: ProjectRole;
}

/** A user as grants know them. */
export interface Grantee {
  id: string;
  teams: readonly string[];
}

interface Tables {
  project_grant: Grant;
}

/** All grants of one project. */
export async function grantsOnProject(ctx: Context, projectId: string): Promise<Grant[]> {
  const grants = ctx.db<Tables>().selectFrom('project_grant').selectAll().where('workspace_id', '=', ctx.workspaceId);
  return grants.where('project_id', '=', projectId).execute();
}

/** A user's roles, from this service's copy of the grants. */
export async function rolesOf(ctx: Context, user: Grantee): Promise<Sight['projects']> {
  const grants = ctx.db<Tables>().selectFrom('project_grant').selectAll().where('workspace_id', '=', ctx.workspaceId);
  const theirs = grants.where((eb) =>
    eb.or([
      eb.and({ principal_kind: 'user', principal_id: user.id }),
      ...user.teams.map((id) => eb.and({ principal_kind: 'team', principal_id: id })),
    ]),
  );
  return rolesAmong(await theirs.execute(), user);
}

/** A user's roles among grants. A role comes through a team too; the best of several counts. */
export function rolesAmong(grants: readonly Grant[], user: Grantee): Sight['projects'] {
  const roles = new Map<string, ProjectRole[]>();
  for (const { project_id: id, principal_kind: kind, principal_id: principal, role } of grants) {
    if (kind === 'user' ? principal !== user.id : !user.teams.includes(principal)) continue;
    roles.set(id, [...(roles.get(id) ?? []), role]);
  }
  return new Map([...roles].map(([id, all]) => [id, bestRole(all) as ProjectRole]));
}

/** "Support" is shared with "Everyone". A lead may do all but manage members: whoever answers customers also assigns and closes. */
export async function grantSupport(
  ctx: Context,
  { supportProjectId, everyoneTeamId }: { supportProjectId: string; everyoneTeamId: string },
): Promise<void> {
  const principal = { principal_kind: 'team' as const, principal_id: everyoneTeamId };
  await ctx
    .db<Tables>()
    .insertInto('project_grant')
    .values({ workspace_id: ctx.workspaceId, project_id: supportProjectId, ...principal, role: 'lead' })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
