import { afterEach, describe, expect, it } from '@jest/globals';
import { ImapFlow } from 'imapflow';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDovecot, type Dovecot } from './dovecot.ts';

let running: Dovecot | undefined;
let home: string | undefined;

afterEach(async () => {
  await running?.stop();
  if (home) await rm(home, { recursive: true, force: true });
});

async function aServer(oauth2IntrospectionUrl?: string): Promise<Dovecot> {
  home = await mkdtemp(join(tmpdir(), 'sportello-dovecot-'));
  return await startDovecot({ dir: join(home, 'dovecot'), users: { anna: 'secret' }, oauth2IntrospectionUrl });
}

function client(server: Dovecot, credentials: { pass: string } | { accessToken: string }): ImapFlow {
  return new ImapFlow({
    host: server.host,
    port: server.port,
    secure: false,
    auth: { user: 'anna', ...credentials },
    logger: false,
  });
}

async function expectRefused(imap: ImapFlow): Promise<void> {
  await expect(imap.connect()).rejects.toMatchObject({ authenticationFailed: true });
  imap.close();
}

describe('startDovecot', () => {
  it('lets a user sign in, takes a mail and announces IDLE', async () => {
    running = await aServer();
    const imap = client(running, { pass: 'secret' });
    await imap.connect();
    expect(imap.capabilities.has('IDLE')).toBe(true);

    await imap.append('INBOX', 'Subject: Hello\r\n\r\nFrom the counter.\r\n');
    const inbox = await imap.getMailboxLock('INBOX');
    expect((await imap.fetchOne('*', { envelope: true })) || undefined).toMatchObject({
      envelope: { subject: 'Hello' },
    });
    inbox.release();
    await imap.logout();
  });

  it('refuses a wrong password', async () => {
    running = await aServer();
    await expectRefused(client(running, { pass: 'wrong' }));
  });

  it('given where tokens are checked, lets a user sign in by access token', async () => {
    const introspection = createServer(async (request, response) => {
      let form = '';
      for await (const chunk of request) form += String(chunk);
      const active = new URLSearchParams(form).get('token') === 'good';
      response
        .writeHead(200, { 'Content-Type': 'application/json', Connection: 'close' })
        .end(JSON.stringify({ active, username: 'anna' }));
    }).listen(0, '127.0.0.1');
    await once(introspection, 'listening');
    running = await aServer(`http://127.0.0.1:${(introspection.address() as AddressInfo).port}/`);

    const imap = client(running, { accessToken: 'good' });
    await imap.connect();
    await imap.logout();
    await expect(client(running, { accessToken: 'bad' }).connect()).rejects.toMatchObject({
      authenticationFailed: true,
    });
    introspection.close();
    introspection.closeAllConnections();
  });
});
