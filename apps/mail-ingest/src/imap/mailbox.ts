import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Storage, type Stored } from '@sportello/storage';
import { ImapFlow } from 'imapflow';
import { type ImapAccountRow, type Progress } from './imap.queries.js';

/** Twice what a parsed mail may have and more: what is over the limit is taken all the same, and quarantined with its reason. */
const mostBytes = 500 * 1024 * 1024;
const chunkBytes = 1024 * 1024;
/** IDLE is begun anew before the half hour after which servers may hang up (RFC 2177), and before firewalls forget the connection. */
const idleMilliseconds = 9 * 60_000;
const pauseMilliseconds = 2000;

/** What becomes of each mail of a mailbox. */
export interface MailboxOptions {
  account: ImapAccountRow;
  /** Of the account's host. */
  address: string;
  secret: string;
  storage: Storage;
  /** How far it was fetched; null for a mailbox that is new. */
  progress: Progress | null;
  /** Writes a mail down, with how far the mailbox is fetched then, in one transaction. */
  accept(stored: Stored, progress: Progress): Promise<void>;
  remember(progress: Progress): Promise<void>;
  listening(): Promise<void>;
}

/** One connection to one mailbox. */
export class Mailbox {
  readonly #options: MailboxOptions;
  readonly #client: ImapFlow;
  #stopped = false;
  #news = true;
  #wake: () => void = () => undefined;
  #failure: Error | null = null;

  constructor(options: MailboxOptions) {
    const { account, address, secret } = options;
    this.#options = options;
    this.#client = new ImapFlow({
      host: address,
      ...(isIP(account.host) ? {} : { servername: account.host }),
      port: account.port,
      secure: account.security === 'tls',
      doSTARTTLS: account.security === 'starttls',
      auth: {
        user: account.username,
        ...(account.authentication === 'oauth2' ? { accessToken: secret } : { pass: secret }),
      },
      logger: false,
      maxIdleTime: idleMilliseconds,
      connectionTimeout: 30_000,
    });
    this.#client.on('error', (error: Error) => this.#end(error));
    this.#client.on('close', () => this.#end(new Error('The server closed the connection.')));
    this.#client.on('exists', () => this.#hear());
  }

  /**
   * Fetches what is new, again and again, until it is stopped.
   * @throws Error when the connection cannot be made or ends
   */
  async run(): Promise<void> {
    const { account, listening } = this.#options;
    try {
      await this.#client.connect();
      const lock = await this.#client.getMailboxLock(account.folder);
      try {
        await listening();
        while (!this.#stopped) {
          this.#news = false;
          await this.#fetchNew();
          await this.#quiet();
        }
      } finally {
        lock.release();
      }
    } finally {
      this.#stopped = true;
      this.#client.close();
    }
  }

  /** Ends `run` once the mail in hand is stored. */
  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  #hear(): void {
    this.#news = true;
    this.#wake();
  }

  #end(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }

  /** Waits until the server tells of something. */
  async #quiet(): Promise<void> {
    if (!this.#news && !this.#stopped && !this.#failure) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      // IDLE is begun anew now and then; a server that refuses it must not be asked without pause.
      const idled = this.#client.idle().then(() => sleep(pauseMilliseconds, undefined, { ref: false }));
      await Promise.race([woken, idled]);
    }
    if (this.#failure && !this.#stopped) throw this.#failure;
  }

  async #fetchNew(): Promise<void> {
    const { mailbox } = this.#client;
    if (!mailbox) throw new Error('The folder was closed.');
    const { uidValidity } = mailbox;
    const { progress } = this.#options;
    const known = progress?.uidValidity === uidValidity ? progress.lastUid : null;
    // Whatever arrives from here on has this UID or a higher one.
    const { uidNext } = mailbox;
    // From a mailbox that is new, or that the server has renumbered, what nobody has read; then everything, read elsewhere meanwhile or not.
    const criteria = known === null ? { seen: false } : { uid: `${known + 1}:*` };
    const found = (await this.#client.search(criteria, { uid: true })) || [];
    // "n:*" names the last mail even where its UID is lower.
    for (const uid of found.filter((each) => each > (known ?? 0)).sort((a, b) => a - b)) {
      if (this.#stopped) return;
      await this.#fetch(uid, uidValidity);
    }
    if (known !== null || this.#stopped) return;
    const fetched = this.#options.progress?.uidValidity === uidValidity ? this.#options.progress.lastUid : 0;
    this.#options.progress = { uidValidity, lastUid: Math.max(fetched, uidNext - 1) };
    await this.#options.remember(this.#options.progress);
  }

  async #fetch(uid: number, uidValidity: bigint): Promise<void> {
    const { account, storage, accept } = this.#options;
    const { content } = await this.#client.download(String(uid), undefined, { uid: true, chunkSize: chunkBytes });
    // Deleted by somebody else between the search and here.
    if (!content) return;
    const stored = await storage.write(account.workspace_id, content, mostBytes);
    const progress = { uidValidity, lastUid: uid };
    await accept(stored, progress);
    this.#options.progress = progress;
    await this.#client.messageFlagsAdd(String(uid), ['\\Seen'], { uid: true });
  }
}
