import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  changeWorkspace,
  createCustomer,
  createOrganization,
  createToken,
  erasePerson,
  exportPerson,
  getCustomer,
  getUser,
  listCustomers,
  listUsers,
} from '@sportello/contracts';
import { serviceUrl } from '@sportello/persistence';
import { newId, startWorld, testSecret, type World } from '@sportello/testing';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Client, Pool } from 'pg';
import { AppModule } from '../app.module.js';
import { aColleague, actorOf, aSignUp, refusal, type SignedUp } from '../entry/entry.builders.js';
import { type NameList, nameQuery } from './by-name.queries.js';

describe('erasing and exporting one person', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld([AppModule]);
  });
  afterAll(() => world.stop());

  const lastEvent = async (id: string) =>
    (
      await world.sql<{ after: object }>(
        `select event -> 'data' -> 'after' as after from identity.outbox where aggregate_id = $1 order by seq desc limit 1`,
        [id],
      )
    )[0]?.after;

  it('given a customer, when they are erased, then no row has what identified them and the others are told', async () => {
    const { asAnna } = await aSignUp(world);
    await asAnna.call(changeWorkspace, { language: 'it' });
    const { id: organizationId } = await asAnna.call(createOrganization, { name: 'Verdi' });
    const lisa = await asAnna.call(createCustomer, {
      name: 'Lisa Verdi',
      email: 'lisa@verdi.test',
      phone: '+39 1',
      note: 'Gold',
      organizationId,
    });
    await asAnna.call(erasePerson, { kind: 'customer', id: lisa.id });
    await asAnna.call(erasePerson, { kind: 'customer', id: lisa.id });
    expect(await lastEvent(lisa.id)).toEqual({
      id: lisa.id,
      name: 'Persona cancellata',
      email: null,
      organizationId: null,
      language: null,
      erased: true,
      formerly: { name: 'Lisa Verdi', addresses: ['lisa@verdi.test'] },
    });
    const [row] = await world.sql<{ row: string }>('select c::text as row from identity.customer c where id = $1', [
      lisa.id,
    ]);
    expect(row?.row).not.toMatch(/lisa|verdi|\+39|gold/i);
    expect((await asAnna.call(listCustomers, {})).data).toEqual([]);
    await expect(asAnna.call(getCustomer, { id: lisa.id })).rejects.toMatchObject(refusal('not_found'));
    expect(await asAnna.call(createCustomer, { name: 'Lisa', email: 'lisa@verdi.test' })).toMatchObject({
      email: 'lisa@verdi.test',
    });
  });

  it('given a user, when they are erased, then they are out, their secrets are gone and the last administrator stays', async () => {
    const workspace = await aSignUp(world);
    const { asAnna, anna } = workspace;
    const { per, session, asPer } = await aColleague(world, workspace);
    const { token } = await asPer.call(createToken, { name: 'Of Per' });
    await expect(asPer.call(erasePerson, { kind: 'user', id: anna.id })).rejects.toMatchObject(refusal('forbidden'));
    await asAnna.call(erasePerson, { kind: 'user', id: per.id });
    expect(await lastEvent(per.id)).toMatchObject({ name: 'Erased person', email: null, active: false, teamIds: [] });
    for (const credential of [session.sessionToken, token])
      await expect(actorOf(world, credential)).rejects.toMatchObject(refusal('token_refused'));
    const [left] = await world.sql<{ rows: string }>(
      `select (select count(*) from identity.password where id = $1) + (select count(*) from identity.session where user_id = $1)
            + (select count(*) from identity.api_token where user_id = $1) as rows`,
      [per.id],
    );
    expect(left?.rows).toBe('0');
    expect((await asAnna.call(listUsers, {})).data.map(({ id }) => id)).toEqual([anna.id]);
    await expect(asAnna.call(getUser, { id: per.id })).rejects.toMatchObject(refusal('not_found'));
    await expect(asAnna.call(erasePerson, { kind: 'user', id: anna.id })).rejects.toMatchObject(
      refusal('last_administrator'),
    );
  });

  it('given an owner of data that does not answer, then there is no export rather than half of one', async () => {
    const { asAnna } = await aSignUp(world);
    const lisa = await asAnna.call(createCustomer, { name: 'Lisa', email: 'lisa@verdi.test' });
    await expect(asAnna.call(exportPerson, { kind: 'customer', id: lisa.id })).rejects.toMatchObject(
      refusal('service_unavailable'),
    );
    await expect(asAnna.call(exportPerson, { kind: 'user', id: newId() })).rejects.toMatchObject(refusal('not_found'));
  });
});

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
