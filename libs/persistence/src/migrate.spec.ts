import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, testSecret, type TestDatabase } from '@sportello/testing';
import { Client, Pool } from 'pg';
import { awaitMigrations, migrate, openDatabase, serviceUrl } from './index.js';

describe('migrations', () => {
  let database: TestDatabase;
  let owner: Client;
  let folder: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    owner = new Client({ connectionString: database.ownerUrl });
    await owner.connect();
  });
  afterAll(async () => {
    await owner.end();
    await database.drop();
  });
  beforeEach(async () => {
    await owner.query('drop schema if exists probe cascade');
    await owner.query("delete from sportello.migration where service = 'probe'");
    folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = (name: string, sql: string) => writeFile(join(folder, name), sql);
  const run = () => migrate(database.ownerUrl, testSecret, [{ service: 'probe', folder }]);
  const invalid = async () =>
    (
      await owner.query(
        "select 1 from pg_index join pg_class c on c.oid = indexrelid where not indisvalid and c.relnamespace = 'probe'::regnamespace",
      )
    ).rowCount;

  it('given one that was applied, when its file changes, then the next run refuses', async () => {
    await write('0001_x.sql', 'create table probe.x (workspace_id uuid)');
    expect(await run()).toContain('probe/0001_x.sql');
    expect(await run()).toEqual([]);
    await write('0001_x.sql', 'create table probe.y (workspace_id uuid)');
    await expect(run()).rejects.toThrow('never edited');
  });

  it('given one that fails half-way, then nothing of it is there and it runs whole once it is right', async () => {
    await write('0001_x.sql', 'create table probe.x (workspace_id uuid); select 1 / 0');
    await expect(run()).rejects.toThrow('probe/0001_x.sql: division by zero');
    await write('0001_x.sql', 'create table probe.x (workspace_id uuid)');
    expect(await run()).toContain('probe/0001_x.sql');
  });

  it('given several that start at the same moment, then each file is applied once', async () => {
    await write('0001_x.sql', 'create table probe.x (workspace_id uuid); select pg_sleep(0.2)');
    const applied = (await Promise.all([run(), run(), run()])).flat();
    expect(applied.filter((name) => name === 'probe/0001_x.sql')).toHaveLength(1);
  });

  it('given a table that somebody uses, then it steps back and tries again instead of holding everybody up', async () => {
    await write('0001_x.sql', 'create table probe.x (workspace_id uuid)');
    await run();
    await write('0002_more.sql', 'alter table probe.x add column more text');
    const user = new Client({ connectionString: database.ownerUrl });
    await user.connect();
    await user.query('begin');
    await user.query('select from probe.x');
    const running = run();
    // The first try has given up when nobody waits for the table although it is still in use.
    const waiting = async () =>
      (await owner.query("select from pg_locks where relation = 'probe.x'::regclass and not granted")).rowCount;
    while (!(await waiting())) await new Promise((resolve) => setTimeout(resolve, 10));
    while (await waiting()) await new Promise((resolve) => setTimeout(resolve, 10));
    await user.query('commit');
    await user.end();
    expect(await running).toEqual(['probe/0002_more.sql']);
  });

  it('given indexes to build concurrently, then they are built outside a transaction, and half-built ones anew', async () => {
    await write(
      '0001_x.sql',
      'create table probe.x (workspace_id uuid); insert into probe.x select null from generate_series(1, 2)',
    );
    await run();
    const index =
      'create unique index concurrently if not exists x_workspace on probe.x (workspace_id) nulls not distinct;\n';
    await write(
      '0002_index.sql',
      `-- concurrently\n${index}create index concurrently if not exists x_more on probe.x (workspace_id);\n`,
    );
    await expect(run()).rejects.toThrow('0002_index.sql: could not create unique index');
    expect(await invalid()).toBe(1);
    await owner.query('delete from probe.x');
    expect(await run()).toEqual(['probe/0002_index.sql']);
    expect(await invalid()).toBe(0);
    expect((await owner.query("select from pg_indexes where schemaname = 'probe' and tablename = 'x'")).rowCount).toBe(
      2,
    );
  });

  it('given a service that is newer than the database, then it waits until it is migrated, or says what is missing', async () => {
    await write('0001_x.sql', 'create table probe.x (workspace_id uuid)');
    const connectionString = serviceUrl(database.serviceUrl, testSecret, 'probe', 'system');
    const system = new Pool({ connectionString, max: 1 });
    await expect(awaitMigrations(system, 'probe', folder, 1)).rejects.toThrow('The database lacks probe/0001_x.sql');
    const opening = openDatabase({
      ...{ service: 'probe', databaseUrl: database.serviceUrl, secretKey: testSecret },
      ...{ entities: [], migrations: folder },
    });
    await run();
    await (await opening).close();
    await system.end();
  });
});
