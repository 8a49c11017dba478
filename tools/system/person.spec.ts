import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  addMessage,
  changeCustomer,
  changeItems,
  createItem,
  dropQuarantined,
  erasePerson,
  exportPerson,
  getItem,
  listCustomers,
  listItems,
  listMessages,
  listQuarantine,
  stopMails,
} from '@sportello/contracts';
import { eventually, newId, type World } from '@sportello/testing';
import { aColleague, type SignedUp } from '../../apps/identity/src/entry/entry.builders.js';
import { SpoolWorkers } from '../../apps/mail-ingest/src/spool/spool.jobs.js';
import { FileSweeper } from '../../apps/tickets/src/file/file.jobs.js';
import { Desk, startSystem, type System } from './desk.js';

const day = 24 * 3_600_000;

describe('one person in all services', () => {
  let system: System;
  let world: World;
  let desk: Desk;
  let rossi: SignedUp;
  beforeAll(async () => {
    system = await startSystem();
    desk = await Desk.open(system, 'en');
    world = system.world;
    rossi = desk.signedUp;
  });
  afterAll(() => system.stop());

  /** Somebody writes; @returns where the raw mail is stored. */
  const mail = async (from: string, subject: string, body: string, more: string[] = []): Promise<string> => {
    const raw = [
      `From: ${from}`,
      `To: Support <${desk.address}>`,
      `Subject: ${subject}`,
      `Date: Mon, 3 Nov 2025 14:00:00 +0000`,
      `Message-ID: <${newId()}@verdi.test>`,
      ...more,
      'Content-Type: text/plain; charset=utf-8',
      '',
      body,
    ].join('\r\n');
    return (await desk.mail(raw)).raw_hash;
  };
  const customerWith = async (text: string) => {
    const { data } = await rossi.asAnna.call(listCustomers, { text });
    if (!data[0]) throw new Error('no such customer yet');
    return data[0];
  };
  const itemNamed = (title: string) =>
    eventually(async () => {
      const { data } = await rossi.asAnna.call(listItems, { text: title });
      const found = data.find((item) => item.title.includes(title));
      if (!found) throw new Error(`no item ${title} yet`);
      return found;
    });
  /** Every row of every table, as text. */
  const everywhere = async (pattern: RegExp): Promise<string[]> => {
    const tables = await world.sql<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
        where schemaname in ('identity', 'tickets', 'notifications', 'mail_ingest') and tablename not in ('outbox', 'idempotency', 'item_words', 'customer_words')`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const rows = await world.sql<{ row: string }>(`select t::text as row from ${name} t`);
      found.push(...rows.filter(({ row }) => pattern.test(row)).map(({ row }) => `${name} ${row}`));
    }
    return found;
  };

  it('given a customer who wrote and was written to, when they are exported, then every owner of data tells its part', async () => {
    await mail('Lisa Verdi <lisa@verdi.test>', 'The boiler is cold', 'It drips.\r\n\r\nLisa Verdi');
    const lisa = await eventually(() => customerWith('lisa@verdi.test'));
    const item = await itemNamed('boiler');
    await rossi.asAnna.call(addMessage, {
      id: item.id,
      thread: 'customer',
      html: '<p>We come on Monday, Lisa Verdi.</p>',
    });
    await rossi.asAnna.call(addMessage, { id: item.id, thread: 'internal', html: '<p>She is cross</p>' });
    const exported = await eventually(async () => {
      const all = await rossi.asAnna.call(exportPerson, { kind: 'customer', id: lisa.id });
      if (!JSON.stringify(all.tickets).includes('"purpose":"reply"')) throw new Error('the answer is not out yet');
      return all;
    });
    expect(exported).toMatchObject({
      identity: { customer: { name: 'Lisa Verdi', email: 'lisa@verdi.test' } },
      tickets: {
        items: [{ number: item.number, title: 'The boiler is cold', requested: true }],
        messages: [{ item: item.number, thread: 'customer', via: 'mail' }],
        mails: expect.arrayContaining([
          expect.objectContaining({ recipient: 'lisa@verdi.test', purpose: 'reply' }),
        ]) as unknown,
      },
      notifications: {
        mails: expect.arrayContaining([expect.objectContaining({ address: 'lisa@verdi.test' })]) as unknown,
      },
      mail: { mails: [{ from_address: 'lisa@verdi.test', subject: 'The boiler is cold', source: 'smtp' }] },
    });
    expect(JSON.stringify(exported)).not.toContain('cross');
  });

  it('given a user, when they are exported, then there is no secret in it', async () => {
    const { asAnna, anna, email, session } = rossi;
    const own = await asAnna.call(exportPerson, { kind: 'user', id: anna.id });
    expect(own.identity).toMatchObject({
      user: { email, teams: [{ name: 'Everyone' }] },
      sessions: [{ userAgent: '' }],
      tokens: [],
    });
    expect(JSON.stringify(own)).not.toMatch(new RegExp(`argon2|${session.sessionToken}|hash`, 'i'));
  });

  it('given a customer who had two addresses and whom others quoted, when they are erased, then no table names them and what they wrote stays', async () => {
    const rawHash = await mail(
      'Nora Bianchi <nora@old.test>',
      'Question of Nora Bianchi',
      'Nora Bianchi asks: how much?',
    );
    const nora = await eventually(() => customerWith('nora@old.test'));
    await rossi.asAnna.call(changeCustomer, {
      id: nora.id,
      email: 'nora@new.test',
      phone: '+39 055 1',
      note: 'Friend of Nora Bianchi',
    });
    const quoting = '> On Monday Nora Bianchi <nora@old.test> wrote:\r\n> how much?';
    await mail('Ugo Neri <ugo@neri.test>', 'Re: Question', `Ask her at NORA@new.test\r\n\r\n${quoting}`, [
      'Cc: Nora Bianchi <nora@new.test>',
    ]);
    const item = await itemNamed('Question of');
    await mail('Nora Bianchi <nora@new.test>', 'Out of office', 'I am away', ['Auto-Submitted: auto-replied']);
    await rossi.asAnna.call(addMessage, {
      id: item.id,
      thread: 'internal',
      html: '<p>Nora Bianchi pays late, nora@new.test</p>',
    });

    await rossi.asAnna.call(erasePerson, { kind: 'customer', id: nora.id });

    const left = await eventually(async () => {
      const rows = await everywhere(/nora@|nora\W+bianchi/i);
      if (rows.length) throw new Error(rows.join('\n'));
      return rows;
    });
    expect(left).toEqual([]);
    const after = await rossi.asAnna.call(getItem, { id: item.id });
    expect(after).toMatchObject({
      title: 'Question of Erased person',
      requester: { name: 'Erased person', email: null },
    });
    const { data } = await rossi.asAnna.call(listMessages, { id: item.id });
    expect(data.map(({ html }) => html).join()).toContain('asks: how much?');
    const found = await rossi.asAnna.call(listItems, { text: 'Bianchi' });
    expect(found.data).toEqual([]);

    await system.mailIngest.get(SpoolWorkers, { strict: false }).tidy();
    await expect(world.storage.read(rossi.anna.workspace, rawHash)).resolves.toBeDefined();
    await system.tickets.get(FileSweeper, { strict: false }).sweep(new Date(Date.now() + 2 * day));
    await expect(world.storage.read(rossi.anna.workspace, rawHash)).rejects.toThrow('no file');
  });

  it('given a stranger who calls himself "Thank you", when he is erased, then nobody else loses these words, and all of many messages are done', async () => {
    const kept = await rossi.asAnna.call(createItem, {
      title: 'Thank you cards',
      thread: 'internal',
      html: '<p>Thank you all</p>',
    });
    await mail('Thank you <thanks@stranger.test>', 'Greetings', 'Hello from Thank you');
    const item = await itemNamed('Greetings');
    const about = '<p>Thank you (thanks@stranger.test) again</p>';
    for (let round = 0; round < 13; round += 1)
      await Promise.all(
        Array.from({ length: 10 }, () =>
          rossi.asAnna.call(addMessage, { id: item.id, thread: 'internal', html: about }),
        ),
      );
    const stranger = await customerWith('thanks@stranger.test');
    await rossi.asAnna.call(erasePerson, { kind: 'customer', id: stranger.id });
    await eventually(async () => {
      const rows = await everywhere(/thanks@/i);
      if (rows.length) throw new Error(`${rows.length} rows left, such as ${rows[0]}`);
    });
    const { data } = await rossi.asAnna.call(listMessages, { id: kept.id });
    expect([data[0]?.html, (await rossi.asAnna.call(getItem, { id: kept.id })).title]).toEqual([
      '<p>Thank you all</p>',
      'Thank you cards',
    ]);
    const [own] = (await rossi.asAnna.call(listMessages, { id: item.id })).data;
    expect(own?.html).toContain('Hello from Erased person');
  });

  it('given a user who is erased, then their name is gone from what they did, and nobody else lost a word', async () => {
    const { per, asPer } = await aColleague(world, rossi);
    const made = await eventually(() =>
      asPer.call(createItem, {
        title: 'Call the plumber',
        html: '<p>Before noon</p>',
        thread: 'internal',
      }),
    );
    const [account] = await world.sql<{ name: string; email: string }>(
      'select name, email from identity.account where id = $1',
      [per.id],
    );
    await rossi.asAnna.call(addMessage, { id: made.id, thread: 'internal', html: `<p>${account?.email} knows</p>` });
    await asPer.call(changeItems, { ids: [made.id], priority: 2 });
    await eventually(async () => {
      const [told] = await world.sql('select from notifications.item where id = $1', [made.id]);
      if (!told) throw new Error('notifications has not heard of it yet');
    });
    const stop = { kind: 'link', purpose: 'stop-mails', workspace: per.workspace, itemId: made.id } as const;
    await world.as({ ...stop, person: { kind: 'user', id: per.id } }).call(stopMails, {});
    const own = await rossi.asAnna.call(exportPerson, { kind: 'user', id: per.id });
    expect(own).toMatchObject({
      tickets: { jobs: [{ operation: 'tickets.items.change-many', state: 'done', total: 1 }] },
      notifications: { stoppedMails: [{ item: made.number }] },
    });
    await rossi.asAnna.call(erasePerson, { kind: 'user', id: per.id });
    await eventually(async () => {
      const ofHers = `select from tickets.job where asked_by = $1 union all select from notifications.stopped_mail where person_id = $1`;
      if ((await world.sql(ofHers, [per.id])).length) throw new Error('her jobs and wishes are still there');
    });
    await eventually(async () => {
      const rows = await everywhere(new RegExp(account?.email.replace(/[.+]/g, '\\$&') ?? '', 'i'));
      if (rows.length) throw new Error(rows.join('\n'));
    });
    const { data } = await rossi.asAnna.call(listMessages, { id: made.id });
    expect(data.map(({ html, author }) => [author.name, html])).toEqual([
      ['Erased person', '<p>Before noon</p>'],
      ['Anna Rossi', '<p>Erased person knows</p>'],
    ]);
  });

  it('given a quarantined mail, when it is dropped, then its raw file goes with it a day later', async () => {
    const rawHash = await mail('Nobody <nobody@nowhere>', 'No sender', 'x');
    const { data } = await rossi.asAnna.call(listQuarantine, {});
    expect(data).toHaveLength(1);
    await rossi.asAnna.call(dropQuarantined, { id: data[0]!.id });
    expect((await rossi.asAnna.call(listQuarantine, {})).data).toEqual([]);
    await system.mailIngest.get(SpoolWorkers, { strict: false }).tidy();
    const sweeper = system.tickets.get(FileSweeper, { strict: false });
    await sweeper.sweep(new Date());
    await expect(world.storage.read(rossi.anna.workspace, rawHash)).resolves.toBeDefined();
    await sweeper.sweep(new Date(Date.now() + 2 * day));
    await expect(world.storage.read(rossi.anna.workspace, rawHash)).rejects.toThrow('no file');
  });
});
