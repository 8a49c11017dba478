import {
  copiedPeople,
  grantsOnProject,
  rolesAmong,
  rolesOf,
  type PersonCopy,
  type WorkspaceCopy,
} from '@sportello/directory';
import {
  allows,
  noSight,
  type AccessFacts,
  type PersonRef,
  type Sight,
  type UserActor,
  type WorkspaceRole,
} from '@sportello/permissions';
import { type Context } from '@sportello/service';

/** The columns that notifications keeps. */
export interface DirectoryTables {
  workspace: WorkspaceCopy;
  person: KnownPerson;
}

/** A person as notifications knows them; role and teams are a user's. */
export type KnownPerson = PersonCopy & { role: WorkspaceRole | null; team_ids: string[] };

/** People by id. */
export function peopleOf(ctx: Context, refs: readonly (PersonRef | null)[]): Promise<Map<string, KnownPerson>> {
  return copiedPeople(ctx, refs);
}

/** The grants of whoever asks, from this service's copy. */
export async function findSight(ctx: Context): Promise<Sight> {
  return ctx.actor.kind === 'user' ? { ...noSight, projects: await rolesOf(ctx, ctx.actor) } : noSight;
}

/** The users among these, and the members of these teams, who may see the item: nobody else learns of it (D11). */
export async function usersWhoSee(
  ctx: Context,
  facts: AccessFacts,
  { users, teams = [] }: { users: readonly string[]; teams?: readonly string[] },
): Promise<KnownPerson[]> {
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
  const grants = await grantsOnProject(ctx, facts.projectId);
  return named.filter((user) => {
    const actor: UserActor = {
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
    return allows(actor, 'item.view', { ...noSight, projects: rolesAmong(grants, actor) }, facts);
  });
}
