import { type AssigneeRef } from '@sportello/contracts';
import { rolesOf, type Grant } from '@sportello/directory';
import { noSight, type Sight } from '@sportello/permissions';
import { type Context } from '@sportello/service';
import { workspaceOf, type DirectoryTables } from '../directory/directory.queries.js';

interface Tables extends DirectoryTables {
  project_grant: Grant;
}

/** The grants of whoever asks, from this service's copy. */
export async function findSight(ctx: Context): Promise<Sight> {
  const { actor } = ctx;
  if (actor.kind === 'user') return { ...noSight, projects: await rolesOf(ctx, actor) };
  if (actor.kind !== 'customer') return noSight;
  const workspace = await ctx
    .db<Tables>()
    .selectFrom('workspace')
    .select('customer_sight')
    .where('workspace_id', '=', ctx.workspaceId)
    .executeTakeFirst();
  return { ...noSight, customerSight: workspace?.customer_sight ?? 'own' };
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
