import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { addMessage, changeItem, deleteItem, getItem, splitOff, type Language } from '@sportello/contracts';
import { eventually } from '@sportello/testing';
import { Desk, startSystem, type System } from './desk.js';

const cases = new URL('../../libs/testing/mail/cases/', import.meta.url);

/** Who writes, what a forward and an absence look like in their mail program, and what the acknowledgement says. */
const people = {
  en: {
    ...{ email: 'emma.jones@contoso.example', title: 'Printer on floor 2', colleague: 'liam.clark@contoso.example' },
    ...{ changed: 'Another problem: the scanner', forward: 'gmail-en', original: 'emma.jones@contoso.example' },
    ...{ absence: 'vacation-en', acknowledged: 'Thank you', readable: 'per cartridge' },
  },
  it: {
    ...{
      email: 'giulia.bianchi@fabrikam.example',
      title: 'Stampante al secondo piano',
      colleague: 'marco.ferri@fabrikam.example',
    },
    ...{ changed: 'Nuovo problema: lo scanner', forward: 'outlook-it', original: 'giulia.bianchi@fabrikam.example' },
    ...{ absence: 'fuori-sede-it', acknowledged: 'grazie', readable: 'a cartuccia' },
  },
  nb: {
    ...{ email: 'ingrid.dahl@nordvik.example', title: 'Skriver i andre etasje', colleague: 'ola.moen@nordvik.example' },
    ...{ changed: 'Nytt problem: skanneren', forward: 'outlook-nb', original: 'kare.ostby@nordvik.example' },
    ...{ absence: 'fravaer-nb', acknowledged: 'Takk', readable: 'per patron' },
  },
} satisfies Record<Language, object>;

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

