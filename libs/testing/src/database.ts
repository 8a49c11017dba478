import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { migrate, type ServiceMigrations } from '@sportello/persistence';
import { Client } from 'pg';

/** The secret of every test: role passwords and keys follow from it. */
export const testSecret = 'a secret that only tests know, long enough';

/** A database of one test file's own, migrated. */
export interface TestDatabase {
  /** As the owner, past row-level security: only to look at what really is in the tables, and to break things on purpose. */
  ownerUrl: string;
  /** Without a user name: services log in as their own roles. */
  serviceUrl: string;
  drop(): Promise<void>;
}

const root = resolve(import.meta.dirname, '../../..');

/** The migrations of every service, from the sources. */
export function sourceMigrations(): ServiceMigrations[] {
  const apps = join(root, 'apps');
  return readdirSync(apps)
    .map((service) => ({ service, folder: join(apps, service, 'src/migrations') }))
    .filter(({ folder }) => existsSync(folder));
}

/** Makes a database from a template that holds the present migrations: a copy takes 50 ms, migrating takes longer. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env.SPORTELLO_TEST_POSTGRES;
  if (!server) throw new Error('SPORTELLO_TEST_POSTGRES is not set: run the tests by Jest, which starts PostgreSQL.');
  const admin = new Client({ connectionString: server });
  await admin.connect();
  const template = await ensureTemplate(admin, server);
  const name = `test_${randomBytes(6).toString('hex')}`;
  await admin.query(`create database ${name} template ${template}`);
  const url = databaseOf(server, name);
  const bare = new URL(url);
  bare.username = bare.password = '';
  return {
    ownerUrl: url,
    serviceUrl: bare.href,
    drop: async () => {
      await untilDeserted(admin, name);
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}

/**
 * Waits until nobody is connected, two seconds at most. A pool that was ended has said goodbye but the server may not have heard it yet; a connection that it ends
 * first would report an error that nobody listens to any more, in whatever test runs then.
 */
async function untilDeserted(admin: Client, name: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const { rows } = await admin.query<{ count: string }>('select count(*) from pg_stat_activity where datname = $1', [
      name,
    ]);
    if (rows[0]?.count === '0') return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function ensureTemplate(admin: Client, server: string): Promise<string> {
  const services = sourceMigrations();
  const template = `template_${await checksum(services)}`;
  // Several workers may ask at once: the first migrates, the others wait.
  await admin.query('select pg_advisory_lock(77)');
  try {
    const { rowCount } = await admin.query('select from pg_database where datname = $1 and datistemplate', [template]);
    if (rowCount) return template;
    await admin.query(`drop database if exists ${template}`);
    await admin.query(`create database ${template}`);
    await migrate(databaseOf(server, template), testSecret, services);
    await admin.query(`alter database ${template} with is_template true`);
    return template;
  } finally {
    await admin.query('select pg_advisory_unlock(77)');
  }
}

async function checksum(services: ServiceMigrations[]): Promise<string> {
  const hash = createHash('sha256');
  const shared = join(root, 'libs/persistence/src');
  for (const { folder } of [{ folder: shared }, ...services]) {
    for (const file of (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()) {
      hash.update(file).update(await readFile(join(folder, file)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

function databaseOf(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
