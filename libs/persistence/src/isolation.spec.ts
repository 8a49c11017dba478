import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, newId, testSecret, type TestDatabase } from '@sportello/testing';
import { Client, Pool } from 'pg';
import { openDatabase, refusePrivilegedRole, serviceUrl } from './index.js';

// What is looked for before a workspace is known, or in all of them: outbox, inbox, jobs, spool, sessions, tokens, addresses.
const systemIndexes = new RegExp(
  `\\.(${[
    ...['outbox_(pkey|waiting|published|age)', '(inbox|idempotency)_age', 'job_(due|finished)'],
    ...['(api_token|session)_token_hash_key', 'workspace_(slug|inbound_address)_key', 'forwarded_address_address_key'],
    ...['account_anywhere', '(invitation|link_request)_id', 'failed_sign_in_age'],
    ...['spool_(due|working|done)', 'imap_account_active', 'outbound_mail_due', 'dead_file_since'],
  ].join('|')})$`,
);

describe('tenant isolation', () => {
  let database: TestDatabase;
  let service: Pool;
  const [rome, oslo] = [newId(), newId()];
  const asService = async <Row extends object>(workspace: string | null, text: string, values: unknown[] = []) => {
    await service.query('begin');
    if (workspace) await service.query("select set_config('app.workspace', $1, true)", [workspace]);
    try {
      return (await service.query<Row>(text, values)).rows;
    } finally {
      await service.query('rollback');
    }
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    // One connection, so that each query follows another tenant's on the same one.
    service = new Pool({ connectionString: serviceUrl(database.serviceUrl, testSecret, 'tickets', 'tenant'), max: 1 });
    const owner = new Client({ connectionString: database.ownerUrl });
    await owner.connect();
    for (const workspace of [rome, oslo]) {
      await owner.query(`insert into tickets.team (workspace_id, id, name, seq) values ($1, $2, 'Team', 1)`, [
        workspace,
        newId(),
      ]);
    }
    await owner.end();
  });
  afterAll(async () => {
    await service.end();
    await database.drop();
  });

  it('given two workspaces, when one asks, then it reads its own rows only', async () => {
    expect(await asService(rome, 'select workspace_id from team')).toEqual([{ workspace_id: rome }]);
  });

  it('given a query that forgets the tenant, then it returns nothing, also after another tenant used the connection', async () => {
    expect(await asService(null, 'select * from team')).toEqual([]);
    await asService(oslo, 'select * from team');
    expect(await asService(null, 'select * from team')).toEqual([]);
  });

  it('given one workspace, when it writes for another, then the row is refused', async () => {
    const insert = asService(rome, `insert into team (workspace_id, id, name, seq) values ($1, $2, 'x', 1)`, [
      oslo,
      newId(),
    ]);
    await expect(insert).rejects.toThrow('row-level security');
    expect(
      await asService(rome, 'update team set name = $1 where workspace_id = $2 returning id', ['x', oslo]),
    ).toEqual([]);
  });

  it('is forced on every table of every service that has a workspace', async () => {
    const owner = new Client({ connectionString: database.ownerUrl });
    await owner.connect();
    const { rows } = await owner.query(`
      select c.oid::regclass::text as open from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'r' and n.nspname in ('tickets', 'identity', 'notifications', 'mail_ingest')
         and not (c.relrowsecurity and c.relforcerowsecurity)`);
    await owner.end();
    expect(rows).toEqual([]);
  });

  it('begins every index of a tenant table with the workspace, but for those of the system’s own look-ups', async () => {
    const owner = new Client({ connectionString: database.ownerUrl });
    await owner.connect();
    const { rows } = await owner.query<{ index: string }>(`
      select distinct i.indexrelid::regclass::text as index
        from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
       where n.nspname in ('tickets', 'identity', 'notifications', 'mail_ingest') and a.attname <> 'workspace_id'`);
    await owner.end();
    expect(rows.map(({ index }) => index).filter((index) => !systemIndexes.test(index))).toEqual([]);
  });

  it('is named by every function that goes past it: the workspace is what they are asked first, and no row of another is read', async () => {
    const owner = new Client({ connectionString: database.ownerUrl });
    await owner.connect();
    const { rows } = await owner.query<{ name: string; first: string; type: string; body: string; path: string }>(`
      select p.oid::regproc::text as name, p.proargnames[1] as first, p.proargtypes[0]::regtype::text as type, p.prosrc as body,
        array_to_string(p.proconfig, ',') as path
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema', 'public')`);
    await owner.end();
    expect(rows.length).toBeGreaterThan(1);
    for (const { name, first, type, body, path } of rows) {
      expect({ name, first, type }).toEqual({ name, first: 'workspace', type: 'uuid' });
      expect(path).toMatch(/^search_path=.*pg_temp$/);
      const tables = [...body.matchAll(/\b(?:from|join|update|into)\s+[a-z_]+\b/gi)].length;
      const named = [...body.matchAll(/workspace_id|workspace/g)].length;
      expect({ name, namesIt: named >= Math.max(tables, 1) }).toEqual({ name, namesIt: true });
    }
  });

  it('given the owner or a superuser, when a service starts as one, then it refuses', async () => {
    const owner = new Pool({ connectionString: database.ownerUrl, max: 1 });
    await expect(refusePrivilegedRole(owner, 'tickets')).rejects.toThrow('Start the service as tickets');
    await owner.end();
    const options = { service: 'tickets', databaseUrl: database.ownerUrl, secretKey: testSecret, entities: [] };
    await expect(openDatabase(options)).rejects.toThrow();
  });

  it('given the system role of one service, then it reads only the tables opened to it', async () => {
    const system = new Pool({
      connectionString: serviceUrl(database.serviceUrl, testSecret, 'tickets', 'system'),
      max: 1,
    });
    await expect(system.query('select * from item')).rejects.toThrow('permission denied');
    expect((await system.query('select * from outbox')).rows).toEqual([]);
    await system.end();
  });
});
