import { bestRole, noSight, type CustomerSight, type ProjectRole, type Sight } from '@sportello/permissions';
import { type Context } from '@sportello/service';

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
