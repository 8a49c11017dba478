import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { type NatsConnection, type Subscription } from '@nats-io/nats-core';
import { Refusal } from '@sportello/kernel';
import { type Database } from '@sportello/persistence';
import { CONNECTION, DATABASE, ServiceLog } from '@sportello/service';
import { spoolSubject } from './intake.jobs.js';
import { MailDelivery } from './delivery.jobs.js';
import { claim, finish, postpone, tidy, type SpooledMail } from './spool.queries.js';

/** Mails in hand at once in one process: two cores' worth, the rest is waiting for others. */
const inHand = 4;
const sweepMilliseconds = 2000;
/** Tries of a mail that fails in us: parser, storage, a killed worker. */
const maxCrashes = 3;
/** Tries while another service does not answer: some twelve hours with the back-off below. */
const maxAttempts = 20;
const backOff = (attempt: number): number => Math.min(2 ** attempt, 3600);

/** Takes mails from the spool through their steps. Any number of processes may run it. */
@Injectable()
export class SpoolWorkers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new ServiceLog('mail-ingest', 'Spool');
  #wakeUps: Subscription | null = null;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = false;
  #sweeps = 0;

  constructor(
    @Inject(CONNECTION) private readonly connection: NatsConnection,
    @Inject(DATABASE) private readonly database: Database,
    private readonly delivery: MailDelivery,
  ) {}

  onApplicationBootstrap(): void {
    this.#wakeUps = this.connection.subscribe(spoolSubject, { callback: () => this.wake() });
    this.#timer = setInterval(() => this.wake(), sweepMilliseconds);
    this.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearInterval(this.#timer);
    this.#wakeUps?.unsubscribe();
    await this.#running;
  }

  /** Starts working unless it is; then once more afterwards. */
  wake(): void {
    if (this.#stopped) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = this.#work()
      .catch((error: Error) => this.#log.error({ error: error.message }, 'The spool could not be read'))
      .finally(() => {
        this.#running = null;
        if (this.#again) {
          this.#again = false;
          this.wake();
        }
      });
  }

  async #work(): Promise<void> {
    const { systemPool } = this.database;
    if (this.#sweeps++ % 1000 === 0) await tidy(systemPool);
    for (;;) {
      const mails = this.#stopped ? [] : await claim(systemPool, inHand);
      if (!mails.length) return;
      await Promise.all(mails.map((mail) => this.#process(mail)));
    }
  }

  async #process(mail: SpooledMail): Promise<void> {
    const { systemPool } = this.database;
    try {
      await finish(systemPool, mail, await this.delivery.deliver(mail));
    } catch (error) {
      const { message } = error as Error;
      // A refusal of 503 is another service that is away; anything else fails here and will again.
      const away = error instanceof Refusal && error.definition.status >= 500;
      this.#log.warn(
        { mail: mail.id, attempt: mail.attempts, error: message, stack: (error as Error).stack },
        'A mail could not be processed',
      );
      if (mail.attempts < (away ? maxAttempts : maxCrashes))
        return postpone(systemPool, mail, backOff(mail.attempts), message);
      const reason = away
        ? 'Another part of the product did not answer for hours. Retry once it does.'
        : `It could not be processed: ${message}`;
      const code = away ? 'unavailable' : error instanceof Refusal ? error.definition.code : 'failed';
      await finish(systemPool, mail, {
        state: 'quarantined',
        step: 'deliver',
        code,
        reason,
        from: mail.envelope_from,
        subject: null,
      });
    }
  }
}
