import { isRunning, stopProcess, type ProcessIdentity } from '@sportello/testing/provision';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { inRun } from './paths.ts';

/** A process that `up` started and left running. */
export interface Started extends ProcessIdentity {
  name: string;
  /** What asks it to end without losing anything. */
  stopSignal: NodeJS.Signals;
}

const file = () => inRun('processes.json');

/** The processes of the last `up`, whether they still run or not. */
export function startedProcesses(): Started[] {
  return existsSync(file()) ? (JSON.parse(readFileSync(file(), 'utf8')) as Started[]) : [];
}

/** Those of them that run. */
export function runningProcesses(): Started[] {
  return startedProcesses().filter(isRunning);
}

/** Remembers a process, so that another command finds it. */
export function remember(started: Started): void {
  const others = startedProcesses().filter(({ name }) => name !== started.name);
  writeFileSync(file(), `${JSON.stringify([...others, started], undefined, 2)}\n`);
}

/** What the services need, and so ends after them. */
const SERVERS = ['postgres', 'nats'];

/** Ends processes: first the services, then the servers under them. */
export async function stopAll(processes: Started[]): Promise<void> {
  const end = (some: Started[]) => Promise.all(some.map((started) => stopProcess(started, started.stopSignal)));
  await end(processes.filter(({ name }) => !SERVERS.includes(name)));
  await end(processes.filter(({ name }) => SERVERS.includes(name)));
  const left = runningProcesses();
  if (left.length) writeFileSync(file(), `${JSON.stringify(left, undefined, 2)}\n`);
  else rmSync(file(), { force: true });
}
