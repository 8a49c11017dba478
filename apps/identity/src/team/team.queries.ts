import { notFound, type Team as TeamDto } from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { type Context } from '@sportello/service';
import { sql } from 'kysely';

interface TeamRow {
  id: string;
  name: string;
  everyone: boolean;
  seq: number;
  members: { id: string; name: string }[];
}

/** Teams with their active members, "Everyone" first. */
export async function readTeams(ctx: Context, id: string | null = null): Promise<TeamDto[]> {
  const { rows } = await sql<TeamRow>`
    select t.id, t.name, t.everyone, t.seq, coalesce(json_agg(json_build_object('id', a.id, 'name', a.name) order by a.name_key, a.id)
      filter (where a.id is not null), '[]') as members
    from team t
    left join account a on a.workspace_id = t.workspace_id and t.id = any(a.team_ids) and a.active
    where t.workspace_id = ${ctx.workspaceId} and t.removed_at is null and (${id}::uuid is null or t.id = ${id}::uuid)
    group by t.workspace_id, t.id order by t.everyone desc, t.name_key`.execute(ctx.db<never>());
  return rows.map(({ seq: version, ...team }) => ({ ...team, version }));
}

/** @throws Refusal `not_found` */
export async function readTeam(ctx: Context, id: string): Promise<TeamDto> {
  const [team] = await readTeams(ctx, id);
  if (!team) throw new Refusal(notFound);
  return team;
}

/** The names of teams that are there. */
export async function teamNames(ctx: Context, ids: readonly string[]): Promise<Map<string, string>> {
  if (!ids.length) return new Map();
  const { rows } = await sql<{ id: string; name: string }>`
    select id, name from team
    where workspace_id = ${ctx.workspaceId} and id = any(${[...ids]}::uuid[]) and removed_at is null`.execute(
    ctx.db<never>(),
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** @throws Refusal `not_found` when a team is not of this workspace, or was removed */
export async function requireTeams(ctx: Context, ids: readonly string[]): Promise<void> {
  const known = await teamNames(ctx, ids);
  if (ids.some((id) => !known.has(id))) throw new Refusal(notFound, { detail: 'There is no such team here.' });
}
