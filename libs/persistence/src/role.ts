import { type Client, type Pool } from 'pg';

/**
 * Refuses a connection that row-level security would not bind: a superuser, a role that bypasses it, or the owner of the service's
 * tables (the owner could switch it off). A service that starts as one of those would look healthy and leak.
 * @throws Error that says which role to use
 */
export async function refusePrivilegedRole(connection: Pool | Client, schema: string): Promise<void> {
  const { rows } = await connection.query<{ role: string; privileged: boolean; owner: boolean }>(
    `select current_user as role,
            exists (select from pg_roles where rolname = current_user and (rolsuper or rolbypassrls)) as privileged,
            exists (
              select from pg_class c join pg_namespace n on n.oid = c.relnamespace
              where n.nspname = $1 and pg_has_role(current_user, c.relowner, 'member')
            ) as owner`,
    [schema],
  );
  const [found] = rows;
  if (!found || found.privileged || found.owner) {
    throw new Error(
      `The role ${found?.role} ${found?.owner ? 'owns the tables' : 'bypasses row-level security'}, so workspaces would not be kept apart. ` +
        `Start the service as ${schema}: give DATABASE_URL without a user name, or with that role.`,
    );
  }
}
