import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError, type Pool } from 'pg';

/** What a database says that nobody has migrated yet: no such role or a password of its own time, no such database, schema or table; or it is not up. */
const notYet = ['28000', '28P01', '3D000', '3F000', '42P01', '57P03'];
const pauseMilliseconds = 500;

/**
 * Waits until the database is as new as the code: a service and the migration start side by side.
 * @param folder the service's migrations, as they came with its code
 * @param attempts looks, half a second apart
 * @throws Error that names what is missing
 */
export async function awaitMigrations(system: Pool, service: string, folder: string, attempts = 120): Promise<void> {
  const needed = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  for (let attempt = 1; ; attempt += 1) {
    const missing = await missingOf(system, service, needed);
    if (!missing.length) return;
    if (attempt >= attempts)
      throw new Error(`The database lacks ${service}/${missing.join(`, ${service}/`)}. Run npm run migrate.`);
    await sleep(pauseMilliseconds);
  }
}

async function missingOf(system: Pool, service: string, needed: readonly string[]): Promise<string[]> {
  try {
    const { rows } = await system.query<{ name: string }>('select name from sportello.migration where service = $1', [
      service,
    ]);
    const applied = new Set(rows.map(({ name }) => name));
    return needed.filter((name) => !applied.has(name));
  } catch (error) {
    const refused = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
    if (refused || (error instanceof DatabaseError && notYet.includes(error.code ?? ''))) return [...needed];
    throw error;
  }
}
