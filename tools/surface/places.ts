import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of an app, without its specs. */
export interface Source {
  path: string;
  text: string;
}

/** Every source file of every app. */
export async function sourcesOf(root: string): Promise<Source[]> {
  const folder = join(root, 'apps');
  const names = await readdir(folder, { recursive: true });
  const files = names.filter(
    (name) =>
      name.endsWith('.ts') && name.includes('/src/') && !name.includes('node_modules') && !name.endsWith('.spec.ts'),
  );
  return Promise.all(
    files.sort().map(async (name) => ({ path: `apps/${name}`, text: await readFile(join(folder, name), 'utf8') })),
  );
}

/** Watching, cancelling and taking back are the same for the jobs of every service. */
const ofEveryJob = /\.jobs\.(get|rows|cancel|undo)$/;

/** Where an operation or route is handled. */
export function handlerOf({ id }: { id: string }, name: string, sources: readonly Source[]): string | undefined {
  if (ofEveryJob.test(id)) return 'libs/service/src/jobs.ts';
  return placesOf(new RegExp(`@(?:Handles|Runs|Serves)\\(${name}\\)`), sources)[0];
}

/** Where an event is listened to. */
export function subscribersOf(name: string, sources: readonly Source[]): string[] {
  return placesOf(new RegExp(`@On\\(${name}\\b`), sources);
}

function placesOf(pattern: RegExp, sources: readonly Source[]): string[] {
  return sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
}
