import { type Language } from '@sportello/contracts';
import {
  allows,
  bestRole,
  noSight,
  type AccessFacts,
  type Actor,
  type PersonRef,
  type ProjectRole,
  type Sight,
  type WorkspaceRole,
} from '@sportello/permissions';
import { type Context } from '@sportello/service';

/** The copies of identity's people and workspaces. */
export interface DirectoryTables {
  workspace: {
    workspace_id: string;
    name: string;
    language: Language;
    time_zone: string;
    inbound_address: string;
    reply_address: string | null;
    seq: number;
  };
  person: {
    workspace_id: string;
    kind: 'user' | 'customer';
    id: string;
    name: string;
    email: string | null;
    language: Language | null;
    active: boolean;
    role: WorkspaceRole | null;
    team_ids: string[];
    seq: number;
  };
  project_grant: {
    workspace_id: string;
    project_id: string;
    principal_kind: 'user' | 'team';
    principal_id: string;
    role: ProjectRole;
  };
}

export type PersonCopy = DirectoryTables['person'];

/** @throws Error before the copy has come: the event is tried again */
export async function workspaceOf(ctx: Context): Promise<DirectoryTables['workspace']> {
  return ctx
    .db<DirectoryTables>()
    .selectFrom('workspace')
    .selectAll()
    .where('workspace_id', '=', ctx.workspaceId)
    .executeTakeFirstOrThrow();
}

/** People by id. */
export async function peopleOf(ctx: Context, refs: readonly (PersonRef | null)[]): Promise<Map<string, PersonCopy>> {
  const ids = [...new Set(refs.flatMap((ref) => (ref ? [ref.id] : [])))];
  if (!ids.length) return new Map();
  const rows = await ctx
    .db<DirectoryTables>()
    .selectFrom('person')
    .selectAll()
    .where('workspace_id', '=', ctx.workspaceId)
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** The grants of whoever asks, from this service's copy. A role comes through a team too; the best of several counts. */
export async function findSight(ctx: Context): Promise<Sight> {
  return ctx.actor.kind === 'user' ? sightOf(await grantsOf(ctx), ctx.actor.id, ctx.actor.teams) : noSight;
}

type Grant = DirectoryTables['project_grant'];

async function grantsOf(ctx: Context, projectId?: string): Promise<Grant[]> {
  return ctx
    .db<DirectoryTables>()
    .selectFrom('project_grant')
    .selectAll()
    .where('workspace_id', '=', ctx.workspaceId)
    .$if(projectId !== undefined, (query) => query.where('project_id', '=', projectId as string))
    .execute();
}

function sightOf(grants: readonly Grant[], userId: string, teams: readonly string[]): Sight {
  const roles = new Map<string, ProjectRole[]>();
  for (const { project_id: id, principal_kind: kind, principal_id: principal, role } of grants) {
    if (kind === 'user' ? principal !== userId : !teams.includes(principal)) continue;
    roles.set(id, [...(roles.get(id) ?? []), role]);
  }
  return { ...noSight, projects: new Map([...roles].map(([id, all]) => [id, bestRole(all) as ProjectRole])) };
}

/** The users among these, and the members of these teams, who may see the item: nobody else learns of it (D11). */
export async function usersWhoSee(
  ctx: Context,
  facts: AccessFacts,
  { users, teams = [] }: { users: readonly string[]; teams?: readonly string[] },
): Promise<PersonCopy[]> {
  if (!users.length && !teams.length) return [];
  const rows = await ctx
    .db<DirectoryTables>()
    .selectFrom('person')
    .selectAll()
    .where('workspace_id', '=', ctx.workspaceId)
    .where('kind', '=', 'user')
    .where('active', '=', true)
    // Who is in which team stands in an array that no index reaches under row-level security: only a team costs reading everybody.
    .$if(!teams.length, (query) => query.where('id', 'in', [...users]))
    .execute();
  const named = rows.filter(({ id, team_ids: of }) => users.includes(id) || of.some((team) => teams.includes(team)));
  const grants = await grantsOf(ctx, facts.projectId);
  return named.filter((user) => {
    const actor: Actor = {
      kind: 'user',
      id: user.id,
      workspace: ctx.workspaceId,
      role: user.role ?? 'member',
      flags: [],
      teams: user.team_ids,
      apps: ['tickets'],
      scopes: null,
      epoch: 0,
    };
    return allows(actor, 'item.view', sightOf(grants, user.id, user.team_ids), facts);
  });
}
