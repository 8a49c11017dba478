import { afterEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { startPostgres, type Postgres } from './postgres.ts';
import { identifyProcess, isRunning, stopProcess } from './server-process.ts';
import { reachableDirectory, removeReachable } from './unprivileged.ts';

let running: Postgres | undefined;
let home: string | undefined;

async function aDirectory(): Promise<string> {
  home = await mkdtemp(join(tmpdir(), 'sportello-postgres-'));
  return join(home, 'postgres');
}

async function ask(postgres: Postgres, query: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const result = await client.query<{ answer: unknown }>(query).finally(() => client.end());
  return result.rows[0]?.answer;
}

afterEach(async () => {
  await running?.stop();
  if (!home) return;
  removeReachable(reachableDirectory(join(home, 'postgres')));
  await rm(home, { recursive: true, force: true });
});

describe('startPostgres', () => {
  it('answers queries as superuser, in a directory closed to others too, and leaves nothing behind', async () => {
    const dir = await aDirectory();
    running = await startPostgres({ dir, persistent: false });

    expect(await ask(running, `select current_setting('is_superuser') as answer`)).toBe('on');
    expect(await ask(running, `select current_setting('max_connections') as answer`)).toBe('100');
    expect(await ask(running, `select upper('è') as answer`)).toBe('È');
    const server = identifyProcess(running.pid);
    await running.stop();
    expect(isRunning(server)).toBe(false);
    expect(existsSync(dir)).toBe(false);
  });

  it('brings the extensions that the services use', async () => {
    running = await startPostgres({ dir: await aDirectory(), persistent: false });
    for (const extension of ['unaccent', 'btree_gin', 'pg_trgm']) await ask(running, `create extension ${extension}`);
    expect(await ask(running, `select unaccent('perché') as answer`)).toBe('perche');
  });

  it('refuses a wrong password', async () => {
    running = await startPostgres({ dir: await aDirectory(), persistent: false, password: 'right' });
    const wrong = { ...running, url: running.url.replace(':right@', ':wrong@') };
    await expect(ask(wrong, 'select 1 as answer')).rejects.toThrow('password authentication failed');
  });

  it('given persistent, keeps its data from one start to the next, on the port it is told', async () => {
    const dir = await aDirectory();
    const port = await freePort();
    running = await startPostgres({ dir, port, persistent: true });
    await ask(running, 'create table kept as select 42 as answer');
    await running.stop();

    running = await startPostgres({ dir, port, persistent: true });
    expect(running.port).toBe(port);
    expect(await ask(running, 'select answer from kept')).toBe(42);
  });

  it('given that it was killed, starts again with what was committed', async () => {
    const dir = await aDirectory();
    running = await startPostgres({ dir, persistent: true });
    await ask(running, 'create table kept as select 42 as answer');
    const killed = identifyProcess(running.pid);
    await stopProcess(killed, 'SIGKILL');

    running = await startPostgres({ dir, persistent: true });
    expect(await ask(running, 'select answer from kept')).toBe(42);
  });

  it('given a port that is taken, says so', async () => {
    const first = await startPostgres({ dir: await aDirectory(), persistent: false });
    running = first;
    const second = startPostgres({ dir: join(home as string, 'second'), port: first.port, persistent: false });
    await expect(second).rejects.toMatchObject({ message: expect.stringContaining(`Port ${first.port}`) });
  });
});
