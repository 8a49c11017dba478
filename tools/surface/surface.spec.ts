import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const surface = (at: string, ...args: string[]) =>
  spawnSync(process.execPath, [join(at, 'tools/surface/main.ts'), ...args], { cwd: at, encoding: 'utf8' });

describe('npm run surface', () => {
  it('prints route, permission, handler and subscribers of what has the word in its id', () => {
    expect(surface(root, 'items.delete').stdout).toBe(
      [
        'tickets.items.delete',
        '  Delete an item; `restore` brings it back',
        '  route       DELETE /items/:id',
        '  permission  item.delete',
        '  handled by  apps/tickets/src/item/item.operations.ts',
        '  emits       tickets.item.deleted: apps/notifications/src/item/item.subscriptions.ts',
        '',
      ].join('\n'),
    );
  });

  it('finds a handler for every operation and route', () => {
    const nobody = surface(root, '')
      .stdout.split(/\n(?=\S)/)
      .filter((each) => each.includes('handled by  nobody'));
    expect(nobody.map((each) => each.split('\n')[0])).toEqual(['gateway.openapi']);
  });
});

describe('the golden files', () => {
  /** A copy of the repository in which only what is recorded is its own. */
  let copy: string;
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'sportello-surface-'));
    for (const folder of ['docs/api', 'tools/surface', 'libs/api-client'])
      cpSync(join(root, folder), join(copy, folder), {
        recursive: true,
        filter: (path) => !path.includes('node_modules'),
      });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    symlinkSync(join(root, 'apps'), join(copy, 'apps'));
    for (const name of ['package.json', 'tsconfig.base.json', 'tsconfig.json'])
      if (existsSync(join(root, name))) cpSync(join(root, name), join(copy, name));
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  it('given a surface that differs from what was recorded, then the check fails and says what to do', () => {
    const file = join(copy, 'docs/api/surface.json');
    const recorded = JSON.parse(readFileSync(file, 'utf8')) as { operations: Record<string, { permission: string }> };
    recorded.operations['tickets.items.delete']!.permission = 'item.edit';
    writeFileSync(file, `${JSON.stringify(recorded, null, 2)}\n`);
    const { status, stderr } = surface(copy, '--check');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        'The public surface differs from docs/api/surface.json.\nIf that is on purpose: npm run surface -- --record\n',
    });
  });

  it('given what is no addition to what was recorded, then it is not recorded, unless no release has had it', () => {
    const file = join(copy, 'libs/api-client/openapi.json');
    const recorded = JSON.parse(readFileSync(file, 'utf8')) as { paths: object };
    const more = { ...recorded, paths: { ...recorded.paths, '/api/v1/earlier': { get: {} } } };
    writeFileSync(file, JSON.stringify(more));
    const { status, stderr } = surface(copy, '--record');
    expect(status).toBe(1);
    expect(stderr).toContain('GET /api/v1/earlier is gone\n');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(more);
  });
});
