import { identifyProcess, startNats, startPostgres } from '@sportello/testing/provision';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import pg from 'pg';
import { migrationFolders } from '../migrate/migrations.ts';
import { build } from './build.ts';
import { knownDemo, makeDemo } from './demo.ts';
import { endOfLog, HOSTS, logOf, logSizes, startHost, waitUntilHealthy, type HostName } from './hosts.ts';
import { inRun } from './paths.ts';
import { choosePorts, type Ports } from './ports.ts';
import { remember, runningProcesses, stopAll } from './processes.ts';
import { DATABASE, ownerUrl, secretKey, serviceSettings } from './settings.ts';
import { webOf, writeState, type State } from './state.ts';
import { Failure, step } from './steps.ts';

/** Ctrl-C, the end of a session, a closed terminal. */
const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Starts the product, or finds it running, and returns where it is. What it starts outlives this process. */
export async function start(): Promise<State> {
  mkdirSync(inRun('logs'), { recursive: true });
  const present = runningState();
  if (present && (await answers(present.web))) {
    process.stdout.write('  Sportello was up already.\n');
    return present;
  }
  // Half of an earlier start is of no use: begin from nothing.
  await stopAll(runningProcesses());
  let abandoned: Promise<void> | undefined;
  const abandon = () => {
    // Whoever is being served by a database that ends now complains, and is not to be heard.
    process.on('uncaughtException', () => undefined);
    process.stdout.write('\n  Interrupted: stopping what was started.\n');
    abandoned = stopAll(runningProcesses()).then(() => process.exit(130));
  };
  for (const signal of INTERRUPTIONS) process.once(signal, abandon);
  try {
    return await startFresh();
  } catch (error) {
    await (abandoned ?? stopAll(runningProcesses()));
    throw error;
  } finally {
    for (const signal of INTERRUPTIONS) process.off(signal, abandon);
  }
}

/**
 * Stays until Ctrl-C, then stops everything; or until a process ends by itself, which is reported, unless services are
 * being restarted on purpose.
 */
export async function stay(since: Record<string, number>, { restarts = false } = {}): Promise<void> {
  process.stdout.write('  Ctrl-C stops everything.\n');
  const ended = await new Promise<string | undefined>((resolve) => {
    const all = runningProcesses()
      .map(({ name }) => name)
      .filter((name) => !restarts || !(name in HOSTS));
    const timer = setInterval(() => {
      const running = runningProcesses().map(({ name }) => name);
      const gone = all.find((name) => !running.includes(name));
      if (gone) end(gone);
    }, 1_000);
    const end = (name?: string) => {
      clearInterval(timer);
      resolve(name);
    };
    for (const signal of INTERRUPTIONS) process.once(signal, () => end());
  });
  // `npm run down` in another window ends everything on purpose.
  const failed = ended && runningProcesses().length > 0;
  await stop();
  if (failed)
    throw new Failure(
      ended in HOSTS ? `The process "${ended}" ended:\n\n${endOfLog(ended, since)}` : `${ended} ended.`,
      `The whole log: ${logOf(ended)}`,
    );
}

/** Stops what runs. */
export async function stop(): Promise<void> {
  const running = runningProcesses();
  if (!running.length) return void process.stdout.write('  Nothing is running.\n');
  await step('Stopping', async (note) => {
    note(running.map(({ name }) => name).join(', '));
    await stopAll(running);
  });
  rmSync(inRun('state.json'), { force: true });
}

function runningState(): State | undefined {
  const running = runningProcesses().map(({ name }) => name);
  const whole = ['postgres', 'nats', ...Object.keys(HOSTS)].every((name) => running.includes(name));
  if (!whole || !existsSync(inRun('state.json'))) return undefined;
  return JSON.parse(readFileSync(inRun('state.json'), 'utf8')) as State;
}

async function answers(web: string): Promise<boolean> {
  const answer = await fetch(`${web}/api/health`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  return answer?.ok ?? false;
}

async function startFresh(): Promise<State> {
  const ports = await choosePorts();
  const secret = secretKey();
  const settings = serviceSettings(ports, secret);
  const since = logSizes();
  // The build needs both cores, the servers hardly any; but a failed build should not wait for a download.
  await step('Build', build);
  await step('PostgreSQL and NATS', () => startServers(ports, secret));
  await step('Database', (note) => migrateDatabase(ports, secret, note));
  await step('Services', async () => {
    for (const host of Object.keys(HOSTS) as HostName[]) startHost(host, settings);
    await waitUntilHealthy(webOf(ports), () => runningProcesses().map(({ name }) => name), since);
  });
  if (!knownDemo()) await step('Demo workspace', () => makeDemo(settings));
  return writeState(ports);
}

async function startServers(ports: Ports, secret: string): Promise<void> {
  const note = (name: string, stopSignal: NodeJS.Signals) => (pid: number) =>
    remember({ name, ...identifyProcess(pid), stopSignal });
  await Promise.all([
    startPostgres({
      dir: inRun('postgres'),
      port: ports.postgres,
      persistent: true,
      password: secret,
      onSpawn: note('postgres', 'SIGINT'),
    }),
    startNats({ dir: inRun('nats'), port: ports.nats, persistent: true, onSpawn: note('nats', 'SIGTERM') }),
  ]);
}

/** Makes the database if there is none and brings it to the present version. */
export async function migrateDatabase(ports: Ports, secret: string, note: (text: string) => void): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl(ports, secret, 'postgres') });
  await client.connect();
  const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
  if (!rowCount) await client.query(`create database ${DATABASE}`);
  await client.end();
  const { migrate } = await import('@sportello/persistence');
  const applied = await migrate(ownerUrl(ports, secret), secret, migrationFolders());
  note(applied.length ? `${applied.length} migrations applied` : 'up to date');
}
