import { generateKeyPairSync } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { messageAdded, reportBounce, retryDelivery, listNotifications, type DeliveryFacts } from '@sportello/contracts';
import { serviceUnavailable } from '@sportello/kernel';
import { processLogger } from '@sportello/service';
import { eventually, newId, type World } from '@sportello/testing';
import { OutboundJobs } from './outbound.jobs.js';
import {
  aColleague,
  aDesk,
  aRequester,
  startMailWorld,
  tell,
  ToldItem,
  told,
  type Desk,
  type Postbox,
} from './outbound.builders.js';

describe('outbound mail', () => {
  let world: World;
  let postbox: Postbox;
  beforeAll(async () => {
    ({ world, postbox } = await startMailWorld());
  });
  afterAll(async () => {
    await world.stop();
    await postbox.stop();
  });

  const jobs = () => (world.apps.at(-1) as (typeof world.apps)[number]).get(OutboundJobs);
  const minutesFromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000);
  const rowsTo = (address: string) =>
    world.sql<{ id: string; state: string; detail: string | null; mail_id: string }>(
      'select id, state, detail, mail_id from notifications.outbound_mail where address = $1 order by id',
      [address],
    );
  const statesTo = async (address: string) => (await rowsTo(address)).map(({ state }) => state);
  const arrived = (address: string, count = 1) =>
    eventually(() => {
      const mails = postbox.to(address);
      if (mails.length < count) throw new Error(`${mails.length} of ${count} mails have come`);
      return mails;
    });
  const settled = (address: string, ...states: string[]) =>
    eventually(async () => expect(await statesTo(address)).toEqual(states));
  /** What tickets is told of a mail, in order. */
  const toldOf = async (address: string) => {
    const rows = await world.sql<{ event: { data: { after: DeliveryFacts } } }>(
      `select event from notifications.outbox where subject like 'evt.notifications.delivery.changed.%'
        and event #>> '{data,after,address}' = $1 order by id`,
      [address],
    );
    return rows.map(({ event }) => event.data.after);
  };
  async function aTicket(desk: Desk, anna: { id: string }) {
    const lucia = await aRequester(world, desk);
    const item = await new ToldItem(world, desk, { requester: lucia }).created();
    const author = { kind: 'user' as const, id: anna.id };
    const reply = (to: string) => item.message({ author, to: [{ name: '', address: to }] });
    return { lucia, item, author, reply };
  }
  const anAddress = () => `person-${newId()}@bianchi.test`;

  it('given a ticket, when a user replies, then each recipient gets the mail with the same To and Cc and an answer address of their own', async () => {
    const desk = await aDesk(world);
    const anna = await aColleague(world, desk, 'Anna');
    const { lucia, item } = await aTicket(desk, anna);
    const bruno = anAddress();
    const to = [{ name: 'Lucia', address: lucia.email }];
    await item.message({ author: { kind: 'user', id: anna.id }, to, cc: [{ name: '', address: bruno }] });
    const [toLucia] = await arrived(lucia.email);
    const [toBruno] = await arrived(bruno);
    for (const mail of [toLucia, toBruno]) {
      const parsed = mail?.parsed;
      expect(parsed?.from?.text).toBe(`"Anna Larsen via Officina Rossi" <${desk.identity.replyAddress}>`);
      expect(parsed?.subject).toBe('Re: Broken printer [#1042]');
      expect([parsed?.to, parsed?.cc].flat().map((each) => each?.text)).toEqual([`"Lucia" <${lucia.email}>`, bruno]);
      expect(parsed?.references).toBe('<first@bianchi.test>');
      expect(parsed?.text).toContain('It works again.');
      expect(parsed?.headers.get('auto-submitted')).toBeUndefined();
    }
    expect(toLucia?.parsed.replyTo?.text).not.toBe(toBruno?.parsed.replyTo?.text);
    expect(toLucia?.from).toMatch(/^in-.+\+b\.[a-z2-7]{26}@sportello\.test$/);
    expect(toLucia?.from).not.toBe(toBruno?.from);
    await settled(lucia.email, 'sent');
    expect((await toldOf(lucia.email)).map(({ state }) => state)).toEqual(['queued', 'sending', 'sent']);
  });

  it('given an event that was handled, when it is delivered again, then nothing is sent again', async () => {
    const desk = await aDesk(world);
    const anna = await aColleague(world, desk, 'Anna');
    const { item, reply } = await aTicket(desk, anna);
    const address = anAddress();
    const messageId = await reply(address);
    await arrived(address);
    const again = { id: messageId, itemId: item.id, itemNumber: 1042, threadId: newId(), thread: 'customer' as const };
    const facts = {
      via: 'web' as const,
      mentions: [],
      cc: [],
      excerpt: '',
      newHere: false,
      first: false,
      answerable: false,
    };
    const after = { ...again, ...facts, author: { kind: 'user' as const, id: anna.id }, to: [{ name: '', address }] };
    await tell(world, messageAdded, { workspace: desk.id, subject: item.id, seq: item.seq, after, is: item.access });
    const later = anAddress();
    await reply(later);
    await arrived(later);
    expect(await statesTo(address)).toHaveLength(1);
    expect(postbox.to(address)).toHaveLength(1);
  });

  it('given a worker that crashed between sending and sent, when another takes over, then the same mail goes out with the same Message-ID', async () => {
    const desk = await aDesk(world);
    const { reply } = await aTicket(desk, await aColleague(world, desk, 'Anna'));
    const address = anAddress();
    await reply(address);
    const [first] = await arrived(address);
    await settled(address, 'sent');
    await world.sql("update notifications.outbound_mail set state = 'sending', due_at = now() where address = $1", [
      address,
    ]);
    const [, second] = await arrived(address, 2);
    expect(second?.raw).toBe(first?.raw);
    expect(second?.parsed.messageId).toBe(first?.parsed.messageId);
    await settled(address, 'sent');
  });

  it('given a service that does not answer, then the log says of the error what it says and its code, and nothing else that it carries', async () => {
    const desk = await aDesk(world);
    const { reply } = await aTicket(desk, await aColleague(world, desk, 'Anna'));
    told.identities.delete(desk.id);
    const lines: unknown[] = [];
    const note = (line: unknown) => void lines.push(line);
    Logger.overrideLogger({ log: note, warn: note, error: note });
    const address = anAddress();
    await reply(address);
    await settled(address, 'deferred');
    Logger.overrideLogger(processLogger());
    const [row] = await rowsTo(address);
    const { code, message: error } = serviceUnavailable;
    const about = { mail: row?.id, workspace: desk.id };
    expect(lines).toContainEqual({ message: 'A mail could not be sent', ...about, error, code });
  });

  it('given a server that says "later", when the time has come, then the mail is sent', async () => {
    const desk = await aDesk(world);
    const { reply } = await aTicket(desk, await aColleague(world, desk, 'Anna'));
    const address = anAddress();
    postbox.refuse.set(address, '451 greylisted, come back');
    await reply(address);
    await settled(address, 'deferred');
    expect((await toldOf(address)).at(-1)).toMatchObject({
      state: 'deferred',
      detail: expect.stringContaining('greylisted'),
    });
    postbox.refuse.delete(address);
    await jobs().work(minutesFromNow(2));
    await settled(address, 'sent');
    expect(postbox.to(address)).toHaveLength(1);
  });

  it('given a server that says "never", when it did, then the mail is bounced with its words, its writer is told, and a retry sends it', async () => {
    const desk = await aDesk(world);
    const anna = await aColleague(world, desk, 'Anna');
    const { item, reply } = await aTicket(desk, anna);
    const address = anAddress();
    postbox.refuse.set(address, '550 no such user here');
    const messageId = await reply(address);
    await settled(address, 'bounced');
    expect((await toldOf(address)).at(-1)).toMatchObject({
      ...{ messageId, itemId: item.id, state: 'bounced' },
      detail: expect.stringContaining('no such user here'),
    });
    const { data } = await world.as(anna).call(listNotifications, {});
    expect(data).toMatchObject([{ reason: 'bounced', messageId, excerpt: expect.stringContaining('no such user') }]);
    postbox.refuse.delete(address);
    const stranger = await aColleague(world, desk, 'Stranger', { teams: [] });
    await expect(world.as(stranger).call(retryDelivery, { id: item.id, messageId })).rejects.toMatchObject({
      definition: { code: 'not_found' },
    });
    await world.as(anna).call(retryDelivery, { id: item.id, messageId });
    await arrived(address);
    await settled(address, 'sent');
  });

  it('given a bounce that came back, when mail-ingest reports it, then the mail is bounced and its writer told; a soft one is only noted', async () => {
    const desk = await aDesk(world);
    const anna = await aColleague(world, desk, 'Anna');
    const { reply } = await aTicket(desk, anna);
    const address = anAddress();
    await reply(address);
    const [mail] = await arrived(address);
    await settled(address, 'sent');
    const token = /\+b\.([a-z2-7]{26})@/.exec(mail?.from ?? '')?.[1] as string;
    const ingest = world.as({ kind: 'service', service: 'mail-ingest', workspace: desk.id, onBehalfOf: null });
    const report = { originalMessageId: null, recipient: address, token, hard: false, status: '4.2.2' };
    await ingest.call(reportBounce, { ...report, diagnostic: 'mailbox full' });
    expect((await toldOf(address)).at(-1)).toMatchObject({ state: 'deferred', detail: '4.2.2 mailbox full' });
    expect(await statesTo(address)).toEqual(['sent']);
    const byId = { ...report, token: null, originalMessageId: mail?.parsed.messageId ?? null };
    await ingest.call(reportBounce, { ...byId, hard: true, status: '5.1.1', diagnostic: 'unknown user' });
    await settled(address, 'bounced');
    const { data } = await world.as(anna).call(listNotifications, {});
    expect(data).toMatchObject([{ reason: 'bounced', excerpt: `${address}: 5.1.1 unknown user`.slice(0, 200) }]);
    const strange = { ...report, token: 'a'.repeat(26), diagnostic: '' };
    expect(await ingest.call(reportBounce, strange)).toEqual({ matched: false });
  });

  it('given a deferred mail, when the next to the same person comes, then it waits, fifteen minutes at most', async () => {
    const desk = await aDesk(world);
    const { reply } = await aTicket(desk, await aColleague(world, desk, 'Anna'));
    const [address, other] = [anAddress(), anAddress()];
    postbox.refuse.set(address, '451 later');
    await reply(address);
    await settled(address, 'deferred');
    postbox.refuse.delete(address);
    await world.sql("update notifications.outbound_mail set due_at = now() + interval '1 day' where address = $1", [
      address,
    ]);
    await reply(address);
    await reply(other);
    await arrived(other);
    await jobs().work(minutesFromNow(14));
    expect(await statesTo(address)).toEqual(['deferred', 'queued']);
    await jobs().work(minutesFromNow(16));
    expect(await statesTo(address)).toEqual(['deferred', 'sent']);
  });

  it('given a mail that nobody may see any more, when its turn comes, then it is dropped and said to be', async () => {
    const desk = await aDesk(world);
    const { item, author } = await aTicket(desk, await aColleague(world, desk, 'Anna'));
    const address = anAddress();
    const id = newId();
    told.prepared.set(id, { wanted: false });
    await item.message({ author, to: [{ name: '', address }] }, id);
    await settled(address, 'dropped');
    expect((await toldOf(address)).at(-1)).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('deleted'),
    });
    expect(postbox.to(address)).toEqual([]);
  });

  it('given an address that forwards to the workspace, when somebody names it, then nothing is sent there, or it would come back', async () => {
    const desk = await aDesk(world);
    const { reply } = await aTicket(desk, await aColleague(world, desk, 'Anna'));
    const address = `support-${newId()}@rossi.test`;
    told.forwarded.set(address, desk.id);
    await reply(address);
    await settled(address, 'dropped');
    expect(postbox.to(address)).toEqual([]);
  });

  it('given a DKIM key, when a mail goes out, then its signature verifies', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const desk = await aDesk(world, { dkimDomain: 'rossi.test', dkimSelector: 's1', dkimPrivateKey: privateKey });
    const { reply } = await aTicket(desk, await aColleague(world, desk, 'Anna'));
    const address = anAddress();
    await reply(address);
    const [mail] = await arrived(address);
    const { dkimVerify } = await import('mailauth/lib/dkim/verify.js');
    const key = publicKey.replace(/-----[^-]+-----|\s/g, '');
    const { results } = await dkimVerify(Buffer.from(mail?.raw ?? '', 'latin1'), {
      resolver: async (name: string) => {
        expect(name).toBe('s1._domainkey.rossi.test');
        return [[`v=DKIM1; k=rsa; p=${key}`]];
      },
    });
    expect(results.map(({ status }) => status.result)).toEqual(['pass']);
  });

  it('given names and a title that try to begin a header, when the mail goes out, then there is no such header', async () => {
    const desk = await aDesk(world);
    const { item, author } = await aTicket(desk, await aColleague(world, desk, 'Anna'));
    const address = anAddress();
    const id = newId();
    const injected = 'Hello\r\nBcc: victim@example.com\r\n\r\nbody';
    told.prepared.set(id, { title: injected, authorName: injected, to: [{ name: injected, address }] });
    await item.message({ author, to: [{ name: injected, address }] }, id);
    const [mail] = await arrived(address);
    expect(mail?.parsed.headers.has('bcc')).toBe(false);
    expect(mail?.raw.split('\r\n\r\n')[0]).not.toMatch(/^(bcc|body)/im);
  });

  it('given an image in the text and a file beside it, when the reply goes out, then both travel with it', async () => {
    const desk = await aDesk(world);
    const { item, author } = await aTicket(desk, await aColleague(world, desk, 'Anna'));
    const address = anAddress();
    const [id, image, file] = [newId(), newId(), newId()];
    const { hash } = await world.storage.write(desk.id, Buffer.from('picture'), 100);
    const stored = { hash, size: 7, contentId: null };
    told.prepared.set(id, {
      html: `<p>Look: <img src="/api/v1/files/${image}"></p>`,
      quoted: { author: 'Lucia Bianchi', at: new Date('2025-11-03T10:12:00Z'), html: '<p>It is broken.</p>' },
      files: [
        { ...stored, id: image, name: 'photo.png', contentType: 'image/png', inline: true },
        { ...stored, id: file, name: 'guida è qui.pdf', contentType: 'application/pdf', inline: false },
      ],
    });
    await item.message({ author, to: [{ name: '', address }] }, id);
    const [mail] = await arrived(address);
    expect(mail?.parsed.attachments.map(({ filename, related }) => [filename, related])).toEqual([
      ['photo.png', true],
      ['guida è qui.pdf', undefined],
    ]);
    expect(mail?.parsed.html).toContain(`data:image/png;base64,${Buffer.from('picture').toString('base64')}`);
    expect(mail?.parsed.text).toContain('On 3 November 2025 at 11:12, Lucia Bianchi wrote:\n> It is broken.');
  });
});
