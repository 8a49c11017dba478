import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  addMessage,
  changeItem,
  changeItemType,
  confirmSender,
  getItem,
  listItems,
  listItemTypes,
  listMessages,
  type MoveTrigger,
  type ReceiveMail,
  type Sender,
} from '@sportello/contracts';
import { aCustomer, newId, startWorld, type World } from '@sportello/testing';
import { type UserActor } from '@sportello/permissions';
import { AppModule } from '../app.module.js';
import { aKnownUser, aWorkspace } from '../item/item.builders.js';
import { aRawMail, MailDesk } from './mail.builders.js';

describe('who writes', () => {
  let world: World;
  let desk: MailDesk;
  let anna: UserActor;
  let per: Sender;
  beforeAll(async () => {
    world = await startWorld([AppModule]);
  });
  afterAll(() => world.stop());
  beforeEach(async () => {
    const workspace = await aWorkspace(world);
    anna = workspace.anna;
    desk = new MailDesk(world, workspace.id);
    const user = await aKnownUser(world, workspace.id, { teams: [workspace.everyone] }, 'Per');
    per = desk.sender('per@rossi.test', { kind: 'user', id: user.id, name: 'Per' });
  });

  const messagesOf = async (id: string) => (await world.as(anna).call(listMessages, { id })).data;
  const itemOf = (id: string) => world.as(anna).call(getItem, { id });

  async function aTicket(given: Record<string, string> = {}): Promise<string> {
    const { itemId } = await desk.receives(aRawMail({ 'Message-ID': '<first@contoso.test>', ...given }));
    return itemId as string;
  }

  /** Anna's answer as it went to somebody. */
  async function answered(id: string, recipient = 'emma@contoso.test') {
    const html = '<p>Is it plugged in?</p>';
    const { id: messageId } = await world.as(anna).call(addMessage, { id, thread: 'customer', html });
    return desk.sends({ itemId: id, messageId, recipient });
  }

  const reply = (token: string, headers: Record<string, string> = {}, body = 'Yes.\n') =>
    aRawMail({ To: `support+r.${token}@rossi.test`, 'Message-ID': `<${newId()}@mail.test>`, ...headers }, body);

  async function finish(id: string, ago: number): Promise<void> {
    const [type] = (await world.as(anna).call(listItemTypes, {})).data;
    const solved = type?.statuses.find(({ state }) => state === 'finished')?.id as string;
    await world.as(anna).call(changeItem, { id, statusId: solved });
    await world.sql("update tickets.item set finished_at = now() - $2 * interval '1 second' where id = $1", [id, ago]);
  }

  describe('somebody new', () => {
    it('given our token from somebody who takes no part, is appended and marked; they gain no access and no copies', async () => {
      const id = await aTicket();
      const { replyToken } = await answered(id);
      const liam = desk.sender('liam@fabrikam.test');
      const received = await desk.receives(reply(replyToken, { From: 'liam@fabrikam.test', Cc: 'eve@unknown.test' }));
      expect(received).toMatchObject({ outcome: 'message', itemId: id });
      expect((await messagesOf(id)).at(-1)).toMatchObject({ newHere: true, mail: { marks: ['new here'] } });
      const { followers, defaultRecipients } = await itemOf(id);
      expect(followers).toEqual([]);
      expect(defaultRecipients).toEqual({ to: [expect.objectContaining({ address: 'emma@contoso.test' })], cc: [] });
      const asLiam = world.as(aCustomer(desk.workspace, { id: liam.id }));
      await expect(asLiam.call(getItem, { id })).rejects.toMatchObject({ definition: { status: 404 } });
      // Nor do they bring anybody along: whom they named is no participant.
      const eve = aRawMail({ From: 'eve@unknown.test', 'In-Reply-To': '<first@contoso.test>' });
      expect(await desk.receives(eve)).toMatchObject({ outcome: 'item', verdict: 'new-linked' });
    });

    it('given that a user has confirmed them, they see the item and are known from then on', async () => {
      const id = await aTicket();
      const { replyToken } = await answered(id);
      const liam = desk.sender('liam@fabrikam.test');
      const { messageId } = await desk.receives(reply(replyToken, { From: 'liam@fabrikam.test' }));
      await world.as(anna).call(confirmSender, { id, messageId: messageId as string });
      await world.sql("update tickets.workspace set customer_sight = 'followed' where workspace_id = $1", [
        desk.workspace,
      ]);
      const asLiam = world.as(aCustomer(desk.workspace, { id: liam.id }));
      expect(await asLiam.call(getItem, { id })).toMatchObject({ id });
      const next = aRawMail({ From: 'liam@fabrikam.test', 'In-Reply-To': '<first@contoso.test>' });
      expect(await desk.receives(next)).toMatchObject({ outcome: 'message', itemId: id });
      expect((await messagesOf(id)).at(-1)).toMatchObject({ newHere: false });
    });

    it('given a failed authentication, a valid token still appends, marked; without one it is refused, and let in once released', async () => {
      const id = await aTicket();
      const { replyToken } = await answered(id);
      const failed = { authenticationFailed: true };
      expect(await desk.receives(reply(replyToken), failed)).toMatchObject({ outcome: 'message', itemId: id });
      expect((await messagesOf(id)).at(-1)).toMatchObject({ mail: { marks: ['unverified'] } });
      const spoofed = aRawMail({ 'In-Reply-To': '<first@contoso.test>' });
      const refused = { outcome: 'refused', verdict: 'quarantine', itemId: null };
      expect(await desk.receives(spoofed, failed)).toMatchObject(refused);
      // Heard twice, as after a worker that died: the same answer, and nothing remembered that would stand in the way of a release.
      expect(await desk.receives(spoofed, failed)).toMatchObject(refused);
      const released = await desk.receives(spoofed, { ...failed, released: true });
      expect(released).toMatchObject({ outcome: 'message', itemId: id });
    });
  });

  describe('a user', () => {
    it('given their own token of the customer thread, answers there', async () => {
      const id = await aTicket();
      const { replyToken } = await answered(id, 'per@rossi.test');
      await desk.receives(reply(replyToken, { From: 'per@rossi.test' }));
      expect((await messagesOf(id)).at(-1)).toMatchObject({ thread: 'customer', author: { id: per.id } });
    });

    it('given an internal thread that their token names, answers there', async () => {
      const id = await aTicket();
      const first = { id, thread: 'internal' as const, html: '<p>What now?</p>' };
      const { id: messageId, threadId } = await world.as(anna).call(addMessage, first);
      const recipient = { recipient: 'per@rossi.test', userId: per.id, purpose: 'mentioned' as const };
      const { replyToken } = await desk.sends({ itemId: id, messageId, ...recipient });
      await desk.receives(reply(replyToken, { From: 'per@rossi.test' }));
      expect((await messagesOf(id)).at(-1)).toMatchObject({ thread: 'internal', threadId, author: { id: per.id } });
    });

    it.each([
      ["a customer's token", async (id: string) => reply((await answered(id)).replyToken, { From: 'per@rossi.test' })],
      [
        'an id of ours alone',
        async (id: string) =>
          aRawMail({ From: 'per@rossi.test', 'In-Reply-To': `<${(await answered(id, 'per@rossi.test')).mailId}>` }),
      ],
      [
        'the number alone',
        async (id: string) =>
          aRawMail({ From: 'per@rossi.test', Cc: 'emma@contoso.test', Subject: `[#${(await itemOf(id)).number}] Hm` }),
      ],
      [
        "the customer's id",
        async (id: string) => {
          await answered(id);
          return aRawMail({ From: 'per@rossi.test', 'In-Reply-To': '<first@contoso.test>' });
        },
      ],
    ])('given %s and no token of their own, never reaches the customer thread', async (_what, mailFor) => {
      const id = await aTicket({ Cc: 'per@rossi.test' });
      await desk.receives(await mailFor(id));
      expect((await messagesOf(id)).at(-1)).toMatchObject({ thread: 'internal', author: { id: per.id } });
    });

    it('given their own token on a mail that is not proven to be theirs, never reaches the customer thread', async () => {
      const id = await aTicket();
      const { replyToken } = await answered(id, 'per@rossi.test');
      await desk.receives(reply(replyToken, { From: 'per@rossi.test' }), { authenticationFailed: true });
      expect((await messagesOf(id)).at(-1)).toMatchObject({ thread: 'internal', mail: { marks: ['unverified'] } });
    });
  });

  describe('a forwarded mail (D5)', () => {
    const forwarded = (text: string): Partial<ReceiveMail> => ({
      ...{ forwarded: true, answerable: false, sender: desk.sender('kari@nordvik.test') },
      comment: { html: `<p>${text}</p>`, text, author: per },
    });

    it.each([
      ['Can we take this one?', 'en'],
      ['Qualcuno può prenderla?', 'it'],
      ['Kan noen ta denne?', 'nb'],
    ])('its original sender is the requester, and "%s" stands internally', async (words) => {
      const { itemId } = await desk.receives(aRawMail({ From: 'per@rossi.test' }), forwarded(words));
      const id = itemId as string;
      expect(await itemOf(id)).toMatchObject({ requester: { email: 'kari@nordvik.test' } });
      expect(await messagesOf(id)).toMatchObject([
        { thread: 'customer', author: { email: 'kari@nordvik.test' } },
        { thread: 'internal', author: { id: per.id, kind: 'user' }, html: expect.stringContaining(words) },
      ]);
      const asKari = world.as(aCustomer(desk.workspace, { id: desk.sender('kari@nordvik.test').id }));
      expect((await asKari.call(listMessages, { id })).data).toHaveLength(1);
    });

    it('given nothing written above, has no internal message', async () => {
      const { itemId } = await desk.receives(aRawMail({ From: 'per@rossi.test' }), forwarded(''));
      expect(await messagesOf(itemId as string)).toHaveLength(1);
    });

    it('given that it names an id of ours, does not end up in a conversation that its original sender takes no part in', async () => {
      const id = await aTicket();
      const { mailId } = await answered(id, 'per@rossi.test');
      const raw = aRawMail({ From: 'per@rossi.test', References: `<${mailId}>`, 'Message-ID': '<fwd@rossi.test>' });
      expect(await desk.receives(raw, forwarded('Hm'))).toMatchObject({ outcome: 'item', verdict: 'new-linked' });
    });

    it("given the forwarder's own token, joins that conversation, the original sender marked as new; another's token does not count", async () => {
      const id = await aTicket();
      const { replyToken: mine } = await answered(id, 'per@rossi.test');
      const { replyToken: others } = await answered(id);
      const from = { From: 'per@rossi.test' };
      expect(await desk.receives(reply(mine, from), forwarded('Here'))).toMatchObject({
        outcome: 'message',
        itemId: id,
      });
      expect((await messagesOf(id)).at(-2)).toMatchObject({ thread: 'customer', newHere: true });
      expect(await desk.receives(reply(others, from), forwarded('There'))).toMatchObject({ outcome: 'item' });
    });

    it('given an answer to the forward, it stays in the thread that the forward made', async () => {
      const raw = aRawMail({ From: 'per@rossi.test', Cc: 'ola@supplier.test', 'Message-ID': '<fwd@rossi.test>' });
      const { itemId } = await desk.receives(raw, forwarded('Ola, can you?'));
      const answer = aRawMail({ From: 'ola@supplier.test', 'In-Reply-To': '<fwd@rossi.test>' });
      expect(await desk.receives(answer)).toMatchObject({ outcome: 'message', itemId });
    });
  });

  describe('statuses', () => {
    const statusOf = async (id: string) => (await itemOf(id)).status.name;

    async function setMove(on: MoveTrigger, name: string | null): Promise<void> {
      const [type] = (await world.as(anna).call(listItemTypes, {})).data;
      const statusId = type?.statuses.find((status) => status.name === name)?.id ?? null;
      await world.as(anna).call(changeItemType, { id: type?.id as string, moves: [{ on, statusId }] });
    }

    it('given the default moves, an answer waits for the customer and their reply opens again', async () => {
      const id = await aTicket();
      expect(await statusOf(id)).toBe('New');
      const { replyToken } = await answered(id);
      expect(await statusOf(id)).toBe('Waiting for customer');
      await desk.receives(reply(replyToken));
      expect(await statusOf(id)).toBe('Open');
    });

    it('given other moves, follows the rows and no branch', async () => {
      await setMove('customer-reply', null);
      const id = await aTicket();
      const { replyToken } = await answered(id);
      await desk.receives(reply(replyToken));
      expect(await statusOf(id)).toBe('Waiting for customer');
      await setMove('customer-reply', 'New');
      await desk.receives(reply(replyToken));
      expect(await statusOf(id)).toBe('New');
    });

    it('given a reply within the grace period, reopens the finished item (D15)', async () => {
      const id = await aTicket();
      const { replyToken } = await answered(id);
      await finish(id, 13 * 86_400);
      expect(await desk.receives(reply(replyToken))).toMatchObject({
        outcome: 'message',
        verdict: 'reopened',
        itemId: id,
      });
      expect(await itemOf(id)).toMatchObject({ status: { name: 'Open', state: 'in-progress' }, finishedAt: null });
    });

    it('given one after it, opens a ticket that follows up, and leaves the finished one alone (D15)', async () => {
      const id = await aTicket();
      const { replyToken } = await answered(id);
      await finish(id, 15 * 86_400);
      const received = await desk.receives(reply(replyToken));
      expect(received).toMatchObject({ outcome: 'item', verdict: 'follow-up' });
      expect(await itemOf(received.itemId as string)).toMatchObject({ links: [{ id, relation: 'follow-up' }] });
      expect(await itemOf(id)).toMatchObject({ status: { state: 'finished' } });
      expect(await messagesOf(id)).toHaveLength(2);
    });

    it('given a second reply after it, joins the ticket that followed up instead of opening one more', async () => {
      const id = await aTicket();
      const { replyToken } = await answered(id);
      await finish(id, 15 * 86_400);
      const first = await desk.receives(reply(replyToken));
      expect(await desk.receives(reply(replyToken))).toMatchObject({ outcome: 'message', itemId: first.itemId });
      // Somebody else who was given the mail is no party to the sequel.
      const other = await desk.receives(reply(replyToken, { From: 'stranger@elsewhere.test' }));
      expect(other).toMatchObject({ outcome: 'item', verdict: 'follow-up' });
    });

    it('given the reopening set to no status, stays finished with the reply on it; given a grace of nothing, never reopens (D15)', async () => {
      await setMove('reply-after-finish', null);
      const id = await aTicket();
      const { replyToken } = await answered(id);
      await finish(id, 60);
      await desk.receives(reply(replyToken));
      expect(await itemOf(id)).toMatchObject({ status: { state: 'finished' } });
      await world.sql('update tickets.workspace set grace_seconds = 0 where workspace_id = $1', [desk.workspace]);
      expect(await desk.receives(reply(replyToken))).toMatchObject({ outcome: 'item', verdict: 'follow-up' });
    });

    it("given a user's mail on a finished item, reopens nothing", async () => {
      const id = await aTicket();
      const { replyToken } = await answered(id, 'per@rossi.test');
      await finish(id, 60);
      await desk.receives(reply(replyToken, { From: 'per@rossi.test' }));
      expect(await itemOf(id)).toMatchObject({ status: { state: 'finished' } });
      const { data } = await world.as(anna).call(listItems, {});
      expect(data).toHaveLength(1);
    });
  });
});
