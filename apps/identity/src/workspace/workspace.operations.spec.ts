import { createPrivateKey, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  addForwardedAddress,
  changeWorkspace,
  confirmForwarding,
  findWorkspaceByAddress,
  getMailIdentity,
  getWorkspace,
  listForwardedAddresses,
  removeDkim,
  removeForwardedAddress,
  renewInboundAddress,
  setDkim,
} from '@sportello/contracts';
import { newId, startWorld, type World } from '@sportello/testing';
import { AppModule } from '../app.module.js';
import { aColleague, aSignUp, asService, refusal } from '../entry/entry.builders.js';

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
      replyAddress: 'help@rossi.test',
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

  it('given an inbound address, when it is renewed, then mail to the old one belongs to nobody at once', async () => {
    const { asAnna, anna } = await aSignUp(world);
    const { inboundAddress: old } = await asAnna.call(getWorkspace, {});
    expect(await find(old.toUpperCase(), 'nobody@sportello.test')).toEqual([
      expect.objectContaining({ address: old, id: anna.workspace, inboundAddress: old, ownAddresses: [old] }),
    ]);
    const { inboundAddress: fresh } = await asAnna.call(renewInboundAddress, {});
    expect((await find(old, fresh)).map(({ address }) => address)).toEqual([fresh]);
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
