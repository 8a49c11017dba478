import { ensureChromium, ensureDovecot, ensureNatsServer, ProvisionFailure } from '@sportello/testing/provision';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

// Everything that must hold before a change lands, cheapest first; the first failure ends it with its own output.
const root = resolve(import.meta.dirname, '..');
const results = join(root, '.run', 'jest.json');
const environment = {
  ...process.env,
  PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env['PATH']}`,
  NX_DAEMON: 'false',
  NX_TUI: 'false',
};

type Step = [title: string, command: string[], extra?: NodeJS.ProcessEnv];

const surface = join(root, 'tools/surface/main.ts');
const checks: Step[] = [
  ['Format', ['prettier', '--check', '--log-level=warn', '.']],
  // Without a graph in its cache the rule for boundaries skips itself, with a warning that does not count as one.
  ['Project graph', ['nx', 'show', 'projects']],
  ['Lint and boundaries', ['eslint', '.', '--max-warnings=0']],
  ['Types', ['tsc', '-p', 'tsconfig.json']],
  ...(existsSync(join(root, 'apps/web/tsconfig.json'))
    ? [['Types of the web app', ['tsc', '-p', 'apps/web/tsconfig.json', '--noEmit']] as Step]
    : []),
  ['Build', ['node', join(root, 'tools/build.ts')]],
  ...(existsSync(surface) ? [['Public surface', ['node', surface, '--check']] as Step] : []),
];
const tests: Step = [
  'Tests',
  ['jest', '--json', `--outputFile=${results}`, '--maxWorkers=2'],
  { NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' },
];

async function run([title, [command, ...args], extra]: Step): Promise<boolean> {
  console.log(`\n── ${title}`);
  const started = performance.now();
  const child = spawn(command as string, args, {
    cwd: root,
    env: { ...environment, ...extra },
    // Jest's JSON goes to the file, and to standard output as well; its report for people goes to standard error.
    stdio: ['ignore', title === 'Tests' ? 'ignore' : 'inherit', 'inherit'],
  });
  const code = await new Promise<number | null>((done) => child.once('close', done));
  console.log(`── ${title}: ${code === 0 ? 'ok' : 'FAILED'} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return code === 0;
}

/** Programs of the system that tests need, fetched where that is allowed. */
async function ensurePrograms(): Promise<boolean> {
  console.log('\n── System programs');
  try {
    for (const ensure of [ensureNatsServer, ensureChromium, ensureDovecot]) console.log(`   ${await ensure()}`);
    return true;
  } catch (error) {
    if (!(error instanceof ProvisionFailure)) throw error;
    console.error(`\n   ${error.message}\n   ${error.remedy}`);
    return false;
  }
}

async function verify(): Promise<boolean> {
  mkdirSync(join(root, '.run'), { recursive: true });
  rmSync(results, { force: true });
  if (!(await ensurePrograms())) return false;
  for (const check of checks) if (!(await run(check))) return false;
  const passed = await run(tests);
  if (!existsSync(results)) return false;
  const { numPassedTests, numFailedTests, numFailedTestSuites, numRuntimeErrorTestSuites } = JSON.parse(
    readFileSync(results, 'utf8'),
  ) as Record<string, number>;
  console.log(`\n${numPassedTests} passed, ${numFailedTests} failed`);
  if (numRuntimeErrorTestSuites)
    console.log(`${numRuntimeErrorTestSuites} of ${numFailedTestSuites} failed files did not run at all.`);
  return passed && Boolean(numPassedTests);
}

process.exitCode = (await verify()) ? 0 : 1;
