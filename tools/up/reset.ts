import { reachableDirectory, removeReachable } from '@sportello/testing/provision';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { inRun } from './paths.ts';
import { step } from './steps.ts';
import { stop } from './up.ts';

/** What a desk knows. Kept are the ports, fetched packages and builds, which cost time and hold no data. */
const DATA = ['nats', 'storage', 'mailbox', 'logs', 'demo.json', 'state.json', 'secret'];

/** Stops everything and deletes all data, after asking where somebody can answer. */
export async function reset(sure: boolean): Promise<void> {
  if (!sure && process.stdin.isTTY) {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await terminal.question(
      '  This deletes every workspace, mail and file of this desk. Type "delete" to go on: ',
    );
    terminal.close();
    if (answer.trim() !== 'delete') return void process.stdout.write('  Nothing was deleted.\n');
  }
  await stop();
  await step('Deleting all data', async () => {
    removeReachable(reachableDirectory(inRun('postgres')));
    for (const name of DATA) rmSync(inRun(name), { recursive: true, force: true });
  });
}
