import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startNats } from './nats.ts';
import { startPostgres } from './postgres.ts';
import { identifyProcess, isRunning } from './server-process.ts';
import { reachableDirectory, removeReachable } from './unprivileged.ts';

/** Each run has a directory here, named by its process. */
const TEST_RUNS = join('.run', 'test');

/** What a run of Jest started, for its teardown: setup and teardown are loaded apart and share only the process. */
const RUNNING = Symbol.for('sportello.testing.servers');

type Servers = { stop(): Promise<void> }[];

/**
 * Jest's globalSetup (an .mts, so that Node itself loads it, not Jest's transform): one PostgreSQL and one nats-server for the whole run, whose addresses every test finds in
 * SPORTELLO_TEST_POSTGRES (as superuser) and SPORTELLO_TEST_NATS (0.4 s in all). Where one of these is set already,
 * that server is used and left alone.
 */
export default async function startServers(): Promise<void> {
  await removeLeftovers();
  const dir = join(TEST_RUNS, String(process.pid));
  const started = await Promise.all([
    startUnlessGiven('SPORTELLO_TEST_POSTGRES', () => startPostgres({ dir: `${dir}/postgres`, persistent: false })),
    startUnlessGiven('SPORTELLO_TEST_NATS', () => startNats({ dir: `${dir}/nats`, persistent: false })),
  ]);
  (globalThis as Record<symbol, unknown>)[RUNNING] = started.flat();
}

/** Jest's globalTeardown. Without it (Ctrl-C, a crash) the servers end as soon as Jest is gone; only their files stay. */
export async function stopServers(): Promise<void> {
  const servers = ((globalThis as Record<symbol, unknown>)[RUNNING] ?? []) as Servers;
  await Promise.all(servers.map((server) => server.stop()));
  for (const runs of testRuns()) removeReachable(join(runs, String(process.pid)));
}

/** Deletes what killed runs could not. */
async function removeLeftovers(): Promise<void> {
  for (const runs of testRuns()) {
    const pids = await readdir(runs).catch(() => []);
    const dead = pids.filter((pid) => !isRunning(identifyProcess(Number(pid))));
    for (const pid of dead) removeReachable(join(runs, pid));
  }
}

/** Servers under an account of no rights may have had to be put elsewhere. */
function testRuns(): string[] {
  return [...new Set([resolve(TEST_RUNS), reachableDirectory(TEST_RUNS)])];
}

async function startUnlessGiven(
  name: string,
  start: () => Promise<{ url: string; stop(): Promise<void> }>,
): Promise<Servers> {
  if (process.env[name]) return [];
  const server = await start();
  process.env[name] = server.url;
  return [server];
}
