import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The full path of a program on PATH or in the places that PATH leaves out for ordinary users; undefined if absent. */
export function findProgram(name: string): string | undefined {
  const places = [...(process.env['PATH'] ?? '').split(delimiter)];
  places.push('/usr/local/bin', '/usr/local/sbin', '/usr/bin', '/usr/sbin', '/opt/homebrew/bin', '/opt/homebrew/sbin');
  return places.map((place) => join(place, name)).find((path) => existsSync(path));
}

/** Whether this is a system whose packages we can fetch by ourselves. */
export function hasDebianPackages(): boolean {
  return findProgram('apt-get') !== undefined && findProgram('dpkg') !== undefined;
}

/**
 * Unpacks Debian packages, with those of their dependencies that are not installed, into `into`, without installing
 * anything: no root, no service started, nothing changed outside. Does nothing when `into` exists. Programs then
 * stand in `<into>/usr/bin` and `<into>/usr/sbin`, libraries below `<into>/usr/lib`.
 */
export async function unpackDebianPackages(packages: string[], into: string): Promise<void> {
  if (existsSync(into)) return;
  const unfinished = `${into}.${process.pid}`;
  const files = join(unfinished, 'archives');
  await mkdir(files, { recursive: true });
  try {
    // The system's own lists first (at once); lists of our own where those are missing or too old (about 5 s).
    await downloadWithDependencies(packages, files, []).catch(async () => {
      const lists = [
        '-o',
        `Dir::State::lists=${join(unfinished, 'lists')}`,
        '-o',
        `Dir::Cache=${join(unfinished, 'cache')}`,
      ];
      await mkdir(join(unfinished, 'lists', 'partial'), { recursive: true });
      await mkdir(join(unfinished, 'cache', 'archives', 'partial'), { recursive: true });
      await run('apt-get', [...lists, '-q', 'update']);
      await downloadWithDependencies(packages, files, lists);
    });
    const root = join(unfinished, 'root');
    for (const file of await readdir(files)) await run('dpkg', ['-x', join(files, file), root]);
    // Two runs may unpack at once; the first to finish wins, the content is the same.
    await rename(root, into).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(into)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Installs Debian packages for the whole system; only root may. */
export async function installDebianPackages(packages: string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '-q', '--no-install-recommends', ...packages];
  await run('apt-get', install, { env }).catch(async () => {
    await run('apt-get', ['-q', 'update'], { env });
    await run('apt-get', install, { env, maxBuffer: 64 * 1024 * 1024 });
  });
}

async function downloadWithDependencies(packages: string[], into: string, options: string[]): Promise<void> {
  const plan = await run('apt-get', [...options, '-s', '--no-install-recommends', 'install', ...packages]);
  const missing = [...plan.stdout.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] as string);
  const wanted = [...new Set([...packages, ...missing])];
  await run('apt-get', [...options, '-q', 'download', ...wanted], { cwd: into, maxBuffer: 64 * 1024 * 1024 });
}
