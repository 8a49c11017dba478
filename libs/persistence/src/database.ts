import { MikroORM, type EntityManager, type EntitySchema } from '@mikro-orm/postgresql';
import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import { roleOf, serviceUrl } from './connection.js';
import { awaitMigrations } from './migrated.js';
import { refusePrivilegedRole } from './role.js';

/** One service's two ways into the database. */
export interface Database {
  orm: MikroORM;
  /** The system role: outbox, inbox, jobs, spool, look-ups before a tenant is known. Sees only tables opened to it. */
  system: Kysely<never>;
  systemPool: Pool;
  close(): Promise<void>;
}

/**
 * Opens the database for a service. Pools are small: PostgreSQL's usual 100 connections hold two replicas of everything.
 * @throws Error when a role could bypass tenant isolation
 */
export async function openDatabase(options: {
  service: string;
  databaseUrl: string;
  secretKey: string;
  entities: EntitySchema[];
  /** The folder of the service's migrations: the database is waited for until it has them. */
  migrations?: string | undefined;
}): Promise<Database> {
  const { service, databaseUrl, secretKey, entities, migrations } = options;
  const schema = roleOf(service);
  const url = (access: 'tenant' | 'system') => serviceUrl(databaseUrl, secretKey, service, access);
  const systemPool = new Pool({ connectionString: url('system'), max: 3, application_name: `${service} system` });
  systemPool.on('error', () => undefined); // A dropped idle connection is replaced by the pool; the next query tells.
  if (migrations)
    await awaitMigrations(systemPool, service, migrations).catch(async (error: unknown) => {
      await systemPool.end();
      throw error;
    });
  const orm = await MikroORM.init({
    clientUrl: url('tenant'),
    schema,
    entities,
    pool: { min: 0, max: 4 },
    driverOptions: { application_name: service },
    // A service without entities (mail-ingest before its first table, tests) is none of MikroORM's business.
    discovery: { warnWhenNoEntities: false },
  });
  try {
    const tenantPool = await (
      orm.em.getConnection() as unknown as { getNativeClient(): Promise<Pool> }
    ).getNativeClient();
    await refusePrivilegedRole(tenantPool, schema);
    await refusePrivilegedRole(systemPool, schema);
  } catch (error) {
    await orm.close(true);
    await systemPool.end();
    throw error;
  }
  const system = new Kysely<never>({ dialect: new PostgresDialect({ pool: systemPool }) }).withSchema(schema);
  return {
    orm,
    system,
    systemPool,
    close: async () => {
      await orm.close(true);
      await systemPool.end();
    },
  };
}

/** Binds the running transaction of `em` to one workspace. Ends with the transaction. */
export async function enterWorkspace(em: EntityManager, workspaceId: string): Promise<void> {
  await em.execute("select set_config('app.workspace', ?, true)", [workspaceId]);
}

/**
 * Runs work in one transaction bound to one workspace (or to none: then every tenant table is empty) and flushes once at its end. A fork of its own each time: a
 * shared identity map grows and makes every flush slower (50 times, measured).
 */
export async function inWorkspace<T>(
  orm: MikroORM,
  workspaceId: string | null,
  work: (em: EntityManager) => Promise<T>,
): Promise<T> {
  return orm.em.fork().transactional(async (em) => {
    if (workspaceId) await enterWorkspace(em, workspaceId);
    return work(em);
  });
}