describe.each(['en', 'it', 'nb'] as const)('what the field asks of mail, in %s', (language) => {
  const { email, title, colleague, changed, forward, original, absence, acknowledged, readable } = people[language];
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open(system, language);
  });

  /** A case with this desk's addresses in place of the written ones, and our mail's id and reply address where it answers one. */
  function read(name: string, ours?: { mailId: string; replyTo: string }): string {
    const raw = readFileSync(new URL(`${name}.eml`, cases), 'latin1');
    return raw
      .replaceAll('support+r.k3jq7x2mzp5w4tyv6c2dnb7hra@acme.example', ours?.replyTo ?? desk.address)
      .replaceAll('s.q2w7e4r5t6y7u2i3o4p5a6s7df@mail.sportello.example', ours?.mailId ?? 'unknown@nowhere.example')
      .replaceAll('support@acme.example', desk.address)
      .replaceAll('sales@acme.example', desk.second)
      .replaceAll(/(anna|per)@acme\.example/g, desk.signedUp.email);
  }
  const mail = (name: string, ours?: { mailId: string; replyTo: string }) =>
    desk.mail(Buffer.from(read(`promises/${name}-${language}`, ours), 'latin1'));

  /** The first mail's ticket. */
  async function aTicket() {
    expect(await mail('first')).toMatchObject({ state: 'done', code: 'new' });
    const [item] = await desk.items();
    return item as NonNullable<typeof item>;
  }

  /** The ticket once Anna has answered: with what her mail carries for whoever replies. */
  async function anAnsweredTicket() {
    const item = await aTicket();
    await desk.anna.call(addMessage, { id: item.id, thread: 'customer', html: '<p>Toner?</p>' });
    const answer = await eventually(async () => {
      const found = (await system.sentTo(email)).filter(({ text, messageId }) => messageId && text?.includes('Toner?'));
      const own = found.find(({ replyTo }) =>
        replyTo?.value[0]?.address?.startsWith(desk.address.split('@')[0] as string),
      );
      if (!own) throw new Error('the answer has not left yet');
      return own;
    });
    const ours = {
      mailId: answer.messageId?.slice(1, -1) as string,
      replyTo: answer.replyTo?.value[0]?.address as string,
    };
    return { item, ours };
  }

  it('D1: a reply, one that names references only, and a colleague in Cc who answers first stay on their ticket', async () => {
    const { item, ours } = await anAnsweredTicket();
    for (const name of ['reply', 'cc-answers-first', 'references-only'])
      expect([name, await mail(name, ours)]).toMatchObject([name, { state: 'done', code: 'appended' }]);
    expect(await desk.items()).toMatchObject([{ id: item.id, title }]);
    const messages = await desk.messages(item.id);
    expect(messages.map(({ author }) => author.email)).toEqual([email, desk.signedUp.email, email, colleague, email]);
    expect(messages[2]?.html).not.toContain('Toner?');
  });

  it('D2: a stranger who quotes the number gets a ticket of their own, linked as maybe the same', async () => {
    const { item } = await anAnsweredTicket();
    const raw = read(`promises/stranger-${language}`).replace('#1042', `#${item.number}`);
    expect(await desk.mail(Buffer.from(raw, 'latin1'))).toMatchObject({ state: 'done', code: 'new-linked' });
    const [, other] = await desk.items();
    expect(await desk.anna.call(getItem, { id: other?.id as string })).toMatchObject({
      links: [{ id: item.id, relation: 'maybe-same' }],
    });
    expect(await desk.messages(item.id)).toHaveLength(2);
  });

  it('D3: a reply with a changed subject is appended with its subject, and one click splits it off', async () => {
    const { item, ours } = await anAnsweredTicket();
    expect(await mail('changed-subject', ours)).toMatchObject({ code: 'appended' });
    const last = (await desk.messages(item.id)).at(-1);
    expect(last).toMatchObject({ subject: changed });
    const own = await desk.anna.call(splitOff, { id: item.id, messageId: last?.id as string });
    expect(own).toMatchObject({ title: changed, links: [{ id: item.id, relation: 'split-off' }] });
  });

  it('D4: one mail to two of our addresses, or with us in Cc only, is one ticket', async () => {
    const raw = Buffer.from(read(`promises/two-addresses-${language}`), 'latin1');
    await desk.mail(raw, [desk.address, desk.second]);
    expect(await desk.mail(raw, [desk.second])).toMatchObject({ code: 'duplicate' });
    expect(await desk.items()).toHaveLength(1);
    expect(await mail('cc-only')).toMatchObject({ code: 'new' });
    expect(await desk.items()).toHaveLength(2);
  });

  it('D5: what a user forwards is a ticket of who wrote it first, with the words above it as an internal note', async () => {
    const raw = read(`forwarded/${forward}`);
    expect(await desk.mail(Buffer.from(raw, 'latin1'))).toMatchObject({ state: 'done', code: 'new' });
    const [item] = await desk.items();
    expect(item).toMatchObject({ requester: { kind: 'customer', email: original } });
    expect((await desk.messages(item?.id as string)).map(({ thread }) => thread)).toEqual(['customer', 'internal']);
  });

  it('D6, D17: a person hears once that the ticket has come; an absence notice, and our own acknowledgement coming back, create and answer nothing', async () => {
    await aTicket();
    const acknowledgement = await eventually(async () => {
      const [first] = (await system.sentTo(email)).filter(({ replyTo }) =>
        replyTo?.value[0]?.address?.startsWith(desk.address.split('@')[0] as string),
      );
      if (!first) throw new Error('no acknowledgement yet');
      return first;
    });
    expect(acknowledgement.headers.get('auto-submitted')).toBe('auto-replied');
    expect(acknowledgement.text).toContain(acknowledged);
    expect(await desk.mail(Buffer.from(read(`auto-reply/${absence}`), 'latin1'))).toMatchObject({ state: 'done' });
    const headers = [...acknowledgement.headerLines.map(({ line }) => line)].join('\r\n');
    expect(await desk.mail(`${headers}\r\n\r\n${acknowledgement.text}`)).toMatchObject({ state: 'done' });
    expect(await desk.items()).toHaveLength(1);
    expect(await desk.messages((await desk.items())[0]?.id as string)).toHaveLength(1);
    const answers = await system.world.sql(
      'select address from notifications.outbound_mail where workspace_id = $1 and automatic',
      [desk.signedUp.anna.workspace],
    );
    expect(answers).toEqual([{ address: email }]);
  });

  it('D7: a mail of 5,000 parts is set aside with its reason, one of an unknown charset is read as far as it goes, and the mailbox goes on', async () => {
    const part = '--b\r\nContent-Type: text/plain\r\n\r\nx\r\n';
    const head = read(`promises/first-${language}`)
      .split('\n\n')[0]
      ?.replace(/^(MIME|Content).*\n?/gm, '')
      .trim();
    const poison = `${head}\nMessage-ID: <poison-${language}@x.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${part.repeat(5001)}--b--\r\n`;
    expect(await desk.mail(poison)).toMatchObject({ state: 'quarantined', reason: expect.stringMatching(/parts/) });
    expect(await mail('broken-charset')).toMatchObject({ state: 'done', code: 'new' });
    expect(await mail('first')).toMatchObject({ state: 'done', code: 'new' });
    const [broken, whole] = await desk.items();
    expect(whole).toMatchObject({ title });
    expect((await desk.messages(broken?.id as string))[0]?.html).toContain(readable);
  });

  it('D8: the same mail again changes nothing, also after its ticket was deleted', async () => {
    const item = await aTicket();
    expect(await mail('first')).toMatchObject({ state: 'done', code: 'duplicate' });
    expect(await desk.messages(item.id)).toHaveLength(1);
    await desk.anna.call(deleteItem, { id: item.id });
    expect(await mail('first')).toMatchObject({ state: 'done', code: 'duplicate' });
    expect(await desk.items()).toEqual([]);
  });

  it('D15: a reply reopens a finished ticket within the grace period, and opens a linked one after it', async () => {
    const { item, ours } = await anAnsweredTicket();
    const statuses = await system.world.sql<{ id: string }>(
      "select id from tickets.status where workspace_id = $1 and state = 'finished'",
      [desk.signedUp.anna.workspace],
    );
    const finish = () => desk.anna.call(changeItem, { id: item.id, statusId: statuses[0]?.id as string });
    await finish();
    expect(await mail('reply', ours)).toMatchObject({ code: 'reopened' });
    expect(await desk.anna.call(getItem, { id: item.id })).toMatchObject({ status: { state: 'in-progress' } });
    await finish();
    await system.world.sql("update tickets.item set finished_at = finished_at - interval '15 days' where id = $1", [
      item.id,
    ]);
    expect(await mail('references-only', ours)).toMatchObject({ code: 'follow-up' });
    const [, next] = await desk.items();
    expect(await desk.anna.call(getItem, { id: next?.id as string })).toMatchObject({
      links: [{ id: item.id, relation: 'follow-up' }],
    });
  });
});
