import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isRunning, type ProcessIdentity } from '@sportello/testing/provision';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

interface State {
  web: string;
  api: string;
  smtp: { host: string; port: number };
  mailbox: { url: string; dir: string };
  demo: {
    workspace: string;
    address: string;
    users: { role: string; token: string }[];
    customers: { email: string }[];
  };
}

let dir: string;

const command = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['tools/up/main.ts', ...args], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], SPORTELLO_RUN_DIR: dir },
  });
const read = async <T>(name: string) => JSON.parse(await readFile(join(dir, name), 'utf8')) as T;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sportello-up-'));
});
afterAll(async () => {
  await command('reset', '--yes');
  await rm(dir, { recursive: true, force: true });
});

describe('npm run up', () => {
  it('on a fresh machine ends with a working product, its addresses and demo accounts', async () => {
    const { stdout } = await command('up', '--detach');
    const state = await read<State>('state.json');
    expect(state).toEqual({
      web: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      api: `${state.web}/api/v1`,
      smtp: { host: '127.0.0.1', port: expect.any(Number) },
      mailbox: { url: `${state.web}/dev/mailbox`, dir: expect.any(String) },
      demo: {
        workspace: expect.any(String),
        address: expect.stringContaining('@'),
        users: expect.any(Array),
        customers: expect.any(Array),
      },
    });
    expect(stdout).toContain(state.mailbox.url);

    const token = state.demo.users.find(({ role }) => role === 'administrator')?.token;
    const me = await fetch(`${state.api}/me`, { headers: { Authorization: `Bearer ${token}` } });
    expect(me.status).toBe(200);
    expect((await fetch(state.web)).headers.get('content-type')).toContain('text/html');
    expect((await stat(join(dir, 'secret'))).mode & 0o777).toBe(0o600);
  });

  it('a second time, says that it was up and shows the same addresses', async () => {
    const before = await read<State>('state.json');
    const { stdout } = await command('up', '--detach');
    expect(stdout).toContain('was up already');
    expect(stdout).toContain(before.web);
    expect(await read<State>('state.json')).toEqual(before);
  });

  it('down leaves no process, and up afterwards finds the same data on the same ports', async () => {
    const before = await read<State>('state.json');
    const processes = await read<ProcessIdentity[]>('processes.json');
    await command('down');
    expect(processes.filter(isRunning)).toEqual([]);

    await command('up', '--detach');
    expect(await read<State>('state.json')).toEqual(before);
  });
});
