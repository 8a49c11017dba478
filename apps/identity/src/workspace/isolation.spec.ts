import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  changeCustomer,
  changeTeam,
  changeUser,
  createCustomer,
  createOrganization,
  createTeam,
  endSession,
  erasePerson,
  exportPerson,
  getCustomer,
  getOrganization,
  getUser,
  inviteUser,
  listCustomers,
  listInvitations,
  listOrganizations,
  listSessions,
  listTeams,
  listUsers,
  removeTeam,
  withdrawInvitation,
} from '@sportello/contracts';
import { serviceUrl } from '@sportello/persistence';
import { startWorld, testSecret, type World } from '@sportello/testing';
import { Client } from 'pg';
import { AppModule } from '../app.module.js';
import { aSignUp, refusal, type SignedUp } from '../entry/entry.builders.js';

describe('two workspaces never learn of each other', () => {
  let world: World;
  let here: SignedUp;
  let there: SignedUp;
  beforeAll(async () => {
    world = await startWorld([AppModule]);
    here = await aSignUp(world);
    there = await aSignUp(world);
  });
  afterAll(() => world.stop());

  it("given another workspace's ids, then every operation answers as if there were no such thing", async () => {
    const customer = await there.asAnna.call(createCustomer, { name: 'Lisa', email: 'lisa@verdi.test' });
    const organization = await there.asAnna.call(createOrganization, { name: 'Verdi', domains: ['verdi.test'] });
    const team = await there.asAnna.call(createTeam, { name: 'Workshop' });
    const invitation = await there.asAnna.call(inviteUser, { email: 'per@hansen.test' });
    const session = (await there.asAnna.call(listSessions, {})).data[0];
    const user = there.anna.id;
    const attempts = [
      () => here.asAnna.call(getCustomer, { id: customer.id }),
      () => here.asAnna.call(changeCustomer, { id: customer.id, name: 'Mine' }),
      () => here.asAnna.call(erasePerson, { kind: 'customer', id: customer.id }),
      () => here.asAnna.call(exportPerson, { kind: 'customer', id: customer.id }),
      () => here.asAnna.call(createCustomer, { name: 'X', organizationId: organization.id }),
      () => here.asAnna.call(getOrganization, { id: organization.id }),
      () => here.asAnna.call(createOrganization, { name: 'X', defaultTeamId: team.id }),
      () => here.asAnna.call(changeTeam, { id: team.id, name: 'Mine' }),
      () => here.asAnna.call(removeTeam, { id: team.id }),
      () => here.asAnna.call(createTeam, { name: 'X', memberIds: [user] }),
      () => here.asAnna.call(getUser, { id: user }),
      () => here.asAnna.call(changeUser, { id: user, role: 'member' }),
      () => here.asAnna.call(changeUser, { id: here.anna.id, teamIds: [team.id] }),
      () => here.asAnna.call(erasePerson, { kind: 'user', id: user }),
      () => here.asAnna.call(inviteUser, { email: 'x@hansen.test', teamIds: [team.id] }),
      () => here.asAnna.call(withdrawInvitation, { id: invitation.id }),
      () => here.asAnna.call(endSession, { id: session?.id as string }),
    ];
    for (const attempt of attempts) {
      await expect(attempt()).rejects.toMatchObject(refusal('not_found'));
    }
    const lists = [
      await here.asAnna.call(listCustomers, { text: 'lisa' }),
      await here.asAnna.call(listOrganizations, {}),
      await here.asAnna.call(listInvitations, {}),
    ];
    for (const { data } of lists) expect(data).toEqual([]);
    expect((await here.asAnna.call(listUsers, {})).data.map(({ id }) => id)).toEqual([here.anna.id]);
    expect((await here.asAnna.call(listTeams, {})).data.map(({ name }) => name)).toEqual(['Everyone']);
    // The same person and the same company may be known to both.
    expect(await here.asAnna.call(createCustomer, { name: 'Lisa', email: 'lisa@verdi.test' })).toMatchObject({
      organization: null,
    });
    expect(await here.asAnna.call(createOrganization, { name: 'Verdi', domains: ['verdi.test'] })).toMatchObject({
      customerCount: 1,
    });
  });

  it("given the service's own role, when a query forgets the workspace, then every table is empty, also after another workspace used the connection", async () => {
    const client = new Client({
      connectionString: serviceUrl(world.database.serviceUrl, testSecret, 'identity', 'tenant'),
    });
    await client.connect();
    try {
      const tables = await world.sql<{ name: string }>(
        `select relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where nspname = 'identity' and relkind = 'r'`,
      );
      expect(tables.length).toBeGreaterThan(12);
      let filled = 0;
      for (const { name } of tables) filled += (await world.sql(`select from identity.${name} limit 1`)).length;
      expect(filled).toBeGreaterThan(8);
      const seen = async () => {
        let rows = 0;
        for (const { name } of tables) rows += (await client.query(`select from identity.${name}`)).rowCount ?? 0;
        return rows;
      };
      expect(await seen()).toBe(0);
      await client.query('begin');
      await client.query(`select set_config('app.workspace', $1, true)`, [here.anna.workspace]);
      expect((await client.query('select from identity.account')).rowCount).toBe(1);
      await expect(
        client.query(`update identity.account set workspace_id = $1`, [there.anna.workspace]),
      ).rejects.toThrow(/row-level security/);
      await client.query('rollback');
      expect(await seen()).toBe(0);
    } finally {
      await client.end();
    }
  });

  it('given the role for look-ups before a workspace is known, then it reads only what is opened to it and changes none of it', async () => {
    const client = new Client({
      connectionString: serviceUrl(world.database.serviceUrl, testSecret, 'identity', 'system'),
    });
    await client.connect();
    try {
      for (const table of ['password', 'dkim_key', 'customer', 'organization', 'team'])
        await expect(client.query(`select from identity.${table}`)).rejects.toThrow(/permission denied/);
      for (const table of [
        'workspace',
        'session',
        'api_token',
        'account',
        'invitation',
        'link_request',
        'forwarded_address',
      ])
        await expect(client.query(`delete from identity.${table}`)).rejects.toThrow(/permission denied/);
    } finally {
      await client.end();
    }
  });
});
