/**
 * The public surface: what can be asked, by whom, and what is told. `npm run surface` prints one declaration, `-- --record` writes the golden
 * files (surface, handlers, OpenAPI, client) on purpose, `-- --check` fails where they differ from the code. Recording refuses what is no addition,
 * unless `--anew` says that no release has had it yet.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { registry } from '@sportello/contracts';
import { ownerOf } from '@sportello/kernel';
import { breaks, type Api } from './breaks.ts';
import { handlerOf, sourcesOf, subscribersOf } from './places.ts';

const root = resolve(import.meta.dirname, '../..');
const goldenFile = join(root, 'docs/api/surface.json');
const handlersFile = join(root, 'apps/gateway/src/operation/handlers.json');
const openApiFile = join(root, 'libs/api-client/openapi.json');
const clientFolder = join(root, 'libs/api-client/src/generated');

const [argument, option] = process.argv.slice(2);
if (argument === '--record') await record(option === '--anew');
else if (argument === '--check') await check();
else await print(argument ?? '');

async function record(anew: boolean): Promise<void> {
  const api = await openApi();
  const broken = anew ? [] : breaks(JSON.parse(await readFile(openApiFile, 'utf8')) as Api, JSON.parse(api) as Api);
  if (broken.length) {
    process.stderr.write(
      `${broken.join('\n')}\n\nContracts change by addition: a breaking change is a new id. Nothing was recorded.\n` +
        'If no release has had it yet: npm run surface -- --record --anew\n',
    );
    process.exitCode = 1;
    return;
  }
  await mkdir(join(root, 'docs/api'), { recursive: true });
  await writeFile(goldenFile, await golden());
  await writeFile(handlersFile, await handlers());
  await writeFile(openApiFile, api);
  generateClient(openApiFile, clientFolder);
  process.stdout.write('Recorded docs/api/surface.json, the handlers, libs/api-client/openapi.json and the client.\n');
}

async function check(): Promise<void> {
  const differing: string[] = [];
  if ((await readFile(goldenFile, 'utf8')) !== (await golden())) differing.push('docs/api/surface.json');
  if ((await readFile(handlersFile, 'utf8')) !== (await handlers()))
    differing.push('apps/gateway/src/operation/handlers.json');
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
  const sources = await sourcesOf(root);
  for (const one of [...registry.operations.values(), ...registry.routes.values(), ...registry.events.values()]) {
    if (!one.id.includes(word)) continue;
    const name = registry.names.get(one.id) as string;
    const subscribers = (event: string) => subscribersOf(event, sources).join(', ') || 'none';
    const lines = [one.id, `  ${one.summary}`];
    if (one.kind === 'event') lines.push(`  subscribers ${subscribers(name)}`);
    else {
      lines.push(`  route       ${one.http ?? 'bus only'}`, `  permission  ${one.permission}`);
      lines.push(`  handled by  ${handlerOf(one, name, sources) ?? 'nobody'}`);
    }
    if (one.kind === 'operation')
      for (const { id } of one.emits)
        lines.push(`  emits       ${id}: ${subscribers(registry.names.get(id) as string)}`);
    process.stdout.write(`${lines.join('\n')}\n`);
  }
}

/** Where each operation and route is handled, for OpenAPI: an image has no sources. */
async function handlers(): Promise<string> {
  const sources = await sourcesOf(root);
  const all = [...registry.operations.values(), ...registry.routes.values()].flatMap((one) => {
    const file = handlerOf(one, registry.names.get(one.id) as string, sources);
    return file ? [[one.id, file] as const] : [];
  });
  return `${JSON.stringify(Object.fromEntries(all.sort(([a], [b]) => a.localeCompare(b, 'en'))), null, 2)}\n`;
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
  return `${JSON.stringify(await documentWithoutStarting(JSON.parse(await handlers())), null, 2)}\n`;
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
