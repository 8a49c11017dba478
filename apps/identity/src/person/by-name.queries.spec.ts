import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listCustomers } from '@sportello/contracts';
import { serviceUrl } from '@sportello/persistence';
import { newId, startWorld, testSecret, type World } from '@sportello/testing';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Client, Pool } from 'pg';
import { AppModule } from '../app.module.js';
import { aSignUp, type SignedUp } from '../entry/entry.builders.js';
import { nameQuery, type NameList } from './by-name.queries.js';

describe('lists of people, in a workspace of 20,000 customers', () => {
  let world: World;
  let workspace: SignedUp;
  let tenant: Client;
  beforeAll(async () => {
    world = await startWorld([AppModule]);
    workspace = await aSignUp(world);
    await world.sql(
      `insert into identity.customer (workspace_id, id, name, email, email_domain, created_at, seq)
       select case when n % 20 = 0 then gen_random_uuid() else $1::uuid end, gen_random_uuid(), md5(n::text), md5(n::text) || '@verdi.test', 'verdi.test', now(), 1
       from generate_series(1, 20000) n`,
      [workspace.anna.workspace],
    );
    await world.sql('vacuum analyze identity.customer');
    tenant = new Client({ connectionString: serviceUrl(world.database.serviceUrl, testSecret, 'identity', 'tenant') });
    await tenant.connect();
    await tenant.query(`select set_config('app.workspace', $1, false)`, [workspace.anna.workspace]);
    // The other tables are nearly empty here: what matters is that an index can answer.
    await tenant.query('set enable_seqscan = off');
  });
  afterAll(async () => {
    await tenant.end();
    await world.stop();
  });

  const cursor = Buffer.from(JSON.stringify(['name', 'm', newId()])).toString('base64url');
  const notErased = [sql<boolean>`erased_at is null`];
  it.each<Pick<NameList, 'table' | 'conditions'> & { index: string }>([
    { table: 'account', conditions: notErased, index: 'account_name' },
    { table: 'customer', conditions: notErased, index: 'customer_name' },
    {
      table: 'customer',
      conditions: [...notErased, sql<boolean>`organization_id = ${newId()}`],
      index: 'customer_organization',
    },
    { table: 'organization', conditions: [], index: 'organization_name' },
  ])("given the service's role, then a page of $table is read in order from $index", async ({ index, ...list }) => {
    const compiler = new Kysely<never>({ dialect: new PostgresDialect({ pool: new Pool() }) });
    const query = nameQuery({ ...list, workspaceId: workspace.anna.workspace, cursor });
    const { sql: text, parameters } = query.compile(compiler);
    const { rows } = await tenant.query<{ 'QUERY PLAN': string }>(`explain ${text}`, [...parameters]);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain(`using ${index}`);
    expect(plan).toMatch(/Index Cond: .*workspace_id = /);
    expect(plan).not.toContain('Sort');
  });

  it('given a rare word, then the search is answered by the index of words, whatever is searched for', async () => {
    const [found] = await world.sql<{ body: string }>(
      `select prosrc as body from pg_proc where proname = 'search_customers'`,
    );
    const body = (found?.body as string)
      .replace(/\bworkspace\b/g, '$1')
      .replace(/\bcontent\b/g, '$2')
      .replace(/\bmost\b/g, '$3');
    // As a function plans it: once, before it knows the text.
    await world.sql('set plan_cache_mode = force_generic_plan');
    await world.sql('set search_path = identity, public');
    await world.sql(`prepare search (uuid, text, integer) as ${body}`);
    const rows = await world.sql<{ 'QUERY PLAN': string }>(
      `explain execute search ('${workspace.anna.workspace}', '${'c4ca42'}', 2000)`,
    );
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('on customer_words');
    const { data } = await workspace.asAnna.call(listCustomers, { text: 'C4CA4238A0B9' });
    expect(data).toHaveLength(1);
  });
});
