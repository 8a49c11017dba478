import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inRun, root } from './paths.ts';
import { Failure } from './steps.ts';

/** What the demo workspace is made of, as `.run/state.json` shows it. */
export interface Demo {
  workspace: string;
  address: string;
  users: { role: string; name: string; email: string; password: string; token: string }[];
  customers: { name: string; email: string; organization: string }[];
}

/** The demo workspace of this database; undefined before it is made. */
export function knownDemo(): Demo | undefined {
  return existsSync(inRun('demo.json')) ? (JSON.parse(readFileSync(inRun('demo.json'), 'utf8')) as Demo) : undefined;
}

/** Makes the demo workspace through the public API, and remembers who is in it. */
export async function makeDemo(settings: Record<string, string>): Promise<void> {
  const environment = { ...process.env, ...settings };
  const made = await promisify(execFile)(process.execPath, [join(root, 'tools/demo/main.ts')], {
    cwd: root,
    env: environment,
    maxBuffer: 16 * 1024 * 1024,
  }).catch((error: Error & { stderr?: string }) => {
    throw new Failure(
      `The demo workspace could not be made: ${error.stderr?.trim() || error.message}`,
      'npm run reset, then npm run up. If it happens again: npm run logs',
    );
  });
  // The last line is the result; what stands before is progress.
  const result = made.stdout.trim().split('\n').at(-1) as string;
  JSON.parse(result);
  writeFileSync(inRun('demo.json'), result, { mode: 0o600 });
}
