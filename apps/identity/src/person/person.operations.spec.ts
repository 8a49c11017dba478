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
import { newId, startWorld, type World } from '@sportello/testing';
import { AppModule } from '../app.module.js';
import { actorOf, aColleague, aSignUp, refusal } from '../entry/entry.builders.js';

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

  it('given a person, then the export has what is kept here of them, without secrets', async () => {
    const { asAnna, anna, email, session } = await aSignUp(world);
    const lisa = await asAnna.call(createCustomer, { name: 'Lisa', email: 'lisa@verdi.test', note: 'Gold' });
    const exported = await asAnna.call(exportPerson, { kind: 'customer', id: lisa.id });
    expect(exported).toEqual({
      identity: { customer: expect.objectContaining({ name: 'Lisa', note: 'Gold' }) as unknown },
      tickets: {},
      notifications: {},
    });
    const own = await asAnna.call(exportPerson, { kind: 'user', id: anna.id });
    expect(own.identity).toMatchObject({
      user: { email, teams: [{ name: 'Everyone' }] },
      sessions: [{ userAgent: '' }],
      tokens: [],
    });
    expect(JSON.stringify(own)).not.toMatch(new RegExp(`argon2|${session.sessionToken}|hash`, 'i'));
    await expect(asAnna.call(exportPerson, { kind: 'user', id: newId() })).rejects.toMatchObject(refusal('not_found'));
  });
});
