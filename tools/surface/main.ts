/**
 * The public surface: what can be asked, by whom, and what is told. `npm run surface` prints one declaration, `-- --record` writes the golden
 * files (surface, OpenAPI, client) on purpose, `-- --check` fails where they differ from the code.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { registry } from '@sportello/contracts';
import { ownerOf } from '@sportello/kernel';

const root = resolve(import.meta.dirname, '../..');
const goldenFile = join(root, 'docs/api/surface.json');
const openApiFile = join(root, 'libs/api-client/openapi.json');
const clientFolder = join(root, 'libs/api-client/src/generated');

const [argument] = process.argv.slice(2);
if (argument === '--record') await record();
else if (argument === '--check') await check();
else await print(argument ?? '');

async function record(): Promise<void> {
  await mkdir(join(root, 'docs/api'), { recursive: true });
  await writeFile(goldenFile, await golden());
  await writeFile(openApiFile, await openApi());
  generateClient(openApiFile, clientFolder);
  process.stdout.write('Recorded docs/api/surface.json, libs/api-client/openapi.json and the client.\n');
}

async function check(): Promise<void> {
  const differing: string[] = [];
  if ((await readFile(goldenFile, 'utf8')) !== (await golden())) differing.push('docs/api/surface.json');
  if ((await readFile(openApiFile, 'utf8')) !== (await openApi())) differing.push('libs/api-client/openapi.json');
  const fresh = join(tmpdir(), `sportello-client-${process.pid}`);
  generateClient(openApiFile, fresh);
  if ((await contentOf(fresh)) !== (await contentOf(clientFolder))) differing.push('libs/api-client/src/generated');
  await rm(fresh, { recursive: true });
  if (!differing.length) return;
  process.stderr.write(
    `The public surface differs from ${differing.join(', ')}.\nIf that is on purpose: npm run surface -- --record\n`,
  );
  process.exitCode = 1;
}

/** `npm run surface -- convert` prints route, permission, handler and subscribers of what has that word in its id. */
async function print(word: string): Promise<void> {
  const sources = await sourcesOf(join(root, 'apps'));
  for (const one of [...registry.operations.values(), ...registry.routes.values(), ...registry.events.values()]) {
    if (!one.id.includes(word)) continue;
    const name = registry.names.get(one.id) as string;
    const places = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
    process.stdout.write(`${one.id}\n  ${one.summary}\n`);
    if (one.kind !== 'event')
      process.stdout.write(`  route       ${one.http ?? 'bus only'}\n  permission  ${one.permission}\n`);
    if (one.kind === 'operation')
      process.stdout.write(`  handled by  ${places(new RegExp(`@(?:Handles|Runs)\\(${name}\\)`)).join(', ')}\n`);
    if (one.kind === 'event')
      process.stdout.write(`  subscribers ${places(new RegExp(`@On\\(${name}\\b`)).join(', ') || 'none'}\n`);
  }
}

async function sourcesOf(folder: string): Promise<{ path: string; text: string }[]> {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter(
    (name) =>
      name.endsWith('.ts') && name.includes('/src/') && !name.includes('node_modules') && !name.endsWith('.spec.ts'),
  );
  return Promise.all(
    files.map(async (name) => ({ path: `apps/${name}`, text: await readFile(join(folder, name), 'utf8') })),
  );
}

/** Operations, routes, permissions, events and definer functions, sorted, one a line. */
async function golden(): Promise<string> {
  const operations = [...registry.operations.values()].map((one) => [
    one.id,
    {
      http: one.http,
      permission: one.permission,
      app: one.app,
      callers: one.callers,
      emits: one.emits.map(({ id }) => id),
      errors: one.errors.map(({ code }) => code),
      ...(one.job && { job: one.job }),
    },
  ]);
  const routes = [...registry.routes.values()].map(({ id, http, permission, limits }) => [
    id,
    { http, permission, limits },
  ]);
  const events = [...registry.events.values()].map((one) => [
    one.id,
    { customers: one.customerPayload !== null, owner: ownerOf(one.id) },
  ]);
  const sorted = (entries: unknown[][]) =>
    Object.fromEntries(entries.sort(([a], [b]) => String(a).localeCompare(String(b), 'en')) as [string, unknown][]);
  const surface = {
    operations: sorted(operations),
    routes: sorted(routes),
    events: sorted(events),
    definerFunctions: await definerFunctions(),
  };
  return `${JSON.stringify(surface, null, 2)}\n`;
}

/** Functions that run with the owner's rights go past row-level security: each is named here on purpose. */
async function definerFunctions(): Promise<string[]> {
  const found: string[] = [];
  for (const app of await readdir(join(root, 'apps'))) {
    const folder = join(root, 'apps', app, 'src/migrations');
    if (!existsSync(folder)) continue;
    for (const file of await readdir(folder)) {
      const sql = await readFile(join(folder, file), 'utf8');
      for (const [statement, name] of sql.matchAll(/create (?:or replace )?function\s+([\w.]+)[\s\S]*?\$\$/gi)) {
        if (/security definer/i.test(statement)) found.push(name as string);
      }
    }
  }
  return [...new Set(found)].sort();
}

async function openApi(): Promise<string> {
  const { documentWithoutStarting } = await import(join(root, 'apps/gateway/dist/openapi.js'));
  return `${JSON.stringify(await documentWithoutStarting(), null, 2)}\n`;
}

function generateClient(input: string, output: string): void {
  execFileSync(
    join(root, 'node_modules/.bin/openapi-ts'),
    [
      '--input',
      input,
      '--output',
      output,
      '--client',
      '@hey-api/client-fetch',
      '--plugins',
      '@hey-api/typescript',
      '@hey-api/sdk',
      '@tanstack/react-query',
      '--silent',
    ],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
  );
}

async function contentOf(folder: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts')).sort();
  return (await Promise.all(names.map(async (name) => `${name}\n${await readFile(join(folder, name), 'utf8')}`))).join(
    '\n',
  );
}
