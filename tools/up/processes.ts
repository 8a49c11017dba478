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

/** The processes of the last `up`, in the order of their start, whether they still run or not. */
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

/** Ends processes, the last started first, because each needs those before it. */
export async function stopAll(processes: Started[]): Promise<void> {
  for (const started of processes.toReversed()) await stopProcess(started, started.stopSignal);
  const left = runningProcesses();
  if (left.length) writeFileSync(file(), `${JSON.stringify(left, undefined, 2)}\n`);
  else rmSync(file(), { force: true });
}
