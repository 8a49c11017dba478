import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  dropQuarantined,
  getMailTest,
  listForwardingConfirmations,
  listQuarantine,
  readQuarantined,
  retryQuarantined,
  startMailTest,
  type MailWorkspace,
} from '@sportello/contracts';
import { WORKSPACE_HEADER } from '@sportello/mail';
import { type UserActor } from '@sportello/permissions';
import { aUser, eventually, newId } from '@sportello/testing';
import { aRawMail, MailWorld } from '../spool/spool.builders.js';

describe('what an administrator sees of incoming mail', () => {
  let mail: MailWorld;
  let workspace: MailWorkspace;
  let anna: UserActor;
  beforeAll(async () => {
    mail = await MailWorld.start();
    const { records } = mail.near;
    // The bank asks to refuse what neither its servers sent nor its key signed; the other domain only watches.
    records.set('TXT _dmarc.bank.test', [['v=DMARC1; p=reject']]).set('TXT bank.test', [['v=spf1 ip4:192.0.2.1 -all']]);
    records.set('TXT _dmarc.watched.test', [['v=DMARC1; p=none']]).set('TXT watched.test', [['v=spf1 -all']]);
    records.set('TXT _dmarc.good.test', [['v=DMARC1; p=reject']]);
    records.set('TXT good.test', [['v=spf1 ip4:127.0.0.1 -all']]);
    records.set('TXT rossi.test', [['v=spf1 ip4:127.0.0.1 -all']]);
  });
  afterAll(() => mail.stop());
  beforeEach(() => {
    workspace = mail.near.workspace();
    anna = aUser(workspace.id);
  });

  const as = (user = anna) => mail.world.as(user);
  const spoofed = (headers: Record<string, string> = {}) =>
    aRawMail({ From: 'The bank <info@bank.test>', Subject: 'Your account', ...headers });

  async function aQuarantinedMail(raw = spoofed()): Promise<string> {
    const before = (await mail.rows(workspace.id)).length;
    await mail.mail(raw, workspace.inboundAddress, 'info@bank.test');
    const ending = (await mail.endings(workspace, before + 1)).at(-1);
    expect(ending).toMatchObject({ state: 'quarantined' });
    return ending!.id;
  }

  describe('a sender that is not who it says', () => {
    it('given DMARC failed under a policy of refusal, is quarantined with the reason and can be read', async () => {
      const id = await aQuarantinedMail();
      const { data } = await as().call(listQuarantine, {});
      expect(data).toMatchObject([
        { id, from: 'info@bank.test', subject: 'Your account', code: 'unverified', size: expect.any(Number) },
      ]);
      expect(data[0]?.reason).toMatch(/could not be verified/);
      const read = await as().call(readQuarantined, { id });
      expect(read).toMatchObject({ source: expect.stringContaining('From: The bank'), cut: false });
      expect(mail.near.receivedBy(workspace)).toEqual([]);
    });

    it('given that an administrator retries it, is let in, and what was found out stays with it', async () => {
      const id = await aQuarantinedMail();
      await as().call(retryQuarantined, { id });
      expect(await mail.endings(workspace)).toMatchObject([{ state: 'done', code: 'new' }]);
      expect(mail.near.receivedBy(workspace)).toMatchObject([
        {
          released: true,
          authenticationFailed: true,
          authentication: { dmarc: 'fail', policy: 'reject', spf: 'fail' },
        },
      ]);
      expect((await as().call(listQuarantine, {})).data).toEqual([]);
    });

    it.each([
      ['that only watches', 'watched.test', { dmarc: 'fail', policy: 'none', failed: false }],
      ['whose server it came from', 'good.test', { dmarc: 'pass', spf: 'pass', failed: false }],
      ['that publishes nothing', 'silent.test', { dmarc: 'none', policy: null, failed: false }],
    ])('given a domain %s, is delivered with what was found out', async (_which, domain, expected) => {
      await mail.mail(aRawMail({ From: `a@${domain}` }), workspace.inboundAddress, `a@${domain}`);
      await mail.endings(workspace);
      expect(mail.near.receivedBy(workspace)).toMatchObject([
        { authenticationFailed: false, authentication: expected },
      ]);
    });

    it('given a confirmed forwarder through which it came, the forwarder vouches; its name in To alone does not', async () => {
      const address = 'support@rossi.test';
      workspace = mail.near.workspace({ forwarded: [address], confirmedAddresses: [address] });
      const raw = () => spoofed({ To: address });
      await mail.mail(raw(), workspace.inboundAddress, 'srs0=bank.test=info@rossi.test');
      expect(await mail.endings(workspace)).toMatchObject([{ state: 'done', code: 'new' }]);
      await mail.mail(raw(), workspace.inboundAddress, 'info@bank.test');
      expect((await mail.endings(workspace, 2)).at(-1)).toMatchObject({ state: 'quarantined', code: 'unverified' });
      expect(mail.near.confirmed).toContain(address);
    });
  });

  describe('the quarantine', () => {
    it('given a mail that is dropped, forgets it', async () => {
      const id = await aQuarantinedMail();
      await as().call(dropQuarantined, { id });
      const [left] = await mail.rows(workspace.id);
      expect(left).toMatchObject({ state: 'done', code: 'dropped', from_address: null, subject: null });
      await expect(as().call(readQuarantined, { id })).rejects.toMatchObject({
        definition: { code: 'mail_not_found' },
      });
    });

    it('given many, shows them newest first, page by page', async () => {
      const ids = [];
      for (let n = 0; n < 3; n += 1) ids.unshift(await aQuarantinedMail());
      const first = await as().call(listQuarantine, { limit: 2 });
      const second = await as().call(listQuarantine, { limit: 2, cursor: first.nextCursor as string });
      expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(ids);
      expect(second.nextCursor).toBeNull();
    });

    it('given a large one with NUL bytes, shows its start', async () => {
      const body = `${'a\u0000b'.repeat(30_000)}\r\n`;
      const id = await aQuarantinedMail(`${spoofed()}${body}`);
      const { source, cut } = await as().call(readQuarantined, { id });
      expect(cut).toBe(true);
      expect(source).toContain('a\uFFFDb');
    });

    it("given another workspace's administrator, or a member, shows and does nothing", async () => {
      const id = await aQuarantinedMail();
      const stranger = aUser(mail.near.workspace().id);
      expect((await as(stranger).call(listQuarantine, {})).data).toEqual([]);
      for (const operation of [readQuarantined, retryQuarantined, dropQuarantined]) {
        await expect(as(stranger).call(operation, { id })).rejects.toMatchObject({ definition: { status: 404 } });
        const member = aUser(workspace.id, { role: 'member' });
        await expect(as(member).call(operation, { id })).rejects.toMatchObject({ definition: { status: 403 } });
      }
      expect((await as().call(listQuarantine, {})).data).toHaveLength(1);
    });
  });

  it("given a provider's question about forwarding, shows its code and link", async () => {
    const text = 'support@rossi.test has requested to automatically forward mail.\r\nConfirmation code: 123456789\r\n';
    const from = { From: 'forwarding-noreply@google.com', Subject: '(#123456789) Gmail Forwarding Confirmation' };
    await mail.mail(aRawMail({ ...from, To: workspace.inboundAddress }, text), workspace.inboundAddress);
    await mail.endings(workspace);
    const { data } = await as().call(listForwardingConfirmations, {});
    expect(data).toMatchObject([{ provider: 'gmail', code: '123456789', address: 'support@rossi.test' }]);
    expect((await as(aUser(mail.near.workspace().id)).call(listForwardingConfirmations, {})).data).toEqual([]);
  });

  describe('"send test"', () => {
    it('given a forwarded address whose mail comes back in, says that it arrived, and makes no ticket of it', async () => {
      const address = `support-${newId()}@rossi.test`;
      workspace = mail.near.workspace({ forwarded: [address], name: 'Ødegård og sønner '.repeat(10) });
      const administrator = aUser(workspace.id);
      const test = await as(administrator).call(startMailTest, { address });
      expect(test).toMatchObject({ address, state: 'sent', arrivedAt: null });
      await eventually(async () =>
        expect(await as(administrator).call(getMailTest, { id: test.id })).toMatchObject({
          ...{ state: 'arrived', arrivedAt: expect.anything() },
        }),
      );
      expect(await mail.endings(workspace)).toMatchObject([{ state: 'done', code: 'test' }]);
      expect(mail.near.receivedBy(workspace)).toEqual([]);
      expect(mail.near.confirmed).toContain(address);
      await expect(as().call(getMailTest, { id: test.id })).rejects.toMatchObject({ definition: { status: 404 } });
    });

    it("given an address that is none of the workspace's, sends nothing and says that it is lost", async () => {
      const elsewhere = mail.near.workspace();
      const { id } = await as().call(startMailTest, { address: elsewhere.inboundAddress });
      await eventually(async () => expect(await as().call(getMailTest, { id })).toMatchObject({ state: 'lost' }));
      expect(await mail.rows(elsewhere.id)).toEqual([]);
    });

    it('given one that is not back after five minutes, says that it is lost; back after all, that it arrived', async () => {
      const [id, token] = [newId(), 'a'.repeat(26)];
      await mail.world.sql(
        `insert into mail_ingest.test (workspace_id, id, address, token, sent_at) values ($1, $2, 'support@rossi.test', $3, now() - interval '6 minutes')`,
        [workspace.id, id, token],
      );
      expect(await as().call(getMailTest, { id })).toMatchObject({ state: 'lost' });
      const late = aRawMail({ Subject: `FW: Officina [test ${token}]`, [WORKSPACE_HEADER]: workspace.id });
      await mail.mail(late, workspace.inboundAddress);
      await mail.endings(workspace);
      expect(await as().call(getMailTest, { id })).toMatchObject({ state: 'arrived' });
    });
  });
});
