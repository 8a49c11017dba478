import { deflateRawSync } from 'node:zlib';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { acceptRawMail, type MailWorkspace } from '@sportello/contracts';
import { makeToken, replyAddress, WORKSPACE_HEADER } from '@sportello/mail';
import { serviceUrl } from '@sportello/persistence';
import { aUser, eventually, testSecret } from '@sportello/testing';
import { Pool } from 'pg';
import { aRawMail, MailWorld } from './spool.builders.js';
import { claim, claimSuspect, giveBackAbandoned } from './spool.queries.js';

const mails = new URL('../../../../libs/testing/mail/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, mails));
const namesIn = (folder: string) => readdirSync(new URL(folder, mails)).filter((name) => name.endsWith('.eml'));

describe('a mail that was accepted', () => {
  let mail: MailWorld;
  let workspace: MailWorkspace;
  beforeAll(async () => {
    mail = await MailWorld.start();
  });
  afterAll(() => mail.stop());
  beforeEach(() => {
    mail.near.users.clear();
    workspace = mail.near.workspace();
  });

  const deliver = async (raw: string | Buffer, to = workspace.inboundAddress, from?: string) => {
    await mail.mail(raw, to, from);
    return (await mail.endings(workspace)).at(-1)!;
  };
  const received = () => mail.near.receivedBy(workspace).at(-1)!;

  it.each([
    ['English', 'It is on fire.', 'Printer on floor 2'],
    ['Italian', 'La stampante è in fiamme, perché?', 'Stampante al secondo piano'],
    ['Norwegian', 'Skriveren står i brann på øvre plan.', 'Skriver i andre etasje'],
  ])('in %s, is handed to tickets with what it says', async (_language, text, subject) => {
    const ending = await deliver(aRawMail({ Subject: subject, Cc: 'ola@nordvik.test, not an address' }, `${text}\r\n`));
    expect(ending).toMatchObject({ state: 'done', step: 'deliver', code: 'new', from: 'emma@contoso.test', subject });
    expect(received()).toMatchObject({
      ...{ subject, sender: { kind: 'customer', email: 'emma@contoso.test', name: 'Emma Jones' }, answerable: true },
      ...{ cc: [{ name: '', address: 'ola@nordvik.test' }], forwarded: false, comment: null },
      body: { text: expect.stringContaining(text) },
    });
  });

  it('given our token in the recipient, hands it on', async () => {
    const token = makeToken(new Uint8Array(16).fill(7));
    await deliver(aRawMail(), replyAddress({ token, inboundAddress: workspace.inboundAddress }));
    expect(received().replyTokens).toEqual([token]);
  });

  it('given files, stores them, named as they came, and the text shows the inline one', async () => {
    const raw = [
      'From: emma@contoso.test',
      'Subject: Photos',
      'MIME-Version: 1.0',
      'Content-Type: multipart/related; boundary=b',
      '',
      '--b',
      'Content-Type: text/html; charset=utf-8',
      '',
      '<p>See <img src="cid:pic@x"></p>',
      '--b',
      'Content-Type: image/png; name="p.png"',
      'Content-ID: <pic@x>',
      '',
      'x',
      '--b',
      `Content-Disposition: attachment; filename*=utf-8''..%2F..%2Fpasswd%20%C3%B8.txt`,
      '',
      'y',
      '--b--',
      '',
    ].join('\r\n');
    await deliver(raw);
    const { body, files } = received();
    const [image, text] = files;
    expect(body.html).toContain(`/api/v1/files/${image?.id}`);
    expect(text?.name).toMatch(/passwd ø\.txt$/);
    expect(text?.name).not.toContain('/');
    const stored = await mail.world.storage.read(workspace.id, image?.hash as string);
    expect(stored.toString().trim()).toBe('x');
  });

  it('given an archive that would unpack without end, stores it byte by byte and never opens it', async () => {
    // 42 MB of zeros in 41 kB, with a directory that names a path out of the folder.
    const archive = Buffer.concat([
      Buffer.from('PK\u0003\u0004'),
      deflateRawSync(Buffer.alloc(42_000_000)),
      Buffer.from('../../etc/passwd PK\u0005\u0006'),
    ]);
    const raw = [
      'From: emma@contoso.test',
      'Subject: Archive',
      'MIME-Version: 1.0',
      'Content-Type: application/zip; name="bomb.zip"',
      'Content-Disposition: attachment; filename="bomb.zip"',
      'Content-Transfer-Encoding: base64',
      '',
      archive.toString('base64').replace(/.{76}/g, '$&\r\n'),
    ].join('\r\n');
    await deliver(raw);
    const [file] = received().files;
    expect(file).toMatchObject({ name: 'bomb.zip', size: archive.length, contentType: 'application/zip' });
    expect(await mail.world.storage.read(workspace.id, file?.hash as string)).toEqual(archive);
  });

  it.each([
    ['gmail-en', 'Can we take', 'emma.jones@contoso.example'],
    ['outlook-it', '', '@fabrikam.example'],
    ['attached-nb', 'Kan noen ta denne?', 'kare.ostby@nordvik.example'],
  ])(
    'given %s forwarded by a user, its sender is the original one and the comment goes along (D5)',
    async (name, words, address) => {
      mail.near.users.add('anna@acme.example').add('per@acme.example');
      await deliver(read(`cases/forwarded/${name}.eml`));
      const { sender, forwarded, comment, answerable } = received();
      expect(sender).toMatchObject({ kind: 'customer', email: expect.stringContaining(address) });
      expect({ forwarded, answerable }).toEqual({ forwarded: true, answerable: false });
      expect(comment).toMatchObject({ author: { kind: 'user' }, text: expect.stringContaining(words) });
    },
  );

  it('given a web form that writes from our own address, its sender is whom it names for answers', async () => {
    workspace = mail.near.workspace({ forwarded: ['support@acme.example'] });
    await deliver(read('cases/deliver/web-form-it.eml'));
    expect(received().sender).toMatchObject({ email: 'luca.verdi@gmail.com' });
  });

  it('given the same mail twice, is delivered once (D8)', async () => {
    const raw = aRawMail();
    await mail.mail(raw, workspace.inboundAddress);
    await mail.mail(raw, workspace.inboundAddress);
    const endings = await mail.endings(workspace, 2);
    expect(endings.map(({ code }) => code).sort()).toEqual(['duplicate', 'new']);
    expect(mail.near.receivedBy(workspace)).toHaveLength(1);
  });

  it('given every mail as it came from the wild, delivers it or sets it aside with a reason (D7)', async () => {
    const names = namesIn('wild/');
    await mail.mailAll(
      names.map((name) => read(`wild/${name}`)),
      workspace.inboundAddress,
    );
    const endings = await mail.endings(workspace, names.length);
    expect(endings).toHaveLength(names.length);
    expect(endings.filter(({ reason }) => !/\.$/.test(reason))).toEqual([]);
    // Five are the same mail as another of them, written otherwise; three are bounces.
    const how = (code: string) => endings.filter((ending) => ending.code === code).length;
    expect([how('new'), how('duplicate'), how('bounce')]).toEqual([45, 5, 3]);
    expect(mail.near.receivedBy(workspace)).toHaveLength(45);
  });

  it('given every automatic mail, delivers none and answers none; what came back is told to whoever sent it (D6)', async () => {
    const names = namesIn('automatic/');
    const before = mail.near.bounces.length;
    await mail.mailAll(
      names.map((name) => read(`automatic/${name}`)),
      workspace.inboundAddress,
      '',
    );
    const endings = await mail.endings(workspace, names.length);
    expect(endings.filter(({ state }) => state !== 'done')).toEqual([]);
    expect(mail.near.receivedBy(workspace)).toEqual([]);
    expect(mail.near.bounces.length - before).toBeGreaterThan(60);
  });

  it.each(namesIn('cases/auto-reply/').filter((name) => !name.startsWith('person-')))(
    'given the auto-reply %s, creates nothing (D6)',
    async (name) => {
      expect(await deliver(read(`cases/auto-reply/${name}`))).toMatchObject({ state: 'done', step: 'auto-reply' });
      expect(mail.near.receivedBy(workspace)).toEqual([]);
    },
  );

  it('given two companies on one installation that answer each other, stops at once (D6)', async () => {
    const other = mail.near.workspace();
    // Their acknowledgement is written by a machine; what their agent writes is a person's, and is not answered by a machine.
    const theirs = { From: `help <${other.inboundAddress}>`, [WORKSPACE_HEADER]: other.id };
    const automatic = await deliver(aRawMail({ ...theirs, 'Auto-Submitted': 'auto-replied' }));
    expect(automatic).toMatchObject({ state: 'done', code: 'auto_reply' });
    await mail.mail(aRawMail(theirs), workspace.inboundAddress);
    await mail.endings(workspace, 2);
    expect(received()).toMatchObject({ answerable: false });
    const own = aRawMail({ [WORKSPACE_HEADER]: workspace.id });
    await mail.mail(own, workspace.inboundAddress);
    expect((await mail.endings(workspace, 3)).at(-1)).toMatchObject({ state: 'done', code: 'own_mail' });
  });

  it('given that tickets is away, waits, says why, and is delivered once it is back', async () => {
    mail.near.away.add('tickets');
    await mail.mail(aRawMail(), workspace.inboundAddress);
    await expectEventually(async () =>
      expect(await mail.rows(workspace.id)).toMatchObject([
        { state: 'waiting', attempts: 1, reason: expect.stringContaining('not answering') },
      ]),
    );
    mail.near.away.delete('tickets');
    await mail.hurry();
    expect((await mail.endings(workspace)).at(-1)).toMatchObject({ state: 'done', code: 'new', attempts: 2 });
  });

  it('given a worker that died with it, is taken up by another', async () => {
    mail.near.away.add('identity');
    const raw = aRawMail();
    const { hash, size } = await mail.world.storage.write(workspace.id, Buffer.from(raw), 1_000_000);
    const insert = `insert into mail_ingest.spool (workspace_id, id, raw_hash, size, source, envelope_to, received_at, due_at, state, begun, attempts, claimed_at, crashes)
      values ($1, gen_random_uuid(), $2, $3, 'smtp', $4, now(), now(), 'working', true, $5, now() - interval '31 seconds', $6)`;
    await mail.world.sql(insert, [workspace.id, hash, size, [workspace.inboundAddress], 1, 0]);
    mail.near.away.delete('identity');
    await mail.hurry();
    await expectEventually(async () => {
      await mail.hurry();
      expect(await mail.endings(workspace)).toMatchObject([{ state: 'done', code: 'new', crashes: 1 }]);
    });
    // One that kills whoever works on it does not come back for ever.
    await mail.world.sql(insert, [workspace.id, hash, size, [workspace.inboundAddress], 3, 2]);
    await mail.hurry();
    expect((await mail.endings(workspace, 2)).at(-1)).toMatchObject({ state: 'quarantined', code: 'crashed' });
  });

  it('given a backlog, is claimed and written down with others, by a few transactions', async () => {
    const raw = aRawMail();
    const { hash, size } = await mail.world.storage.write(workspace.id, Buffer.from(raw), 1_000_000);
    await mail.world.sql(
      `insert into mail_ingest.spool (workspace_id, id, raw_hash, size, source, envelope_to, received_at, due_at)
       select $1, gen_random_uuid(), $2, $3, 'smtp', $4, now(), now() from generate_series(1, 40)`,
      [workspace.id, hash, size, [workspace.inboundAddress]],
    );
    await mail.hurry();
    expect(await mail.endings(workspace, 40)).toHaveLength(40);
    const [row] = await mail.world.sql<{ transactions: number }>(
      'select count(distinct xmin::text)::int as transactions from mail_ingest.spool where workspace_id = $1',
      [workspace.id],
    );
    expect(row?.transactions).toBeLessThan(20);
  });

  it('given a process that died with many in hand, is tried alone if it was begun, so that the one it died of takes no other with it', async () => {
    await mail.world.sql(
      `insert into mail_ingest.spool (workspace_id, id, raw_hash, size, source, envelope_to, received_at, due_at, state, begun, attempts, claimed_at)
       select $1, gen_random_uuid(), 'x', 1, 'smtp', '{}', now(), now() + interval '1 day', 'working', n <= 3, 1, now() from generate_series(1, 5) n`,
      [workspace.id],
    );
    const url = serviceUrl(mail.world.database.serviceUrl, testSecret, 'mail-ingest', 'system');
    const pool = new Pool({ connectionString: url, max: 1 });
    // In a transaction that is rolled back, so that the workers see nothing of it.
    const client = await pool.connect();
    const here = client as unknown as Pool;
    const claimedAgo = (seconds: number) =>
      client.query('update spool set claimed_at = now() - make_interval(secs => $2) where workspace_id = $1', [
        ...[workspace.id, seconds],
      ]);
    const waiting = async () => {
      await giveBackAbandoned(here);
      const { rows } = await client.query(
        "select attempts, crashes from spool where workspace_id = $1 and state = 'waiting'",
        [workspace.id],
      );
      return rows;
    };
    await client.query('begin');
    await claimedAgo(25);
    expect([await claimSuspect(here), await waiting()]).toEqual([[], []]);
    await claimedAgo(31);
    expect(await waiting()).toEqual(Array.from({ length: 2 }, () => ({ attempts: 0, crashes: 0 })));
    expect(await claim(here, 64)).toEqual([]);
    for (let left = 3; left > 0; left -= 1) expect(await claimSuspect(here)).toMatchObject([{ crashes: 1 }]);
    expect(await claimSuspect(here)).toEqual([]);
    await client.query('rollback');
    client.release();
    await pool.end();
  });

  it('given a process that died before it had begun with it, is soon claimed with others, and is no suspect', async () => {
    const { hash, size } = await mail.world.storage.write(workspace.id, Buffer.from(aRawMail()), 1_000_000);
    await mail.world.sql(
      `insert into mail_ingest.spool (workspace_id, id, raw_hash, size, source, envelope_to, received_at, due_at, state, attempts, claimed_at)
       select $1, gen_random_uuid(), $2, $3, 'smtp', $4, now(), now(), 'working', 1, now() - interval '31 seconds' from generate_series(1, 12)`,
      [workspace.id, hash, size, [workspace.inboundAddress]],
    );
    await mail.hurry();
    for (const ending of await mail.endings(workspace, 12)) expect(ending).toMatchObject({ attempts: 1, crashes: 0 });
  });

  const backlog = async (mails: number) => {
    const { hash, size } = await mail.world.storage.write(workspace.id, Buffer.from(aRawMail()), 1_000_000);
    await mail.world.sql(
      `insert into mail_ingest.spool (workspace_id, id, raw_hash, size, source, envelope_to, received_at, due_at)
       select $1, gen_random_uuid(), $2, $3, 'smtp', $4, now(), now() from generate_series(1, $5)`,
      [workspace.id, hash, size, [workspace.inboundAddress], mails],
    );
    await mail.hurry();
  };
  const working = async (which: string) => {
    const rows = await mail.world.sql(
      `select from mail_ingest.spool where workspace_id = $1 and state = 'working' and ${which}`,
      [workspace.id],
    );
    return rows.length;
  };

  it('given many in hand, is marked as begun only when it is', async () => {
    const release = mail.near.holdUp('tickets');
    await backlog(12);
    await eventually(async () => expect([await working('begun'), await working('not begun')]).toEqual([4, 8]));
    release();
    expect(await mail.endings(workspace, 12)).toHaveLength(12);
  });

  it('given a worker that is slow, stays in its hands', async () => {
    // It stops where it asks for the workspace's mailboxes; one of the worker's three connections is left.
    const owner = new Pool({ connectionString: mail.world.database.ownerUrl, max: 1 });
    await owner.query('begin; lock table mail_ingest.imap_account in access exclusive mode');
    try {
      await backlog(2);
      await eventually(async () => expect(await working('begun')).toBe(2));
      await mail.world.sql(
        "update mail_ingest.spool set claimed_at = now() - interval '5 minutes' where workspace_id = $1",
        [workspace.id],
      );
      await eventually(async () => expect(await working("claimed_at > now() - interval '1 minute'")).toBe(2));
    } finally {
      await owner.query('rollback');
      await owner.end();
    }
    expect(await mail.endings(workspace, 2)).toMatchObject([{ crashes: 0 }, { crashes: 0 }]);
  });

  it('given a mail of 5,000 parts, is set aside with its reason, and the mailbox goes on (D7)', async () => {
    const parts = '--b\r\nContent-Type: text/plain\r\n\r\nx\r\n'.repeat(5000);
    const poison = aRawMail({ Subject: 'Poison', 'Content-Type': 'multipart/mixed; boundary=b' }, `${parts}--b--\r\n`);
    await mail.mail(poison, workspace.inboundAddress);
    await mail.mail(aRawMail({ Subject: 'After it' }), workspace.inboundAddress);
    const endings = await mail.endings(workspace, 2);
    expect(endings.find(({ state }) => state === 'quarantined')).toMatchObject({
      ...{ code: 'too_many_parts', from: 'emma@contoso.test', subject: 'Poison' },
      reason: 'The mail has more than 1000 parts.',
    });
    expect(endings.find(({ state }) => state === 'done')).toMatchObject({ subject: 'After it' });
  });

  it('given a quote of thousands of levels, is delivered, the quote cut', async () => {
    const quote = Array.from({ length: 3000 }, (_, level) => `${'>'.repeat(1 + (level % 1500))} line\r\n`).join('');
    expect(await deliver(aRawMail({}, `My answer.\r\n\r\n${quote}`))).toMatchObject({ state: 'done', code: 'new' });
    const { body } = received();
    expect(body.text).toBe('My answer.');
    expect(body.quotedHtml.length).toBeLessThanOrEqual(2_000_000);
    expect(body.quotedHtml).toContain('The rest is in the raw mail.');
  });

  it('given NUL bytes, invalid UTF-8, a subject of 50,000 letters and half an emoji at every cut, loses nothing', async () => {
    const subject = `${'x'.repeat(3999)}🖨️${'y'.repeat(46_000)}`;
    const raw = Buffer.concat([
      Buffer.from(aRawMail({ Subject: subject, From: `${'n'.repeat(199)}🖨️ <emma@contoso.test>` })),
      Buffer.from([0x00, 0xff, 0xfe, 0xc3, 0x28, 0x41, 0x0d, 0x0a]),
    ]);
    expect(await deliver(raw)).toMatchObject({ state: 'done' });
    const { subject: kept, body, sender } = received();
    expect(kept.length).toBe(4000);
    expect(JSON.stringify([kept, body, sender])).not.toMatch(/\\u0000|\\ud[89a-f]/i);
    expect(body.text).toContain('A');
  });

  it('given an id too long for an index, is delivered all the same', async () => {
    const id = `<${'ø'.repeat(990)}@contoso.test>`;
    await deliver(aRawMail({ 'Message-ID': id, References: id }));
    expect(received().messageId).toMatch(/^sha256\./);
    expect(received().references).toEqual([received().messageId]);
  });

  it("given a provider's question about forwarding, keeps it for a person to answer", async () => {
    expect(await deliver(read('cases/confirmation/gmail-nb.eml'))).toMatchObject({ code: 'forwarding_confirmation' });
    const kept = await mail.world.sql('select * from mail_ingest.confirmation where workspace_id = $1', [workspace.id]);
    expect(kept).toMatchObject([{ provider: 'gmail', code: expect.stringMatching(/^\d+$/) }]);
  });

  it('given an address that was renewed meanwhile, is set aside', async () => {
    mail.near.away.add('tickets');
    await mail.mail(aRawMail(), workspace.inboundAddress);
    await expectEventually(async () =>
      expect(await mail.rows(workspace.id)).toMatchObject([{ state: 'waiting', attempts: 1 }]),
    );
    mail.near.workspaces.splice(mail.near.workspaces.indexOf(workspace), 1);
    mail.near.away.delete('tickets');
    await mail.hurry();
    expect(await mail.endings(workspace)).toMatchObject([{ state: 'quarantined', code: 'no_workspace' }]);
  });

  it('posted over HTTP, takes the same way', async () => {
    const stored = await mail.world.storage.write(workspace.id, Buffer.from(aRawMail()), 1_000_000);
    const input = { rawHash: stored.hash, size: stored.size, recipient: workspace.inboundAddress };
    const { id } = await mail.world.as(aUser(workspace.id)).call(acceptRawMail, input);
    expect(await mail.endings(workspace)).toMatchObject([{ id, source: 'http', state: 'done', code: 'new' }]);
    const member = aUser(workspace.id, { role: 'member', flags: [] });
    await expect(mail.world.as(member).call(acceptRawMail, input)).rejects.toMatchObject({
      definition: { code: 'forbidden' },
    });
  });

  it("posted by one workspace for another's address, reaches neither's items", async () => {
    const other = mail.near.workspace();
    const stored = await mail.world.storage.write(workspace.id, Buffer.from(aRawMail()), 1_000_000);
    const input = { rawHash: stored.hash, size: stored.size, recipient: other.inboundAddress };
    await mail.world.as(aUser(workspace.id)).call(acceptRawMail, input);
    expect(await mail.endings(workspace)).toMatchObject([{ state: 'quarantined', code: 'no_workspace' }]);
    expect(await mail.rows(other.id)).toEqual([]);
  });
});

async function expectEventually(check: () => Promise<void>): Promise<void> {
  for (const end = Date.now() + 8000; ;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
