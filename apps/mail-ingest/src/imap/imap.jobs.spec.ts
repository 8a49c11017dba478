import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import {
  connect,
  createServer as createNetServer,
  type AddressInfo,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  addImapAccount,
  listImapAccounts,
  removeImapAccount,
  type ImapAccount,
  type MailWorkspace,
  type SetImapAccount,
} from '@sportello/contracts';
import { type UserActor } from '@sportello/permissions';
import { aUser, eventually, startDovecot, type Dovecot } from '@sportello/testing';
import { ImapFlow } from 'imapflow';
import { aRawMail, MailWorld } from '../spool/spool.builders.js';
import { imapSubject } from './imap.jobs.js';

/** A way to a server that can be cut. */
class Way {
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly server: NetServer) {}

  static async to(port: number): Promise<Way> {
    const server = createNetServer((near) => {
      const far = connect(port, '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) {
        way.#sockets.add(socket);
        socket.on('error', () => undefined).on('close', () => way.#sockets.delete(socket));
      }
    }).listen(0, '127.0.0.1');
    const way = new Way(server);
    await once(server, 'listening');
    return way;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.server.close();
    this.hangUp();
  }
}

describe('a mailbox that is fetched by IMAP', () => {
  let mail: MailWorld;
  let dovecot: Dovecot;
  let tokens: Server;
  let home: string;
  let workspace: MailWorkspace;
  let anna: UserActor;
  let user: string;
  let users = 0;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'sportello-imap-'));
    tokens = createServer(async (request, response) => {
      let form = '';
      for await (const chunk of request) form += String(chunk);
      const [, username] = /^good-(\w+)$/.exec(new URLSearchParams(form).get('token') ?? '') ?? [];
      const answer = JSON.stringify({ active: Boolean(username), username });
      response.writeHead(200, { 'Content-Type': 'application/json', Connection: 'close' }).end(answer);
    }).listen(0, '127.0.0.1');
    await once(tokens, 'listening');
    const accounts = Array.from({ length: 20 }, (_, n) => [`user${n}`, 'secret']);
    const oauth2IntrospectionUrl = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/`;
    const options = { dir: join(home, 'dovecot'), users: Object.fromEntries(accounts), oauth2IntrospectionUrl };
    [dovecot, mail] = await Promise.all([
      startDovecot(options),
      MailWorld.start({ IMAP_INTERNAL_NETWORKS: '127.0.0.0/8,::1' }),
    ]);
  });
  afterAll(async () => {
    await mail.stop();
    await dovecot.stop();
    tokens.close();
    tokens.closeAllConnections();
    await rm(home, { recursive: true, force: true });
  });
  beforeEach(() => {
    workspace = mail.near.workspace();
    anna = aUser(workspace.id);
    user = `user${users++}`;
  });

  const as = (actor = anna) => mail.world.as(actor);
  const add = (given: Partial<SetImapAccount> = {}): Promise<ImapAccount> =>
    as().call(addImapAccount, {
      ...{
        host: dovecot.host,
        port: dovecot.port,
        security: 'none',
        user,
        authentication: 'password',
        secret: 'secret',
      },
      ...given,
    });
  const accounts = async () => (await as().call(listImapAccounts, {})).data;
  const listening = () =>
    eventually(async () => expect(await accounts()).toMatchObject([{ state: 'listening', problem: null }]));

  /** The mailbox as its owner sees it in their own mail program. */
  async function inMailbox<T>(work: (client: ImapFlow) => Promise<T>, folder = 'INBOX'): Promise<T> {
    const { host, port } = dovecot;
    const client = new ImapFlow({ host, port, secure: false, auth: { user, pass: 'secret' }, logger: false });
    await client.connect();
    const lock = await client.getMailboxLock(folder);
    try {
      return await work(client);
    } finally {
      lock.release();
      await client.logout();
    }
  }
  const drop = (subject: string, flags: string[] = []) =>
    inMailbox((client) => client.append('INBOX', aRawMail({ Subject: subject }), flags));
  const subjects = async (expected: number) => (await mail.endings(workspace, expected)).map(({ subject }) => subject);

  it('given unread mail in it, is fetched and marked read; what was read before the mailbox was added stays out', async () => {
    await drop('Read long ago', ['\\Seen']);
    await drop('Waiting');
    const account = await add();
    expect(account).toMatchObject({ user, folder: 'INBOX', state: 'connecting', active: true });
    expect(JSON.stringify(account)).not.toContain('secret":');
    expect(await subjects(1)).toEqual(['Waiting']);
    expect(await mail.rows(workspace.id)).toMatchObject([{ source: 'imap', envelope_to: [workspace.inboundAddress] }]);
    expect(mail.near.receivedBy(workspace)).toMatchObject([{ subject: 'Waiting' }]);
    await eventually(async () => expect(await inMailbox((client) => client.search({ seen: false }))).toEqual([]));
    const [row] = await mail.world.sql('select secret from mail_ingest.imap_account where id = $1', [account.id]);
    expect(row?.['secret']).not.toContain('secret');
  });

  it('given mail that comes later, hears of it at once by IDLE, also where somebody else reads it first', async () => {
    await add();
    await listening();
    await drop('One');
    expect(await subjects(1)).toEqual(['One']);
    await drop('Two', ['\\Seen']);
    expect(await subjects(2)).toEqual(['One', 'Two']);
  });

  it('given two replicas, one that stops and a lost lock, takes nothing in twice and leaves nothing out', async () => {
    await drop('One');
    await add();
    expect(await subjects(1)).toEqual(['One']);
    await mail.startReplica();
    await drop('Two');
    expect(await subjects(2)).toEqual(['One', 'Two']);
    await mail.stopFirstReplica();
    await drop('Three');
    mail.world.connection.publish(imapSubject);
    expect(await subjects(3)).toEqual(['One', 'Two', 'Three']);
    await mail.world.sql(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mail-ingest locks'",
    );
    await drop('Four');
    expect(await subjects(4)).toEqual(['One', 'Two', 'Three', 'Four']);
    expect(await listening()).toBeUndefined();
    expect(await mail.rows(workspace.id)).toHaveLength(4);
  });

  it('given a connection that ends, connects again and fetches what came meanwhile', async () => {
    const way = await Way.to(dovecot.port);
    await add({ port: way.port });
    await listening();
    way.hangUp();
    await drop('After the hang-up');
    expect(await subjects(1)).toEqual(['After the hang-up']);
    way.close();
  });

  it('given a folder that was made anew, with other UIDs, goes on with what is unread there', async () => {
    const folder = 'Support';
    const dropThere = (subject: string) => inMailbox((imap) => imap.append(folder, aRawMail({ Subject: subject })));
    await inMailbox((imap) => imap.mailboxCreate(folder));
    for (const subject of ['One', 'Two', 'Three']) await dropThere(subject);
    const way = await Way.to(dovecot.port);
    await add({ folder, port: way.port });
    expect(await subjects(3)).toEqual(['One', 'Two', 'Three']);
    await inMailbox(async (imap) => {
      await imap.mailboxDelete(folder);
      await imap.mailboxCreate(folder);
    });
    await dropThere('Four');
    way.hangUp();
    expect(await subjects(4)).toEqual(['One', 'Two', 'Three', 'Four']);
    await dropThere('Five');
    expect(await subjects(5)).toEqual(['One', 'Two', 'Three', 'Four', 'Five']);
    way.close();
  });

  it('given a wrong password, says so, and goes on once it is set right', async () => {
    const account = await add({ secret: 'wrong' });
    await eventually(async () =>
      expect(await accounts()).toMatchObject([{ state: 'failed', problem: expect.stringContaining('password') }]),
    );
    expect(await add()).toMatchObject({ id: account.id });
    await listening();
  });

  it('given no server there, says so', async () => {
    await add({ port: 1 });
    await eventually(async () =>
      expect(await accounts()).toMatchObject([{ state: 'failed', problem: expect.stringMatching(/does not take/) }]),
    );
  });

  it('given a server in the internal network, connects to nothing and says why', async () => {
    await add({ host: '169.254.169.254', port: 80 });
    await eventually(async () =>
      expect(await accounts()).toMatchObject([
        { state: 'failed', problem: expect.stringContaining('in the internal network') as unknown },
      ]),
    );
  });

  it('given an access token, signs in with it', async () => {
    await drop('By token');
    await add({ authentication: 'oauth2', secret: `good-${user}` });
    expect(await subjects(1)).toEqual(['By token']);
  });

  it('given that it is removed, is fetched no more; nobody of another workspace can remove it', async () => {
    const { id } = await add();
    await listening();
    const stranger = aUser(mail.near.workspace().id);
    await expect(as(stranger).call(removeImapAccount, { id })).rejects.toMatchObject({ definition: { status: 404 } });
    expect((await as(stranger).call(listImapAccounts, {})).data).toEqual([]);
    await as().call(removeImapAccount, { id });
    expect(await accounts()).toEqual([]);
  });
});
