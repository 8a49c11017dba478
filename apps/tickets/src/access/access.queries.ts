import { bestRole, noSight, type CustomerSight, type ProjectRole, type Sight } from '@sportello/permissions';
import { type AssigneeRef } from '@sportello/contracts';
import { type Context } from '@sportello/service';
import { workspaceOf, type DirectoryTables } from '../directory/directory.queries.js';

interface Tables {
  project_grant: {
    workspace_id: string;
    project_id: string;
    principal_kind: 'user' | 'team';
    principal_id: string;
    role: ProjectRole;
  };
  workspace: { workspace_id: string; customer_sight: CustomerSight };
}

/** The grants of whoever asks, from this service's copy. A role comes through a team too; the best of several counts. */
export async function findSight(ctx: Context): Promise<Sight> {
  const { actor } = ctx;
  const db = ctx.db<Tables>();
  if (actor.kind === 'customer') {
    const workspace = await db
      .selectFrom('workspace')
      .select('customer_sight')
      .where('workspace_id', '=', ctx.workspaceId)
      .executeTakeFirst();
    return { ...noSight, customerSight: workspace?.customer_sight ?? 'own' };
  }
  if (actor.kind !== 'user') return noSight;
  const rows = await db
    .selectFrom('project_grant')
    .select(['project_id', 'role'])
    .where('workspace_id', '=', ctx.workspaceId)
    .where((eb) =>
      eb.or([
        eb.and({ principal_kind: 'user', principal_id: actor.id }),
        ...actor.teams.map((id) => eb.and({ principal_kind: 'team', principal_id: id })),
      ]),
    )
    .execute();
  const roles = new Map<string, ProjectRole[]>();
  for (const { project_id: id, role } of rows) roles.set(id, [...(roles.get(id) ?? []), role]);
  return { ...noSight, projects: new Map([...roles].map(([id, all]) => [id, bestRole(all) as ProjectRole])) };
}

/** Where what is asked for goes when nobody says: the organization's project and team, else "Support" and nobody. */
export async function routeFor(
  ctx: Context,
  organizationId: string | null,
): Promise<{ projectId: string; assignees: AssigneeRef[] }> {
  const { support_project_id: support } = await workspaceOf(ctx);
  if (!organizationId) return { projectId: support, assignees: [] };
  const organization = await ctx
    .db<DirectoryTables>()
    .selectFrom('organization as o')
    .leftJoin('team as t', (join) =>
      join
        .onRef('t.workspace_id', '=', 'o.workspace_id')
        .onRef('t.id', '=', 'o.default_team_id')
        .on('t.removed', '=', false),
    )
    .select(['o.default_project_id as projectId', 't.id as teamId'])
    .where('o.workspace_id', '=', ctx.workspaceId)
    .where('o.id', '=', organizationId)
    .executeTakeFirst();
  return {
    projectId: organization?.projectId ?? support,
    assignees: organization?.teamId ? [{ kind: 'team', id: organization.teamId }] : [],
  };
}

/** Whether a user may put something into a project: members where they have a role, administrators into any that there is. */
export async function mayUseProject(ctx: Context, projectId: string): Promise<boolean> {
  if ((await ctx.sight()).projects.has(projectId)) return true;
  if (ctx.actor.kind === 'user' && ctx.actor.role !== 'administrator') return false;
  const { support_project_id: support } = await workspaceOf(ctx);
  const shared = await ctx
    .db<Tables>()
    .selectFrom('project_grant')
    .select('project_id')
    .where('workspace_id', '=', ctx.workspaceId)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return projectId === support || shared !== undefined;
}
