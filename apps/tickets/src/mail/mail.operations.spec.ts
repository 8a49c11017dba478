import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { addMessage, deleteItem, getItem, listItems, listMessages, splitOff } from '@sportello/contracts';
import { type UserActor } from '@sportello/permissions';
import { newId, startWorld, type World } from '@sportello/testing';
import { AppModule } from '../app.module.js';
import { aKnownUser, aWorkspace } from '../item/item.builders.js';
import { aRawMail, MailDesk } from './mail.builders.js';

const cases = new URL('../../../../libs/testing/mail/cases/', import.meta.url);
/** The token and the id of ours that the cases name, to be replaced by real ones. */
const named = { token: 'k3jq7x2mzp5w4tyv6c2dnb7hra', mailId: 's.q2w7e4r5t6y7u2i3o4p5a6s7df@mail.sportello.example' };

describe('a mail', () => {
  let world: World;
  let desk: MailDesk;
  let anna: UserActor;
  beforeAll(async () => {
    world = await startWorld([AppModule]);
  });
  afterAll(() => world.stop());
  beforeEach(async () => {
    const workspace = await aWorkspace(world);
    anna = workspace.anna;
    desk = new MailDesk(world, workspace.id);
  });

  const messagesOf = async (id: string) => (await world.as(anna).call(listMessages, { id })).data;
  const items = async () => (await world.as(anna).call(listItems, {})).data;

  /** A ticket of Emma's that Anna has answered by mail. */
  async function anAnsweredTicket(headers: Record<string, string> = {}) {
    const opening = aRawMail({ 'Message-ID': '<first@contoso.test>', ...headers });
    const { itemId } = await desk.receives(opening);
    const id = itemId as string;
    const answer = await world.as(anna).call(addMessage, { id, thread: 'customer', html: '<p>Is it plugged in?</p>' });
    const recipient = answer.to[0]?.address as string;
    const sent = await desk.sends({ itemId: id, messageId: answer.id, recipient });
    return { id, sent, number: (await world.as(anna).call(getItem, { id })).number };
  }

  function caseMail(name: string, { replyToken, mailId }: { replyToken: string; mailId: string }): string {
    const raw = readFileSync(new URL(name, cases), 'utf8');
    return raw.replaceAll(named.token, replyToken).replaceAll(named.mailId, mailId);
  }

  it('given nothing it answers, makes a ticket of its sender, published, with the mail as its first message', async () => {
    const received = await desk.receives(aRawMail({ Subject: 'Re: Printer on floor 2' }, 'It is on fire.\n'));
    expect(received).toMatchObject({ outcome: 'item', verdict: 'new' });
    expect(await items()).toMatchObject([
      { id: received.itemId, title: 'Printer on floor 2', published: true, requester: { email: 'emma@contoso.test' } },
    ]);
    expect(await messagesOf(received.itemId as string)).toMatchObject([
      {
        ...{ thread: 'customer', via: 'mail', subject: 'Re: Printer on floor 2', newHere: false },
        ...{ author: { kind: 'customer', email: 'emma@contoso.test' }, html: expect.stringContaining('on fire') },
        mail: { verdict: 'new', reason: expect.any(String), marks: [] },
      },
    ]);
  });

  it("given an organization's project and team, the ticket starts there", async () => {
    const defaultTeamId = newId();
    const organizationId = newId();
    desk.sender('emma@contoso.test', { organizationId, organizationName: 'Contoso', defaultTeamId });
    await desk.receives(aRawMail());
    const [row] = await world.sql('select * from tickets.item where workspace_id = $1', [desk.workspace]);
    expect(row).toMatchObject({ requester_organization_id: organizationId, assigned_team_ids: [defaultTeamId] });
  });

  it.each([
    ['Gmail in English', 'trim-quote/gmail-en.eml'],
    ['Outlook in English', 'trim-quote/outlook-desktop-en.eml'],
    ['Outlook in Italian ("R:")', 'trim-quote/outlook-desktop-it.eml'],
    ['an iPhone in Italian', 'trim-quote/ios-it.eml'],
    ['Outlook in Norwegian ("SV:")', 'trim-quote/outlook-web-nb.eml'],
    ['Thunderbird in Norwegian', 'trim-quote/thunderbird-nb-below.eml'],
  ])('given a reply with our token from %s, is appended to the item (D1)', async (_program, name) => {
    const raw = readFileSync(new URL(name, cases), 'utf8');
    const sender = /^From: (.*)$/m.exec(raw)?.[1] as string;
    const subject = (/^Subject: (.*)$/m.exec(raw)?.[1] as string).replace(/^\w+: | \[#\d+\]/g, '');
    const { id, sent } = await anAnsweredTicket({ From: sender, Subject: subject });
    const received = await desk.receives(caseMail(name, sent));
    expect(received).toMatchObject({ outcome: 'message', verdict: 'appended', itemId: id });
    const reply = (await messagesOf(id)).at(-1);
    expect(reply).toMatchObject({ thread: 'customer', subject: null, newHere: false, mail: { marks: [] } });
    expect(reply?.quotedHtml).not.toBeNull();
    expect(await items()).toHaveLength(1);
  });

  it('given our id alone, written outside any thread of theirs, is appended (D1)', async () => {
    const { id, sent } = await anAnsweredTicket();
    const reply = aRawMail({ 'In-Reply-To': `<${sent.mailId}>`, Subject: 'AW: Drucker' });
    expect(await desk.receives(reply)).toMatchObject({ outcome: 'message', itemId: id });
  });

  it('given references only, our id in the middle, is appended (D1)', async () => {
    const { id, sent } = await anAnsweredTicket();
    const reply = caseMail('deliver/references-only-en.eml', sent);
    expect(await desk.receives(reply)).toMatchObject({ outcome: 'message', itemId: id });
  });

  it('given a known id from somebody who was in Cc and answers first, is appended (D1)', async () => {
    const opening = { 'Message-ID': '<first@contoso.test>', Cc: 'Ola <ola@nordvik.test>' };
    const { itemId } = await desk.receives(aRawMail(opening));
    const reply = {
      ...{ From: 'Ola <ola@nordvik.test>', Subject: 'SV: Printer on floor 2' },
      ...{ 'Message-ID': '<ola@nordvik.test>', 'In-Reply-To': '<first@contoso.test>' },
    };
    expect(await desk.receives(aRawMail(reply))).toMatchObject({ outcome: 'message', itemId });
    expect((await messagesOf(itemId as string)).at(-1)).toMatchObject({ newHere: false });
  });

  it('given the number and a sender who takes part, is appended (D1)', async () => {
    const { id, number } = await anAnsweredTicket();
    const reply = aRawMail({ Subject: `Printer [#${number}]`, 'Message-ID': '<later@contoso.test>' });
    expect(await desk.receives(reply)).toMatchObject({ outcome: 'message', itemId: id });
  });

  it('given a reply that overtakes its original, both are on one item whichever comes first (D1)', async () => {
    const reply = aRawMail({
      ...{ From: 'Ola <ola@nordvik.test>', To: 'Emma Jones <emma@contoso.test>', Cc: 'support@rossi.test' },
      ...{ 'Message-ID': '<reply@nordvik.test>', 'In-Reply-To': '<first@contoso.test>', Subject: 'Sv: Printer' },
    });
    const original = aRawMail({
      ...{ To: 'Ola <ola@nordvik.test>', Cc: 'support@rossi.test' },
      ...{ 'Message-ID': '<first@contoso.test>', Subject: 'Printer' },
    });
    const first = await desk.receives(reply);
    expect(await desk.receives(original)).toMatchObject({ outcome: 'message', itemId: first.itemId });
    expect(await items()).toHaveLength(1);
  });

  it('given a reply and its original at the same moment, both are on one item (D1)', async () => {
    const original = aRawMail({ 'Message-ID': '<first@contoso.test>', Cc: 'ola@nordvik.test' });
    const reply = aRawMail({
      ...{ From: 'ola@nordvik.test', To: 'emma@contoso.test', Cc: 'support@rossi.test' },
      ...{ 'Message-ID': '<reply@nordvik.test>', 'In-Reply-To': '<first@contoso.test>' },
    });
    const both = await Promise.all([desk.receives(reply), desk.receives(original)]);
    expect(new Set(both.map(({ itemId }) => itemId)).size).toBe(1);
  });

  it('given a stranger who quotes a number, makes a new item, linked as maybe the same (D2)', async () => {
    const { id, number } = await anAnsweredTicket();
    const raw = readFileSync(new URL('deliver/stranger-quotes-number-nb.eml', cases), 'utf8');
    const received = await desk.receives(raw.replace('#1042', `#${number}`));
    expect(received).toMatchObject({ outcome: 'item', verdict: 'new-linked' });
    expect(received.itemId).not.toBe(id);
    expect(await messagesOf(id)).toHaveLength(2);
    expect(await world.as(anna).call(getItem, { id: received.itemId as string })).toMatchObject({
      links: [{ id, relation: 'maybe-same' }],
    });
  });

  it('given a stranger who names an id of a mail that they were not on, makes a new item (D2)', async () => {
    const { id } = await anAnsweredTicket();
    const stranger = { From: 'eve@unknown.test', 'In-Reply-To': '<first@contoso.test>', 'Message-ID': '<e@u.test>' };
    const received = await desk.receives(aRawMail(stranger));
    expect(received).toMatchObject({ outcome: 'item', verdict: 'new-linked' });
    // Having named the id gives the stranger no hold on it: who takes part in the conversation still ends up there.
    const reply = aRawMail({ 'In-Reply-To': '<first@contoso.test>', 'Message-ID': '<second@contoso.test>' });
    expect(await desk.receives(reply)).toMatchObject({ outcome: 'message', itemId: id });
  });

  it('given a colleague of the requester who names a known id, is appended; given a stranger of another company, not (D2)', async () => {
    const organizationId = newId();
    desk.sender('emma@contoso.test', { organizationId, organizationName: 'Contoso' });
    desk.sender('liam@contoso.test', { organizationId, organizationName: 'Contoso' });
    const { id } = await anAnsweredTicket();
    const reply = (from: string) =>
      aRawMail({ From: from, 'In-Reply-To': '<first@contoso.test>', 'Message-ID': `<to-${from}>` });
    expect(await desk.receives(reply('liam@contoso.test'))).toMatchObject({ outcome: 'message', itemId: id });
    expect(await desk.receives(reply('liam@fabrikam.test'))).toMatchObject({ outcome: 'item', verdict: 'new-linked' });
  });

  it('given a number of another workspace, knows nothing of it (D2)', async () => {
    const { number } = await anAnsweredTicket();
    const other = await aWorkspace(world);
    const received = await new MailDesk(world, other.id).receives(aRawMail({ Subject: `Printer [#${number}]` }));
    expect(received).toMatchObject({ outcome: 'item', verdict: 'new' });
  });

  it('given a reply with a changed subject, is appended, its subject kept and shown, and can be split off (D3)', async () => {
    const { id, sent } = await anAnsweredTicket({ From: 'Giulia Bianchi <giulia.bianchi@fabrikam.example>' });
    const received = await desk.receives(caseMail('deliver/changed-subject-it.eml', sent));
    expect(received).toMatchObject({ outcome: 'message', itemId: id });
    expect((await messagesOf(id)).at(-1)).toMatchObject({ subject: 'Nuovo problema: lo scanner' });
    const own = await world.as(anna).call(splitOff, { id, messageId: received.messageId as string });
    expect(own).toMatchObject({ title: 'Nuovo problema: lo scanner', links: [{ id, relation: 'split-off' }] });
  });

  it('given the same mail to two of our addresses, is one item, once (D4)', async () => {
    const raw = readFileSync(new URL('deliver/two-of-our-addresses-it.eml', cases), 'utf8');
    const first = await desk.receives(`Delivered-To: vendite@acme.example\r\n${raw}`);
    const second = await desk.receives(`Delivered-To: support@acme.example\r\n${raw}`);
    expect(second).toMatchObject({ outcome: 'duplicate', itemId: first.itemId, messageId: first.messageId });
    expect(await messagesOf(first.itemId as string)).toHaveLength(1);
  });

  it('given us in Cc only, is a ticket like any other (D4)', async () => {
    const raw = readFileSync(new URL('deliver/cc-only-nb.eml', cases), 'utf8');
    expect(await desk.receives(raw)).toMatchObject({ outcome: 'item', verdict: 'new' });
  });

  it('given the same mail by two workers at once, is one item (D8)', async () => {
    const raw = aRawMail();
    const outcomes = await Promise.all([desk.receives(raw), desk.receives(raw), desk.receives(raw)]);
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['duplicate', 'duplicate', 'item']);
    expect(await items()).toHaveLength(1);
  });

  it('given the same mail again after its item was deleted, changes nothing (D8)', async () => {
    const raw = aRawMail();
    const { itemId } = await desk.receives(raw);
    await world.as(anna).call(deleteItem, { id: itemId as string });
    expect(await desk.receives(raw)).toMatchObject({ outcome: 'duplicate' });
    expect(await items()).toHaveLength(0);
  });

  it('given the same id and date with other content, is stored and marked (D8)', async () => {
    const headers = { 'Message-ID': '<same@contoso.test>' };
    const { itemId } = await desk.receives(aRawMail(headers, 'One\n'));
    const other = aRawMail(headers, 'Two\n');
    expect(await desk.receives(other)).toMatchObject({ outcome: 'message', itemId });
    expect((await messagesOf(itemId as string)).at(-1)).toMatchObject({ mail: { marks: ['same id, other content'] } });
    expect(await desk.receives(other)).toMatchObject({ outcome: 'duplicate', itemId });
  });

  it('given no Message-ID, is told apart by its content (D8)', async () => {
    const raw = aRawMail({ 'Message-ID': null }, 'No id\n');
    const { itemId } = await desk.receives(raw);
    expect(await desk.receives(raw)).toMatchObject({ outcome: 'duplicate', itemId });
    const other = await desk.receives(aRawMail({ 'Message-ID': null }, 'Another\n'));
    expect(other).toMatchObject({ outcome: 'item' });
  });

  it('given a reply to a deleted item, makes a new one: nothing is written where nobody looks', async () => {
    const { id, sent } = await anAnsweredTicket();
    await world.as(anna).call(deleteItem, { id });
    const reply = aRawMail({ 'In-Reply-To': `<${sent.mailId}>`, 'Message-ID': '<after@contoso.test>' });
    expect(await desk.receives(reply)).toMatchObject({ outcome: 'item', verdict: 'new' });
  });

  it('given a user, their mail is a ticket of that user', async () => {
    const per = await aKnownUser(world, desk.workspace, {}, 'Per');
    desk.sender('per@rossi.test', { kind: 'user', id: per.id });
    const { itemId } = await desk.receives(aRawMail({ From: 'Per <per@rossi.test>' }));
    expect(await world.as(anna).call(getItem, { id: itemId as string })).toMatchObject({
      requester: { kind: 'user', id: per.id },
    });
  });

  it('given an emoji where a title or an excerpt is cut, is stored all the same', async () => {
    const { itemId } = await desk.receives(
      aRawMail({ Subject: `${'x'.repeat(249)}🖨️` }, `${'y'.repeat(199)}🖨️ done\n`),
    );
    const [message] = await messagesOf(itemId as string);
    expect(message?.html).toContain('🖨️');
    expect(message?.subject).toContain('🖨️');
  });
});
