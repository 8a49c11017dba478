import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { inRun, root } from './paths.ts';
import { Failure } from './steps.ts';

const SHARED = ['.swcrc', 'nx.json', 'tsconfig.base.json', 'package-lock.json'];
const NOT_SOURCES = new Set(['dist', 'node_modules']);
/** Beside the checkout's own data, whichever desk is started: what is built belongs to the checkout. */
const RECORD = join(root, '.run', 'built');

/** Builds what changed. Asks Nx (1.5 s to say that nothing did) only when a file is newer than the last build. */
export async function build(note: (text: string) => void): Promise<void> {
  const state = stateOfSources();
  const built =
    existsSync(RECORD) &&
    readFileSync(RECORD, 'utf8') === state &&
    projects().every((project) => existsSync(join(project, 'dist')) || !existsSync(join(project, 'src')));
  if (built) return note('nothing changed');
  await runNx(['run-many', '-t', 'build', '--parallel=2']);
  mkdirSync(dirname(RECORD), { recursive: true });
  writeFileSync(RECORD, state);
}

/** Runs Nx without its daemon, which would stay behind. */
export async function runNx(args: string[]): Promise<void> {
  const child = spawn(join(root, 'node_modules/.bin/nx'), [...args, '--output-style=static'], {
    cwd: root,
    env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code === 0) return;
  mkdirSync(inRun('logs'), { recursive: true });
  writeFileSync(inRun('logs', 'build.log'), said);
  throw new Failure(
    `The build failed:\n\n${failedParts(stripVTControlCharacters(said))}`,
    `The whole output: ${inRun('logs', 'build.log')}`,
  );
}

/** What the targets that failed had to say; the others' output only hides it. */
function failedParts(said: string): string {
  const [outputs = '', summary = ''] = said.split('Failed tasks:');
  const failed = [...summary.matchAll(/^- (\S+)/gm)].map((match) => match[1]);
  const parts = outputs
    .split(/^(?=> nx run )/m)
    .filter((part) => failed.some((target) => part.startsWith(`> nx run ${target}`)));
  return (parts.length ? parts : [said]).map((part) => part.trim().split('\n').slice(0, 40).join('\n')).join('\n\n');
}

/** Names, sizes and times of everything that goes into a build: 20 ms. */
function stateOfSources(): string {
  const hash = createHash('sha256');
  const add = (path: string) => {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  };
  SHARED.forEach((file) => add(join(root, file)));
  for (const project of projects()) for (const file of sourcesIn(project)) add(file);
  return hash.digest('hex');
}

const projects = (): string[] =>
  ['apps', 'libs'].flatMap((kind) => readdirSync(join(root, kind)).map((name) => join(root, kind, name)));

function* sourcesIn(dir: string): Generator<string> {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      if (!NOT_SOURCES.has(entry.name)) yield* sourcesIn(join(dir, entry.name));
    } else if (!entry.name.endsWith('.spec.ts')) yield join(dir, entry.name);
  }
}
