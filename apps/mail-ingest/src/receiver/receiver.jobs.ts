import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
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

type Source = 'smtp' | 'lmtp';

/** A mail's recipients in one workspace. */
interface Arrival {
  workspace: MailWorkspace;
  recipients: string[];
}

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
  portOf(source: Source): number | null {
    const server = this.#servers.find(({ options }) => Boolean(options.lmtp) === (source === 'lmtp'));
    const address = server?.server.address();
    return address && typeof address === 'object' ? address.port : null;
  }

  async #listen(source: Source, port: number): Promise<void> {
    const { TLS_CERTIFICATE, TLS_KEY, HOST = '127.0.0.1', MAIL_DOMAIN } = this.config;
    const tls =
      TLS_CERTIFICATE && TLS_KEY ? { cert: await readFile(TLS_CERTIFICATE), key: await readFile(TLS_KEY) } : null;
    const arrivals = new WeakMap<SMTPServerSession, Map<string, Arrival>>();
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
        arrivals.set(session, new Map());
        done();
      },
      onRcptTo: ({ address }, session, done) => {
        if (session.envelope.rcptTo.length >= mostRecipients)
          return done(answer(452, '4.5.3 Too many recipients; send the rest in another session'));
        this.recipients.find(address).then(
          (workspace) => {
            if (!workspace) return done(answer(550, '5.1.1 There is nobody at this address'));
            const known = arrivals.get(session) as Map<string, Arrival>;
            const entry = known.get(workspace.id) ?? { workspace, recipients: [] };
            entry.recipients.push(address);
            known.set(workspace.id, entry);
            done();
          },
          () => done(answer(451, '4.3.0 Try again in a moment')),
        );
      },
      onData: (stream, session, done) => {
        const all = [...(arrivals.get(session)?.values() ?? [])];
        this.#take(source, stream, session, all).then(
          // LMTP answers once a recipient (RFC 2033); the library repeats this as often.
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

  async #take(source: Source, stream: Readable, session: SMTPServerSession, all: readonly Arrival[]): Promise<void> {
    const [first, ...others] = all;
    if (!first) throw new Error('no recipient');
    // A write that gives up must not end the stream: the rest is read and dropped, and only then does the sender hear why.
    const content = Readable.from(stream.iterator({ destroyOnReturn: false }), { objectMode: false });
    const stored = await this.storage.write(first.workspace.id, content, DEFAULT_LIMITS.bytes);
    const raw = others.length ? await this.storage.read(first.workspace.id, stored.hash) : null;
    for (const { workspace } of others) await this.storage.write(workspace.id, raw as Buffer, DEFAULT_LIMITS.bytes);
    const { mailFrom } = session.envelope;
    const transport = {
      ...{ source, rawHash: stored.hash, size: stored.size },
      envelopeFrom: mailFrom && mailFrom.address ? mailFrom.address : null,
      clientAddress: session.remoteAddress,
      clientName: session.hostNameAppearsAs || session.clientHostname,
    };
    // All or none: a sender who hears "try again" repeats it for everybody.
    await this.intake.accept(
      all.map(({ workspace, recipients }) => ({ ...transport, workspaceId: workspace.id, envelopeTo: recipients })),
    );
  }
}

/** An answer with its SMTP code. */
function answer(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
