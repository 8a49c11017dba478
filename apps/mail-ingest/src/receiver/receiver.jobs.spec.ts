import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS, makeToken, replyAddress } from '@sportello/mail';
import { STORAGE } from '@sportello/service';
import { type Storage } from '@sportello/storage';
import { createTransport } from 'nodemailer';
import { aRawMail, MailWorld, sha256 } from '../spool/spool.builders.js';

/** Speaks SMTP or LMTP line by line. */
class Conversation {
  #socket: Socket;
  #said = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (data) => (this.#said += data.toString()));
  }

  static async with(port: number): Promise<Conversation> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const conversation = new Conversation(socket);
    await conversation.hear();
    return conversation;
  }

  /** The next so many replies, a line each, continuations left out. */
  async hear(replies = 1): Promise<string[]> {
    for (;;) {
      const lines = this.#said.split('\r\n').slice(0, -1);
      const last = lines.flatMap((line, index) => (/^\d{3} /.test(line) ? [index] : []));
      if (last.length >= replies) {
        const end = last[replies - 1]! + 1;
        this.#said = this.#said.split('\r\n').slice(end).join('\r\n');
        return lines.slice(0, end);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async say(line: string, replies = 1): Promise<string[]> {
    this.#socket.write(`${line}\r\n`);
    return this.hear(replies);
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  close(): void {
    this.#socket.destroy();
  }
}

describe('the doors for mail', () => {
  let mail: MailWorld;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sportello-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const request = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '1',
    ];
    execFileSync('openssl', [...request, '-subj', '/CN=mail.rossi.test', '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    });
    mail = await MailWorld.start({ TLS_KEY: key, TLS_CERTIFICATE: cert });
  });
  afterAll(async () => {
    await mail.stop();
    for (const name of ['TLS_KEY', 'TLS_CERTIFICATE']) delete process.env[name];
    rmSync(folder, { recursive: true });
  });

  const expectRefused = async (attempt: Promise<unknown>, code: number) =>
    expect(
      await attempt.then(
        () => null,
        (error: { responseCode?: number }) => error.responseCode,
      ),
    ).toBe(code);

  it('given a mail, is accepted once its raw file is stored and its spool row committed', async () => {
    const workspace = mail.near.workspace();
    const raw = aRawMail();
    await mail.mail(raw, workspace.inboundAddress);
    const [row] = await mail.rows(workspace.id);
    expect(row).toMatchObject({ source: 'smtp', envelope_from: 'emma@contoso.test', client_address: '127.0.0.1' });
    const stored = await mail.world.storage.read(workspace.id, row!['raw_hash'] as string);
    expect(stored.toString()).toBe(raw);
    expect(row!['raw_hash']).toBe(sha256(raw));
  });

  it('given a storage that fails, is asked to try again, and nothing is taken in', async () => {
    const workspace = mail.near.workspace();
    const storage = mail.app.get<Storage>(STORAGE, { strict: false });
    const { write } = storage;
    storage.write = () => Promise.reject(new Error('disk full'));
    await expectRefused(mail.mail(aRawMail(), workspace.inboundAddress), 451);
    storage.write = write;
    expect(await mail.rows(workspace.id)).toEqual([]);
    await mail.mail(aRawMail(), workspace.inboundAddress);
    expect(await mail.rows(workspace.id)).toHaveLength(1);
  });

  it('given a spool that fails, is asked to try again', async () => {
    const workspace = mail.near.workspace();
    await mail.world.sql('alter table mail_ingest.spool add constraint full_up check (size < 0) not valid');
    await expectRefused(mail.mail(aRawMail(), workspace.inboundAddress), 451);
    await mail.world.sql('alter table mail_ingest.spool drop constraint full_up');
    expect(await mail.rows(workspace.id)).toEqual([]);
  });

  it('given nobody at the address, refuses it at RCPT; given a tag of ours, knows the address', async () => {
    const workspace = mail.near.workspace();
    await expectRefused(mail.mail(aRawMail(), 'nobody@sportello.test'), 550);
    await expectRefused(mail.mail(aRawMail(), '"odd"@sportello.test'), 550);
    const tagged = replyAddress({ token: makeToken(new Uint8Array(16)), inboundAddress: workspace.inboundAddress });
    await mail.mail(aRawMail(), tagged);
    expect(await mail.rows(workspace.id)).toMatchObject([{ envelope_to: [tagged] }]);
  });

  it('given that identity is away, is asked to try again: an address is not unknown because nobody can say', async () => {
    const workspace = mail.near.workspace();
    mail.near.away.add('identity');
    await expectRefused(mail.mail(aRawMail(), workspace.inboundAddress), 451);
    mail.near.away.delete('identity');
    await mail.mail(aRawMail(), workspace.inboundAddress);
  });

  it('given 10,000 recipients, takes a hundred and asks to send the rest in another session', async () => {
    const workspace = mail.near.workspace();
    const { inboundAddress } = workspace;
    const token = (n: number) => makeToken(Buffer.from(n.toString(16).padStart(32, '0'), 'hex'));
    const to = Array.from({ length: 10_000 }, (_, n) => replyAddress({ token: token(n), inboundAddress }));
    const { accepted, rejected, rejectedErrors } = await mail.mail(aRawMail(), to);
    expect([accepted.length, rejected.length]).toEqual([100, 9900]);
    expect(rejectedErrors?.[0]).toMatchObject({ responseCode: 452 });
    const [row, ...others] = await mail.rows(workspace.id);
    expect(row?.envelope_to).toHaveLength(100);
    expect(others).toEqual([]);
  });

  it('given two workspaces, has one spool row and one raw file in each', async () => {
    const [one, two] = [mail.near.workspace({ forwarded: ['sales@rossi.test'] }), mail.near.workspace()];
    const raw = aRawMail();
    await mail.mail(raw, [one.inboundAddress, two.inboundAddress, 'sales@rossi.test']);
    expect(await mail.rows(one.id)).toMatchObject([{ envelope_to: [one.inboundAddress, 'sales@rossi.test'] }]);
    expect(await mail.rows(two.id)).toMatchObject([{ envelope_to: [two.inboundAddress] }]);
    expect((await mail.world.storage.read(two.id, sha256(raw))).toString()).toBe(raw);
  });

  it('announces its size limit, and refuses a larger mail before and after its bytes', async () => {
    const workspace = mail.near.workspace();
    const smtp = await Conversation.with(mail.port());
    expect(await smtp.say('EHLO test')).toContainEqual(expect.stringContaining(`SIZE ${DEFAULT_LIMITS.bytes}`));
    const announced = await smtp.say(`MAIL FROM:<emma@contoso.test> SIZE=${DEFAULT_LIMITS.bytes + 1}`);
    expect(announced.at(-1)).toMatch(/^552 /);
    await smtp.say('MAIL FROM:<emma@contoso.test>');
    await smtp.say(`RCPT TO:<${workspace.inboundAddress}>`);
    await smtp.say('DATA');
    const megabyte = `${'x'.repeat(1022)}\r\n`.repeat(1024);
    for (let sent = 0; sent <= DEFAULT_LIMITS.bytes; sent += megabyte.length) smtp.write(megabyte);
    expect((await smtp.say('\r\n.')).at(-1)).toMatch(/^552 /);
    // The connection goes on.
    await smtp.say('MAIL FROM:<emma@contoso.test>');
    await smtp.say(`RCPT TO:<${workspace.inboundAddress}>`);
    await smtp.say('DATA');
    smtp.write(aRawMail());
    expect((await smtp.say('.')).at(-1)).toMatch(/^250 /);
    smtp.close();
    expect(await mail.rows(workspace.id)).toHaveLength(1);
  });

  it('given a sender who hangs up in the middle of a mail, takes nothing in', async () => {
    const workspace = mail.near.workspace();
    const smtp = await Conversation.with(mail.port());
    await smtp.say('EHLO test');
    await smtp.say('MAIL FROM:<emma@contoso.test>');
    await smtp.say(`RCPT TO:<${workspace.inboundAddress}>`);
    await smtp.say('DATA');
    smtp.write('Subject: half a m');
    smtp.close();
    await mail.mail(aRawMail(), mail.near.workspace().inboundAddress);
    expect(await mail.rows(workspace.id)).toEqual([]);
  });

  it('given NUL bytes, invalid UTF-8 and very long lines, takes them as they are', async () => {
    const workspace = mail.near.workspace();
    const raw = Buffer.concat([
      Buffer.from(aRawMail({ Subject: 'x'.repeat(50_000) })),
      Buffer.from([0x00, 0xff, 0xfe, 0xc3, 0x28, 0x0d, 0x0a]),
    ]);
    await mail.mail(raw, workspace.inboundAddress);
    const [row] = await mail.rows(workspace.id);
    expect(await mail.world.storage.read(workspace.id, row!['raw_hash'] as string)).toEqual(raw);
  });

  it('given a certificate, offers STARTTLS and takes mail over it', async () => {
    const workspace = mail.near.workspace();
    const secure = { requireTLS: true, tls: { rejectUnauthorized: false } };
    const client = createTransport({ host: '127.0.0.1', port: mail.port(), ...secure });
    const envelope = { from: 'emma@contoso.test', to: workspace.inboundAddress };
    expect(await client.sendMail({ envelope, raw: aRawMail() })).toMatchObject({
      accepted: [workspace.inboundAddress],
    });
    client.close();
  });

  it('asks nobody to sign in', async () => {
    const smtp = await Conversation.with(mail.port());
    expect((await smtp.say('EHLO test')).join()).not.toContain('AUTH');
    smtp.close();
  });

  it('by LMTP, given several recipients, answers once for each', async () => {
    const workspace = mail.near.workspace({ forwarded: ['sales@rossi.test'] });
    const lmtp = await Conversation.with(mail.port('lmtp'));
    await lmtp.say('LHLO test');
    await lmtp.say('MAIL FROM:<>');
    expect((await lmtp.say('RCPT TO:<nobody@sportello.test>')).at(-1)).toMatch(/^550 /);
    await lmtp.say(`RCPT TO:<${workspace.inboundAddress}>`);
    await lmtp.say('RCPT TO:<sales@rossi.test>');
    await lmtp.say('DATA');
    lmtp.write(aRawMail());
    const replies = await lmtp.say('.', 2);
    expect(replies.map((reply) => reply.slice(0, 3))).toEqual(['250', '250']);
    lmtp.close();
    expect(await mail.rows(workspace.id)).toMatchObject([
      { source: 'lmtp', no_return_path: true, envelope_from: null },
    ]);
  });
});
