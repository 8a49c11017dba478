import { identifyProcess, startDetached } from '@sportello/testing/provision';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inRun, root } from './paths.ts';
import { remember, type Started } from './processes.ts';
import { Failure } from './steps.ts';

/** Which services share a process. Two in all: a Node process costs 100 MB before it does anything. */
export const HOSTS = {
  front: ['gateway', 'notifications'],
  back: ['identity', 'tickets', 'mail-ingest'],
} as const satisfies Record<string, readonly string[]>;

export type HostName = keyof typeof HOSTS;

export const logOf = (host: string): string => inRun('logs', `${host}.log`);

// Small heaps keep two idle hosts far below the budget of 900 MB; 512 MB is room for a desk of a few dozen people.
const NODE_FLAGS = ['--max-old-space-size=512', '--max-semi-space-size=8', '--enable-source-maps'];

/** Starts one process with its services. It outlives this one. */
export function startHost(host: HostName, settings: Record<string, string>): Started {
  const server = startDetached({
    command: process.execPath,
    args: [
      ...NODE_FLAGS,
      join(root, 'tools/up/host.ts'),
      ...HOSTS[host].map((service) => join(root, 'apps', service, 'dist/main.js')),
    ],
    cwd: root,
    // The compile cache takes a quarter off the start.
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_COMPILE_CACHE: inRun('compile-cache'),
      ...settings,
    },
    logFile: logOf(host),
  });
  const started = { name: host, ...identifyProcess(server.pid), stopSignal: 'SIGTERM' as const };
  remember(started);
  return started;
}

/** How long each log was when we began to watch: what stands before belongs to an earlier start. */
export function logSizes(): Record<string, number> {
  return Object.fromEntries(
    Object.keys(HOSTS).map((host) => [host, statSync(logOf(host), { throwIfNoEntry: false })?.size ?? 0]),
  );
}

/** Waits until the whole product answers. Throws with the end of its log when a host ends before. */
export async function waitUntilHealthy(
  web: string,
  isRunning: () => string[],
  since: Record<string, number>,
): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const answer = await fetch(`${web}/api/health`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (answer?.ok) return;
    const running = isRunning();
    const ended = Object.keys(HOSTS).find((host) => !running.includes(host));
    if (ended)
      throw new Failure(
        `The services ${HOSTS[ended as HostName].join(', ')} ended while starting:\n\n${endOfLog(ended, since)}`,
        `The whole log: ${logOf(ended)}`,
      );
    if (performance.now() > deadline)
      throw new Failure(
        `The services do not answer after 60 s. /api/health says: ${answer ? await answer.text() : 'nothing'}`,
        'npm run logs shows what they wait for.',
      );
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The last lines a host wrote in this start. */
export function endOfLog(host: string, since: Record<string, number>): string {
  const text = readFileSync(logOf(host))
    .subarray(since[host] ?? 0)
    .toString();
  return text.trim().split('\n').slice(-25).join('\n');
}
