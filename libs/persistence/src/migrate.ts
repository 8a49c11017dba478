import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, DatabaseError } from 'pg';
import { rolePassword, roleOf } from './connection.js';

/** A service's SQL files, `NNNN_name.sql`, run in the order of their names. */
export interface ServiceMigrations {
  service: string;
  folder: string;
}

/** What `migrate` did, in order: `tickets/0001_items.sql`. */
export type Applied = string[];

/** Any number that nothing else locks on: "sportello" as letters would not fit. */
const advisoryLock = 7_705_710;
/** So long a migration holds up whoever uses the table behind it; then it steps back and tries again. */
const lockTimeout = '2s';

/**
 * Brings the database to the present version: roles, schemas, then each service's files, each in a transaction of its own unless its first line is
 * `-- concurrently`. One runs at a time (advisory lock); a file that was applied must not change afterwards.
 * @param ownerUrl of the migration role: it owns the tables and may create roles
 * @throws Error when an applied file differs from the one on disk
 */
export async function migrate(
  ownerUrl: string,
  secretKey: string,
  services: readonly ServiceMigrations[],
): Promise<Applied> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  const applied: Applied = [];
  try {
    await client.query('select pg_advisory_lock($1)', [advisoryLock]);
    await client.query(`set lock_timeout = '${lockTimeout}'`);
    await requireOwnerRights(client);
    await client.query(await ownSql('bootstrap.sql'));
    for (const { service, folder } of services) {
      const schema = roleOf(service);
      await createRole(client, schema, secretKey);
      await createRole(client, `${schema}_system`, secretKey);
      await client.query(`create schema if not exists ${schema}`);
      await client.query(`grant usage on schema ${schema}, sportello to ${schema}, ${schema}_system`);
      await client.query(`grant select on sportello.migration to ${schema}, ${schema}_system`);
      const shared = async (name: string) => (await ownSql(name)).replaceAll(':service', schema);
      const files = [
        { name: '0000_messaging.sql', sql: await shared('messaging.sql') },
        { name: '0000_jobs.sql', sql: await shared('jobs.sql') },
        { name: '0000_messaging-2.sql', sql: await shared('messaging-2.sql') },
      ];
      for (const name of (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()) {
        files.push({ name, sql: await readFile(join(folder, name), 'utf8') });
      }
      for (const { name, sql } of files)
        if (await apply(client, service, name, sql)) applied.push(`${service}/${name}`);
    }
  } finally {
    await client.end();
  }
  return applied;
}

/**
 * Functions that search run with the owner's rights, past row-level security that binds the owner too, and name the workspace themselves.
 * @throws Error that says what to grant
 */
async function requireOwnerRights(client: Client): Promise<void> {
  const { rows } = await client.query<{ role: string; may: boolean }>(
    'select rolname as role, (rolsuper or (rolbypassrls and rolcreaterole)) as may from pg_roles where rolname = current_user',
  );
  if (rows[0]?.may) return;
  throw new Error(
    `The role ${rows[0]?.role} cannot migrate: it must own the database, create the services' roles and run the search functions. ` +
      `As a superuser: alter role ${rows[0]?.role} createrole bypassrls`,
  );
}

const ownSql = (name: string) => readFile(new URL(`./${name}`, import.meta.url), 'utf8');

/** Roles belong to the whole server, so several databases of one server (tests) share them. The search path saves naming the schema. */
async function createRole(client: Client, role: string, secretKey: string): Promise<void> {
  const password = `password '${rolePassword(secretKey, role)}'`;
  await client.query(`
    do $$ begin
      create role ${role} login nosuperuser nobypassrls nocreatedb nocreaterole ${password};
    exception when duplicate_object or unique_violation then null; end $$`);
  await client.query(`alter role ${role} set search_path = ${role.replace(/_system$/, '')}, public`);
  const { rowCount } = await client.query('select from pg_roles where rolname = $1 and (rolsuper or rolbypassrls)', [
    role,
  ]);
  if (rowCount)
    throw new Error(`The database role ${role} may bypass row-level security. Take SUPERUSER and BYPASSRLS from it.`);
}

/** Applies one file unless it was; a table that is in use is waited for a few times, two seconds each. */
async function apply(client: Client, service: string, name: string, sql: string): Promise<boolean> {
  const checksum = createHash('sha256').update(sql).digest('hex');
  const { rows } = await client.query('select checksum from sportello.migration where service = $1 and name = $2', [
    service,
    name,
  ]);
  if (rows[0]?.checksum === checksum) return false;
  if (rows[0])
    throw new Error(`${service}/${name} was applied with other content. Migrations are never edited; add a new one.`);
  const remember = () =>
    client.query('insert into sportello.migration (service, name, checksum) values ($1, $2, $3)', [
      service,
      name,
      checksum,
    ]);
  try {
    if (sql.startsWith(concurrently)) {
      await applyConcurrently(client, roleOf(service), sql);
      await remember();
    } else await applyInTransaction(client, sql, remember);
    return true;
  } catch (error) {
    throw new Error(`${service}/${name}: ${(error as Error).message}`, { cause: error });
  }
}

async function applyInTransaction(client: Client, sql: string, remember: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query('begin');
      await client.query(sql);
      await remember();
      await client.query('commit');
      return;
    } catch (error) {
      await client.query('rollback');
      const lockNotAvailable = error instanceof DatabaseError && error.code === '55P03';
      if (!lockNotAvailable || attempt === 10) throw error;
      await sleep(attempt * 500);
    }
  }
}

/** The first line of a file of `create index concurrently if not exists …;` statements: on a table in use nobody waits for them. */
const concurrently = '-- concurrently\n';

/** Statement by statement, without a transaction. An index that an earlier try left half built is built anew. */
async function applyConcurrently(client: Client, schema: string, sql: string): Promise<void> {
  // It waits for every transaction that is open: longer than anybody should for a lock.
  await client.query('set lock_timeout = 0');
  try {
    const { rows } = await client.query<{ index: string }>(
      `select indexrelid::regclass::text as index from pg_index join pg_class c on c.oid = indexrelid
        where not indisvalid and c.relnamespace = $1::regnamespace`,
      [schema],
    );
    for (const { index } of rows) await client.query(`drop index concurrently ${index}`);
    for (const statement of sql.split(/;\s*$/m)) if (statement.trim()) await client.query(statement);
  } finally {
    await client.query(`set lock_timeout = '${lockTimeout}'`);
  }
}
