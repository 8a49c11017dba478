import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const apps = resolve(import.meta.dirname, '../../apps');

/** Each service's folder of migrations, as built. */
export function migrationFolders(): { service: string; folder: string }[] {
  return readdirSync(apps)
    .map((service) => ({ service, folder: join(apps, service, 'dist', 'migrations') }))
    .filter(({ folder }) => existsSync(folder));
}
