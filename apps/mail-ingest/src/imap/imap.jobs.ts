import { lookup } from 'node:dns/promises';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { type NatsConnection, type Subscription } from '@nats-io/nats-core';
import { getMailIdentity } from '@sportello/contracts';
import { serviceUrl, type Database } from '@sportello/persistence';
import {
  CLIENT,
  CONFIG,
  CONNECTION,
  DATABASE,
  ServiceLog,
  STORAGE,
  type Config,
  type OperationClient,
} from '@sportello/service';
import { type Storage } from '@sportello/storage';
import { Client } from 'pg';
import { Intake } from '../spool/intake.jobs.js';
import { activeAccounts, progressOf, remember, showState, type ImapAccountRow } from './imap.queries.js';
import { addressOf } from './address.js';
import { Mailbox } from './mailbox.js';
import { unseal } from './secret.js';

/** Where replicas hear that accounts changed. A lost word costs a sweep. */
export const imapSubject = 'mail-ingest.imap';

const sweepMilliseconds = 10_000;
const backOff = (failures: number): number => Math.min(1000 * 2 ** failures, 300_000);

/** An account that this replica holds. */
interface Held {
  revision: number;
  mailbox: Mailbox | null;
  stopped: boolean;
  wake: () => void;
  done: Promise<void>;
}

/** Keeps one connection to each mailbox, in one replica at a time: whoever holds the account's advisory lock. */
@Injectable()
export class ImapFetchers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new ServiceLog('mail-ingest', 'IMAP');
  readonly #held = new Map<string, Held>();
  #locks: Client | null = null;
  #wakeUps: Subscription | null = null;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    @Inject(CLIENT) private readonly client: OperationClient,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CONNECTION) private readonly connection: NatsConnection,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(STORAGE) private readonly storage: Storage,
    private readonly intake: Intake,
  ) {}

  onApplicationBootstrap(): void {
    this.#wakeUps = this.connection.subscribe(imapSubject, { callback: () => this.#schedule() });
    this.#timer = setInterval(() => this.#schedule(), sweepMilliseconds);
    this.#schedule();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearInterval(this.#timer);
    this.#wakeUps?.unsubscribe();
    await this.#running;
    for (const { mailbox } of this.#held.values()) mailbox?.stop();
    for (const id of this.#held.keys()) await this.#release(id);
    await this.#locks?.end();
  }

  #schedule(): void {
    this.#running = this.#running
      .then(() => this.#sweep())
      .catch((error: Error) => this.#log.warn({ error: error.message }, 'The IMAP accounts could not be read'));
  }

  /** Lets go of what changed or is gone, and takes what nobody holds. */
  async #sweep(): Promise<void> {
    if (this.#stopped) return;
    // With the connection the locks are gone, and another replica may hold the accounts already.
    if (!this.#locks) for (const id of this.#held.keys()) await this.#release(id);
    const accounts = await activeAccounts(this.database.systemPool);
    for (const [id, { revision }] of this.#held)
      if (!accounts.some((account) => account.id === id && account.revision === revision)) await this.#release(id);
    for (const account of accounts)
      if (!this.#stopped && !this.#held.has(account.id) && (await this.#lock(account.id))) this.#hold(account);
  }

  #hold(account: ImapAccountRow): void {
    const held: Held = {
      ...{ revision: account.revision, mailbox: null, stopped: false },
      ...{ wake: () => undefined, done: Promise.resolve() },
    };
    this.#held.set(account.id, held);
    held.done = this.#keepFetching(account, held);
  }

  async #release(id: string): Promise<void> {
    const held = this.#held.get(id);
    if (!held) return;
    held.stopped = true;
    held.mailbox?.stop();
    held.wake();
    await held.done;
    this.#held.delete(id);
    await this.#locks?.query('select pg_advisory_unlock(hashtextextended($1, 0))', [lockName(id)]);
  }

  /** Connects again whenever the connection ends, ever more slowly while that fails. */
  async #keepFetching(account: ImapAccountRow, held: Held): Promise<void> {
    const { systemPool } = this.database;
    const show = (state: ImapAccountRow['state'], problem: string | null) =>
      showState(systemPool, account, state, problem).catch(() => undefined);
    for (let failures = 0; !held.stopped; failures += 1) {
      try {
        if (!failures) await show('connecting', null);
        held.mailbox = await this.#open(account, async () => {
          failures = 0;
          await show('listening', null);
        });
        if (!held.stopped) await held.mailbox.run();
      } catch (error) {
        const problem = describe(error as ImapError);
        this.#log.warn({ account: account.id, failures, problem }, 'A mailbox could not be fetched');
        await show('failed', problem);
        if (!held.stopped) await this.#pause(held, backOff(failures));
      }
    }
  }

  async #open(account: ImapAccountRow, listening: () => Promise<void>): Promise<Mailbox> {
    const { systemPool } = this.database;
    const { workspace_id: workspaceId } = account;
    const { inboundAddress } = await this.client.callAsSelf(getMailIdentity, {}, workspaceId);
    return new Mailbox({
      account,
      address: await addressOf(account.host, this.config.IMAP_INTERNAL_NETWORKS, addressesOf),
      secret: unseal(this.config.SECRET_KEY, account.id, account.secret),
      storage: this.storage,
      progress: await progressOf(systemPool, account),
      listening,
      remember: (progress) => remember(systemPool, account, progress),
      accept: async ({ hash: rawHash, size }, progress) => {
        // No transport told who sent it: a mailbox may keep a Return-Path, but anybody may have written it.
        const mail = { workspaceId, rawHash, size, source: 'imap' as const, envelopeFrom: undefined };
        // The row and how far we are commit together: a mail is never taken in twice and never skipped.
        await this.intake.accept([{ ...mail, envelopeTo: [inboundAddress] }], (client) =>
          remember(client, account, progress),
        );
      },
    });
  }

  #pause(held: Held, milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      held.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Locks belong to one connection of their own: a pool would lend it out, and forget the locks with it. */
  async #lock(id: string): Promise<boolean> {
    this.#locks ??= await this.#connectForLocks();
    const { rows } = await this.#locks.query<{ locked: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as locked',
      [lockName(id)],
    );
    return rows[0]?.locked ?? false;
  }

  async #connectForLocks(): Promise<Client> {
    const { DATABASE_URL, SECRET_KEY } = this.config;
    const connectionString = serviceUrl(DATABASE_URL, SECRET_KEY, 'mail-ingest', 'system');
    const client = new Client({ connectionString, application_name: 'mail-ingest locks' });
    client.on('error', () => {
      if (this.#locks === client) this.#locks = null;
      this.#schedule();
    });
    await client.connect();
    return client;
  }
}

const addressesOf = async (host: string): Promise<string[]> =>
  (await lookup(host, { all: true })).map(({ address }) => address);

const lockName = (id: string): string => `imap account ${id}`;

type ImapError = Error & { authenticationFailed?: boolean; responseText?: string; code?: string };

/** Why a mailbox cannot be fetched, for the person who set it up. */
function describe({ authenticationFailed, responseText, message, code }: ImapError): string {
  if (authenticationFailed) return `The server refused the user or the password. ${responseText ?? ''}`.trim();
  if (code === 'ENOTFOUND') return 'There is no server of this name.';
  if (code === 'ECONNREFUSED') return 'The server does not take connections at this port.';
  return (responseText ?? message) || 'The connection failed.';
}
