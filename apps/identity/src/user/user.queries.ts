import { notFound, type Language, type User as UserDto } from '@sportello/contracts';
import { Refusal, type App } from '@sportello/kernel';
import { type UserFlag, type WorkspaceRole } from '@sportello/permissions';
import { type Context } from '@sportello/service';
import { sql } from 'kysely';
import { inOrder } from '../person/by-name.queries.js';

interface AccountRow {
  id: string;
  name: string;
  email: string | null;
  role: WorkspaceRole;
  flags: UserFlag[];
  apps: App[];
  language: Language;
  active: boolean;
  last_seen_at: Date | null;
  seq: number;
  teams: { id: string; name: string }[];
}

/** Users by id, in that order; who was erased is left out. */
export async function readUsers(ctx: Context, ids: readonly string[]): Promise<UserDto[]> {
  if (!ids.length) return [];
  const { rows } = await sql<AccountRow>`
    select a.id, a.name, a.email, a.role, a.flags, a.apps, a.language, a.active, a.last_seen_at, a.seq,
      coalesce((
        select json_agg(json_build_object('id', t.id, 'name', t.name) order by t.everyone desc, t.name_key)
        from team t where t.workspace_id = a.workspace_id and t.id = any(a.team_ids)
      ), '[]') as teams
    from account a where a.workspace_id = ${ctx.workspaceId} and a.id = any(${[...ids]}::uuid[]) and a.erased_at is null`.execute(
    ctx.db<never>(),
  );
  const users = rows.map(({ last_seen_at: lastSeenAt, seq: version, email, ...row }) => ({
    ...row,
    email: email ?? '',
    lastSeenAt,
    version,
  }));
  return inOrder(ids, users);
}

/** @throws Refusal `not_found` */
export async function readUser(ctx: Context, id: string): Promise<UserDto> {
  const [user] = await readUsers(ctx, [id]);
  if (!user) throw new Refusal(notFound);
  return user;
}

/** Ids of the users in a team. */
export async function membersOf(ctx: Context, teamId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from account where workspace_id = ${ctx.workspaceId} and ${teamId}::uuid = any(team_ids) and erased_at is null
    order by id`.execute(ctx.db<never>());
  return rows.map(({ id }) => id);
}

/** @returns how many administrators could sign in without this one */
export async function otherAdministrators(ctx: Context, id: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from account
    where workspace_id = ${ctx.workspaceId} and role = 'administrator' and active and id <> ${id}`.execute(
    ctx.db<never>(),
  );
  return rows[0]?.count ?? 0;
}
