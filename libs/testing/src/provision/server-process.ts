import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Identity } from './unprivileged.ts';

/** A program to run as a server. */
export interface ServerCommand {
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Both output streams are appended here. */
  logFile: string;
  /** Whom to run as; by default the one who runs us. */
  identity?: Identity;
  /** What asks it to end; by default SIGTERM. */
  stopSignal?: NodeJS.Signals;
}

/** A running server. */
export interface ServerProcess {
  pid: number;
  /** Whether it still runs. */
  alive(): boolean;
  /** Asks it to end, and makes it end after ten seconds. Returns when it is gone; harmless when it is gone already. */
  stop(): Promise<void>;
}

const STOP_GRACE_MS = 10_000;

// The shell's standard input is a pipe from us. However we end (also by SIGKILL, when no handler of ours runs) the
// pipe closes, `read` returns and the server is asked to stop: no orphans, at the price of a shell (1 MB). The last line
// ends what the server left in its process group (Dovecot: a client that had not signed in lived on for 30 s).
const GUARD = `
stop=$1; shift
exec 3<&0
"$@" 3<&- </dev/null & server=$!
{ read -r line <&3; kill -s "$stop" $server; } 2>/dev/null &
wait $server
kill -s KILL 0`;

/** Starts a server that ends when this process ends, in whatever way that happens. Ctrl-C does not reach it directly. */
export function startGuarded(server: ServerCommand): ServerProcess {
  const stopSignal = (server.stopSignal ?? 'SIGTERM').replace('SIG', '');
  const guarded = ['-c', GUARD, 'guard', stopSignal, server.command, ...server.args];
  const child = spawnLogged({ ...server, command: 'sh', args: guarded });
  // The pipe must not keep a finished program running; its closing is the signal.
  child.unref();
  const input = child.stdin as unknown as { unref(): void } | null;
  input?.unref();
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    pid: child.pid as number,
    alive: () => child.exitCode === null && child.signalCode === null,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.ref();
      const timer = setTimeout(() => process.kill(-(child.pid as number), 'SIGKILL'), STOP_GRACE_MS);
      child.stdin?.end();
      await gone;
      clearTimeout(timer);
    },
  };
}

/** Starts a server that outlives this process. Keep `identifyProcess(pid)` to find and stop it later. */
export function startDetached(server: ServerCommand): ServerProcess {
  const child = spawnLogged(server, 'ignore');
  child.unref();
  const pid = child.pid as number;
  const identity = identifyProcess(pid);
  return {
    pid,
    alive: () => child.exitCode === null && child.signalCode === null,
    stop: () => stopProcess(identity, server.stopSignal),
  };
}

/** A process as it can be found again: a pid alone may meanwhile belong to another program. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in the system's own words. Empty where the system does not tell. */
  startedAt: string;
}

/** What to remember of a running process. */
export function identifyProcess(pid: number): ProcessIdentity {
  return { pid, startedAt: processStart(pid) };
}

/** Whether that very process still runs. */
export function isRunning(process_: ProcessIdentity): boolean {
  try {
    process.kill(process_.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !isZombie(process_.pid) && processStart(process_.pid) === process_.startedAt;
}

/** Ends that very process: politely, after ten seconds by force. Does nothing when it no longer runs. */
export async function stopProcess(
  process_: ProcessIdentity,
  signal: NodeJS.Signals = 'SIGTERM',
  graceMs = STOP_GRACE_MS,
): Promise<void> {
  if (!isRunning(process_)) return;
  process.kill(process_.pid, signal);
  const deadline = performance.now() + graceMs;
  while (isRunning(process_)) {
    if (performance.now() > deadline) process.kill(process_.pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function spawnLogged(server: ServerCommand, input: 'pipe' | 'ignore' = 'pipe'): ChildProcess {
  mkdirSync(dirname(server.logFile), { recursive: true });
  const log = openSync(server.logFile, 'a');
  try {
    const child = spawn(server.command, server.args, {
      cwd: server.cwd ?? '/',
      env: server.env ?? process.env,
      stdio: [input, log, log],
      detached: true,
      ...server.identity,
    });
    child.once('error', () => undefined);
    if (child.pid === undefined) throw new Error(`${server.command} could not be started.`);
    return child;
  } finally {
    closeSync(log);
  }
}

/** Field 22 of /proc/<pid>/stat (clock ticks since boot). Elsewhere (macOS) a pid is taken at its word. */
function processStart(pid: number): string {
  return statusFields(pid)[19] ?? '';
}

function isZombie(pid: number): boolean {
  return statusFields(pid)[0] === 'Z';
}

/** The fields after the command's name, which may itself hold spaces and brackets. */
function statusFields(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
