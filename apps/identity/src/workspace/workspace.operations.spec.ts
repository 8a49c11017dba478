import { createPrivateKey, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  addForwardedAddress,
  changeCustomer,
  changeTeam,
  changeUser,
  changeWorkspace,
  confirmForwarding,
  createCustomer,
  createOrganization,
  createTeam,
  endSession,
  erasePerson,
  exportPerson,
  findWorkspaceByAddress,
  getCustomer,
  getMailIdentity,
  getOrganization,
  getUser,
  getWorkspace,
  inviteUser,
  listCustomers,
  listForwardedAddresses,
  listInvitations,
  listOrganizations,
  listSessions,
  listTeams,
  listUsers,
  removeDkim,
  removeForwardedAddress,
  removeTeam,
  renewInboundAddress,
  setDkim,
  switchApp,
  withdrawInvitation,
} from '@sportello/contracts';
import { serviceUrl } from '@sportello/persistence';
import { eventually, newId, startWorld, testSecret, type World } from '@sportello/testing';
import { Client } from 'pg';
import { AppModule } from '../app.module.js';
import { actorOf, aColleague, aSignUp, asService, refusal, type SignedUp } from '../entry/entry.builders.js';

describe('workspaces', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld([AppModule]);
  });
  afterAll(() => world.stop());

  const find = async (...addresses: string[]) =>
    (await asService(world, 'mail-ingest', null).call(findWorkspaceByAddress, { addresses })).data;

  it('given an administrator, when they change settings, then the others are told; a member may not, and a wrong time zone is refused', async () => {
    const workspace = await aSignUp(world);
    const { asAnna, anna } = workspace;
    const change = {
      name: 'Rossi Srl',
      language: 'it' as const,
      timeZone: 'Europe/Oslo',
      customerSight: 'organization' as const,
      graceSeconds: 0,
    };
    expect(await asAnna.call(changeWorkspace, change)).toMatchObject({ ...change, version: 2 });
    expect(await asAnna.call(changeWorkspace, change)).toMatchObject({ version: 2 });
    await expect(asAnna.call(changeWorkspace, { timeZone: 'Mars/Olympus' })).rejects.toMatchObject(
      refusal('unknown_time_zone'),
    );
    await expect(asAnna.call(changeWorkspace, { timeZone: '+01:00' })).rejects.toMatchObject(
      refusal('unknown_time_zone'),
    );
    const { asPer } = await aColleague(world, workspace);
    await expect(asPer.call(changeWorkspace, { name: 'Mine' })).rejects.toMatchObject(refusal('forbidden'));
    const [event] = await world.sql<{ after: object }>(
      `select event -> 'data' -> 'after' as after from identity.outbox where aggregate_id = $1 and seq = 2`,
      [anna.workspace],
    );
    expect(event?.after).toMatchObject(change);
  });

  it('given an app, when an administrator switches it off, then everybody’s tokens say so at once, and on again likewise', async () => {
    const workspace = await aSignUp(world);
    const { asAnna, anna, session } = workspace;
    const { per, session: persSession, asPer } = await aColleague(world, workspace);
    await expect(asPer.call(switchApp, { app: 'tickets', on: false })).rejects.toMatchObject(refusal('forbidden'));
    expect(await asAnna.call(switchApp, { app: 'tickets', on: false })).toMatchObject({ apps: [] });
    for (const old of [anna, per])
      await eventually(() =>
        expect(world.as(old).call(getWorkspace, {})).rejects.toMatchObject(refusal('token_refused')),
      );
    for (const { sessionToken } of [session, persSession])
      expect((await actorOf(world, sessionToken)).apps).toEqual([]);
    const identity = await asService(world, 'notifications', anna.workspace).call(getMailIdentity, {});
    expect(identity.apps).toEqual([]);
    const again = await actorOf(world, session.sessionToken);
    expect(await world.as(again).call(switchApp, { app: 'tickets', on: true })).toMatchObject({ apps: ['tickets'] });
    expect((await actorOf(world, persSession.sessionToken)).apps).toEqual(['tickets']);
    const told = await world.sql<{ apps: string[] }>(
      `select event->'data'->'after'->'apps' as apps from identity.outbox where aggregate_id = $1 and event->'data'->'changed' ? 'apps' order by seq`,
      [anna.workspace],
    );
    expect(told.map(({ apps }) => apps)).toEqual([[], ['tickets']]);
  });

  it('given an inbound address, when it is renewed, then mail to the old one belongs to nobody at once', async () => {
    const { asAnna, anna } = await aSignUp(world);
    const { inboundAddress: old } = await asAnna.call(getWorkspace, {});
    expect(await find(old.toUpperCase(), 'nobody@sportello.test')).toEqual([
      expect.objectContaining({ address: old, id: anna.workspace, inboundAddress: old, ownAddresses: [old] }),
    ]);
    const { inboundAddress: fresh } = await asAnna.call(renewInboundAddress, {});
    expect((await find(old, fresh)).map(({ address }) => address)).toEqual([fresh]);
  });

  it('given an address that leads here, then answers may leave from it as long as it does, and from no other', async () => {
    const { asAnna, anna } = await aSignUp(world);
    const address = `help@${newId().slice(-12)}.test`;
    const answerFrom = (replyAddress: string | null) => asAnna.call(changeWorkspace, { replyAddress });
    await expect(answerFrom(address)).rejects.toMatchObject(refusal('not_forwarded'));
    const { id } = await asAnna.call(addForwardedAddress, { address });
    await expect(answerFrom(address)).rejects.toMatchObject(refusal('not_forwarded'));
    await asService(world, 'mail-ingest', anna.workspace).call(confirmForwarding, { address });
    expect(await answerFrom(address.toUpperCase())).toMatchObject({ replyAddress: address });
    await asAnna.call(removeForwardedAddress, { id });
    expect(await asAnna.call(getWorkspace, {})).toMatchObject({ replyAddress: null });
  });

  it('given a forwarded address, then mail to it is found, it is one workspace only, and it shows when a mail came', async () => {
    const { asAnna, anna } = await aSignUp(world);
    const other = await aSignUp(world);
    const address = `support@${newId().slice(-12)}.test`;
    const { id } = await asAnna.call(addForwardedAddress, { address: address.toUpperCase() });
    expect((await find(address))[0]).toMatchObject({
      address,
      id: anna.workspace,
      ownAddresses: [expect.any(String), address],
      confirmedAddresses: [],
    });
    await expect(other.asAnna.call(addForwardedAddress, { address })).rejects.toMatchObject(refusal('address_taken'));
    const { inboundAddress } = await asAnna.call(getWorkspace, {});
    await expect(other.asAnna.call(addForwardedAddress, { address: inboundAddress })).rejects.toMatchObject(
      refusal('address_taken'),
    );

    await asService(world, 'mail-ingest', other.anna.workspace).call(confirmForwarding, { address });
    expect(await asAnna.call(listForwardedAddresses, {})).toEqual({ data: [{ id, address, confirmedAt: null }] });
    await asService(world, 'mail-ingest', anna.workspace).call(confirmForwarding, { address });
    expect((await asAnna.call(listForwardedAddresses, {})).data[0]?.confirmedAt).toEqual(expect.any(String));
    expect((await find(address))[0]).toMatchObject({ confirmedAddresses: [address] });

    await expect(other.asAnna.call(removeForwardedAddress, { id })).rejects.toMatchObject(refusal('not_found'));
    await asAnna.call(removeForwardedAddress, { id });
    expect(await find(address)).toEqual([]);
  });

  it('given two workspaces that claim an address at the same moment, then one has it', async () => {
    const workspaces = [await aSignUp(world), await aSignUp(world)];
    const address = `support@${newId().slice(-12)}.test`;
    const both = await Promise.allSettled(
      workspaces.map(({ asAnna }) => asAnna.call(addForwardedAddress, { address })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('given a DKIM key, then its record has the public half, the private half is stored sealed and only notifications gets it', async () => {
    const { asAnna, anna } = await aSignUp(world);
    const { dkimDomain, dkimRecord, dkimSelector } = await asAnna.call(setDkim, { domain: 'rossi.test' });
    expect([dkimDomain, dkimSelector]).toEqual(['rossi.test', expect.stringMatching(/^sportello\d{8}[0-9a-f]{4}$/)]);
    const identity = await asService(world, 'notifications', anna.workspace).call(getMailIdentity, {});
    expect(identity).toMatchObject({
      id: anna.workspace,
      dkimDomain,
      dkimSelector,
      replyAddress: identity.inboundAddress,
    });
    const key = createPrivateKey(identity.dkimPrivateKey as string);
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(2048);
    const published = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');
    expect(dkimRecord).toBe(`v=DKIM1; k=rsa; p=${published}`);
    const [row] = await world.sql<{ row: string }>(
      'select k::text as row from identity.dkim_key k where workspace_id = $1',
      [anna.workspace],
    );
    expect(row?.row).not.toContain('PRIVATE KEY');

    await asAnna.call(setDkim, { domain: 'rossi.example' });
    expect(await asAnna.call(removeDkim, {})).toMatchObject({ dkimDomain: null, dkimRecord: null });
    await expect(asAnna.call(getMailIdentity, {})).rejects.toMatchObject(refusal('forbidden'));
  });
});

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
