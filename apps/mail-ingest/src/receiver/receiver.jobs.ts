import { readFile } from 'node:fs/promises';
import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { type MailWorkspace } from '@sportello/contracts';
import { DEFAULT_LIMITS } from '@sportello/mail';
import { CONFIG, ServiceLog, STORAGE, type Config } from '@sportello/service';
import { StorageLimitExceeded, type Storage } from '@sportello/storage';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { Intake } from '../spool/intake.jobs.js';
import { Recipients } from './recipient.queries.js';

/** What mail servers must take (RFC 5321) and no person needs more of; the rest is asked to come again in another session. */
const mostRecipients = 100;
const mostConnections = 200;

/** SMTP and LMTP. A mail is accepted once its raw file is stored and its spool row committed, never before. */
@Injectable()
export class MailReceivers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new ServiceLog('mail-ingest', 'Receiver');
  readonly #servers: SMTPServer[] = [];

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(STORAGE) private readonly storage: Storage,
    private readonly recipients: Recipients,
    private readonly intake: Intake,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { SMTP_PORT, LMTP_PORT } = this.config;
    if (SMTP_PORT !== undefined) await this.#listen('smtp', SMTP_PORT);
    if (LMTP_PORT !== undefined) await this.#listen('lmtp', LMTP_PORT);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#servers.map((server) => new Promise<void>((resolve) => server.close(resolve))));
  }

  /** The port that was given, or the one that the system chose for 0. */
  portOf(source: 'smtp' | 'lmtp'): number | null {
    const server = this.#servers.find(({ options }) => Boolean(options.lmtp) === (source === 'lmtp'));
    const address = server?.server.address();
    return address && typeof address === 'object' ? address.port : null;
  }

  async #listen(source: 'smtp' | 'lmtp', port: number): Promise<void> {
    const { TLS_CERTIFICATE, TLS_KEY, HOST = '127.0.0.1', MAIL_DOMAIN } = this.config;
    const tls =
      TLS_CERTIFICATE && TLS_KEY ? { cert: await readFile(TLS_CERTIFICATE), key: await readFile(TLS_KEY) } : null;
    const workspaces = new WeakMap<
      SMTPServerSession,
      Map<string, { workspace: MailWorkspace; recipients: string[] }>
    >();
    const server = new SMTPServer({
      name: MAIL_DOMAIN,
      banner: 'Sportello',
      lmtp: source === 'lmtp',
      size: DEFAULT_LIMITS.bytes,
      maxClients: mostConnections,
      authOptional: true,
      // Who may write is settled by the recipient; a certificate that is not ours would only frighten senders.
      disabledCommands: tls ? ['AUTH'] : ['AUTH', 'STARTTLS'],
      ...tls,
      logger: false,
      onMailFrom: (_address, session, done) => {
        workspaces.set(session, new Map());
        done();
      },
      onRcptTo: ({ address }, session, done) => {
        if (session.envelope.rcptTo.length >= mostRecipients)
          return done(answer(452, '4.5.3 Too many recipients; send the rest in another session'));
        this.recipients.find(address).then(
          (workspace) => {
            if (!workspace) return done(answer(550, `5.1.1 There is nobody at this address`));
            const known = workspaces.get(session) as Map<string, { workspace: MailWorkspace; recipients: string[] }>;
            const entry = known.get(workspace.id) ?? { workspace, recipients: [] };
            entry.recipients.push(address);
            known.set(workspace.id, entry);
            done();
          },
          () => done(answer(451, '4.3.0 Try again in a moment')),
        );
      },
      onData: (stream, session, done) => {
        const all = [...(workspaces.get(session)?.values() ?? [])];
        this.#take(source, stream, session, all).then(
          () => done(null, 'Accepted'),
          (error: Error) => {
            stream.resume();
            if (error instanceof StorageLimitExceeded)
              return done(answer(552, `5.3.4 The mail is larger than ${DEFAULT_LIMITS.bytes} bytes`));
            this.#log.error({ error: error.message }, 'A mail could not be stored');
            done(answer(451, '4.3.0 The mail could not be stored; try again'));
          },
        );
      },
    });
    server.on('error', (error) => this.#log.warn({ error: error.message }, 'A connection failed'));
    await new Promise<void>((resolve, reject) => {
      server.server.once('error', reject);
      server.listen(port, HOST, resolve);
    });
    this.#servers.push(server);
  }

  async #take(
    source: 'smtp' | 'lmtp',
    stream: NodeJS.ReadableStream,
    session: SMTPServerSession,
    all: { workspace: MailWorkspace; recipients: string[] }[],
  ): Promise<void> {
    const [first, ...others] = all;
    if (!first) throw new Error('no recipient');
    const stored = await this.storage.write(first.workspace.id, stream as never, DEFAULT_LIMITS.bytes);
    const raw = others.length ? await this.storage.read(first.workspace.id, stored.hash) : null;
    for (const { workspace } of others) await this.storage.write(workspace.id, raw as Buffer, DEFAULT_LIMITS.bytes);
    const { mailFrom } = session.envelope;
    for (const { workspace, recipients } of all) {
      await this.intake.accept({
        workspaceId: workspace.id,
        rawHash: stored.hash,
        size: stored.size,
        source,
        envelopeFrom: mailFrom && mailFrom.address ? mailFrom.address : null,
        envelopeTo: recipients,
        clientAddress: session.remoteAddress,
        clientName: session.hostNameAppearsAs || session.clientHostname,
      });
    }
  }
}

/** An answer with its SMTP code. */
function answer(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
