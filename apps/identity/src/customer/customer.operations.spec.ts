import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  changeCustomer,
  changeOrganization,
  createCustomer,
  createOrganization,
  createTeam,
  getCustomer,
  getOrganization,
  listCustomers,
  listOrganizations,
  removeTeam,
  resolveSender,
} from '@sportello/contracts';
import { newId, startWorld, type World } from '@sportello/testing';
import { AppModule } from '../app.module.js';
import { aSignUp, asService, refusal } from '../entry/entry.builders.js';

describe('customers and organizations', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld([AppModule]);
  });
  afterAll(() => world.stop());

  const resolve = (workspace: string, email: string, name = '') =>
    asService(world, 'mail-ingest', workspace).call(resolveSender, { email, name });

  it('given twenty mails of a new sender at the same moment, then they are one customer', async () => {
    const { anna } = await aSignUp(world);
    const senders = await Promise.all(
      Array.from({ length: 20 }, (_, mail) =>
        resolve(anna.workspace, mail % 2 ? 'Lisa@Verdi.test' : 'lisa@verdi.test', 'Lisa Verdi'),
      ),
    );
    expect(new Set(senders.map(({ id }) => id)).size).toBe(1);
    expect(senders[0]).toMatchObject({
      kind: 'customer',
      name: 'Lisa Verdi',
      email: 'lisa@verdi.test',
      organizationId: null,
    });
    const events = await world.sql(`select from identity.outbox where aggregate_id = $1`, [senders[0]?.id]);
    expect(events).toHaveLength(1);
  });

  it('given the address of a user, then the sender is the user; a sender without a name is called by their address', async () => {
    const { anna, email } = await aSignUp(world);
    expect(await resolve(anna.workspace, email.toUpperCase(), 'A. R.')).toMatchObject({
      kind: 'user',
      id: anna.id,
      name: 'Anna Rossi',
      language: 'en',
    });
    expect(await resolve(anna.workspace, 'lisa.verdi@verdi.test')).toMatchObject({
      kind: 'customer',
      name: 'lisa.verdi',
    });
  });

  it('given an organization with a mail domain, then a new sender from there belongs to it, with its team', async () => {
    const { anna, asAnna } = await aSignUp(world);
    const team = await asAnna.call(createTeam, { name: 'Workshop' });
    const { id } = await asAnna.call(createOrganization, {
      name: 'Verdi SpA',
      domains: ['@Verdi.test'],
      defaultTeamId: team.id,
    });
    expect(await resolve(anna.workspace, 'lisa@verdi.test', 'Lisa')).toMatchObject({
      organizationId: id,
      organizationName: 'Verdi SpA',
      defaultTeamId: team.id,
      defaultProjectId: null,
    });
    await asAnna.call(removeTeam, { id: team.id });
    expect(await asAnna.call(getOrganization, { id })).toMatchObject({
      defaultTeam: null,
      domains: ['verdi.test'],
      customerCount: 1,
    });
  });

  it('given customers without an organization, when one gains their domain, then they join it and others stay', async () => {
    const { anna, asAnna } = await aSignUp(world);
    const other = await asAnna.call(createOrganization, { name: 'Bianchi' });
    const lisa = await resolve(anna.workspace, 'lisa@verdi.test', 'Lisa');
    const kari = await asAnna.call(createCustomer, {
      name: 'Kari',
      email: 'kari@verdi.test',
      organizationId: other.id,
    });
    const { id } = await asAnna.call(createOrganization, { name: 'Verdi' });
    expect(await asAnna.call(changeOrganization, { id, domains: ['verdi.test'] })).toMatchObject({ customerCount: 1 });
    expect(await asAnna.call(getCustomer, { id: lisa.id })).toMatchObject({
      organization: { id, name: 'Verdi' },
      version: 2,
    });
    expect(await asAnna.call(getCustomer, { id: kari.id })).toMatchObject({ organization: { id: other.id } });
    expect((await asAnna.call(listCustomers, { organizationId: id })).data.map(({ name }) => name)).toEqual(['Lisa']);
  });

  it('given a public mail domain, or one of another organization, then it is refused', async () => {
    const { asAnna } = await aSignUp(world);
    for (const domain of ['gmail.com', 'Libero.it', 'online.no'])
      await expect(asAnna.call(createOrganization, { name: 'Verdi', domains: [domain] })).rejects.toMatchObject(
        refusal('domain_is_public'),
      );
    await expect(asAnna.call(createOrganization, { name: 'Verdi', domains: ['no domain'] })).rejects.toMatchObject(
      refusal('invalid_input'),
    );
    const { id } = await asAnna.call(createOrganization, { name: 'Verdi', domains: ['verdi.test'] });
    await expect(asAnna.call(createOrganization, { name: 'Gialli', domains: ['verdi.test'] })).rejects.toMatchObject(
      refusal('domain_taken'),
    );
    expect(
      await asAnna.call(changeOrganization, { id, domains: ['https://Verdi.test/', 'grünes.example'] }),
    ).toMatchObject({
      domains: ['verdi.test', 'xn--grnes-lva.example'],
    });
    const both = await Promise.allSettled(
      ['Uno', 'Due'].map((name) => asAnna.call(createOrganization, { name, domains: ['shared.test'] })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await asAnna.call(listOrganizations, { text: 'SHARED' })).data).toHaveLength(1);
  });

  it('given an address that somebody has, then no second customer gets it, in whatever spelling', async () => {
    const { asAnna, email } = await aSignUp(world);
    const lisa = await asAnna.call(createCustomer, {
      name: 'Lisa',
      email: 'lisa@verdi.test',
      phone: '+39 051 123',
      note: 'Prefers calls',
    });
    expect(lisa).toMatchObject({ phone: '+39 051 123', note: 'Prefers calls', language: null, version: 1 });
    const kari = await asAnna.call(createCustomer, { name: 'Kari' });
    for (const taken of ['LISA@verdi.test', email]) {
      await expect(asAnna.call(createCustomer, { name: 'X', email: taken })).rejects.toMatchObject(
        refusal('email_taken'),
      );
      await expect(asAnna.call(changeCustomer, { id: kari.id, email: taken })).rejects.toMatchObject(
        refusal('email_taken'),
      );
    }
    expect(await asAnna.call(changeCustomer, { id: lisa.id, email: 'Lisa@verdi.test', phone: null })).toMatchObject({
      email: 'lisa@verdi.test',
      phone: null,
    });
    await expect(asAnna.call(changeCustomer, { id: newId(), name: 'X' })).rejects.toMatchObject(refusal('not_found'));
    await expect(asAnna.call(changeCustomer, { id: kari.id, organizationId: newId() })).rejects.toMatchObject(
      refusal('not_found'),
    );
  });

  it('given customers, then they are listed by name in pages and found by any part of name or address, accents or not', async () => {
    const { asAnna } = await aSignUp(world);
    for (const name of ['Zoë Ångström', 'anna Neri', 'Bruno 100%'])
      await asAnna.call(createCustomer, {
        name,
        email: `${name.slice(0, 2).toLowerCase().trim().replace('ë', 'e')}@verdi.test`,
      });
    const first = await asAnna.call(listCustomers, { limit: 2 });
    expect(first.data.map(({ name }) => name)).toEqual(['anna Neri', 'Bruno 100%']);
    const rest = await asAnna.call(listCustomers, { limit: 2, cursor: first.nextCursor as string });
    expect([rest.data.map(({ name }) => name), rest.nextCursor]).toEqual([['Zoë Ångström'], null]);
    const found = async (text: string) => (await asAnna.call(listCustomers, { text })).data.map(({ name }) => name);
    expect(await found('angstrom')).toEqual(['Zoë Ångström']);
    expect(await found('NERI')).toEqual(['anna Neri']);
    expect(await found('100%')).toEqual(['Bruno 100%']);
    expect(await found('verdi.test')).toHaveLength(3);
    expect(await found('nobody')).toEqual([]);
  });
});
