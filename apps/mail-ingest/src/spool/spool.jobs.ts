import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { type NatsConnection, type Subscription } from '@nats-io/nats-core';
import { releaseFiles } from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { type Database } from '@sportello/persistence';
import { CLIENT, CONNECTION, DATABASE, ServiceLog, type OperationClient } from '@sportello/service';
import { MailDelivery } from './delivery.jobs.js';
import { spoolSubject } from './intake.jobs.js';
import { SetAside } from './set-aside.js';
import {
  begin,
  claim,
  claimSuspect,
  finish,
  giveBack,
  giveBackAbandoned,
  heartbeatMilliseconds,
  postpone,
  renew,
  tidy,
  type Ending,
  type SpooledMail,
} from './spool.queries.js';

/** Mails in hand at once in one process: two cores' worth, the rest is waiting for others. */
const inHand = 4;
/** Mails that are claimed, and whose ends are written, by one statement. */
const largestBatch = 64;
const sweepMilliseconds = 2000;
/** Tries of a mail that fails in us, and workers that may die of it. */
const mostFailures = 3;
/** Tries while another service fails at it: a quarter of an hour, in which a database comes back. */
const mostFaults = 10;
/** Tries while another service is away: some twelve hours with the back-off below. */
const mostAbsences = 20;
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
    @Inject(CLIENT) private readonly client: OperationClient,
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

  /** Forgets what was done long ago. While tickets is away it waits: mail that comes in does not. */
  async tidy(): Promise<void> {
    const release = (workspace: string, hashes: string[]) =>
      this.client.callAsSelf(releaseFiles, { hashes }, workspace);
    await tidy(this.database.systemPool, release).catch((error: Error) =>
      this.#log.warn({ error: error.message }, 'What is done could not be tidied away; trying again in half an hour'),
    );
  }

  async #work(): Promise<void> {
    const { systemPool } = this.database;
    if (this.#sweeps++ % 1000 === 0) await this.tidy();
    while (!this.#stopped) {
      await giveBackAbandoned(systemPool);
      const mails = await claim(systemPool, largestBatch);
      await this.#processAll(mails);
      const suspects = this.#stopped ? [] : await claimSuspect(systemPool);
      await this.#processAll(suspects);
      if (!mails.length && !suspects.length) return;
    }
  }

  /** A few at a time; their ends are written together. What cannot be written down is in hand until its claim expires. */
  async #processAll(mails: readonly SpooledMail[]): Promise<void> {
    if (!mails.length) return;
    const { systemPool } = this.database;
    const stay = (error: Error) => this.#log.warn({ error: error.message }, 'What is in hand could not be renewed');
    const heartbeat = setInterval(() => void renew(systemPool, mails).catch(stay), heartbeatMilliseconds);
    await this.#processSome(mails).finally(() => clearInterval(heartbeat));
  }

  async #processSome(mails: readonly SpooledMail[]): Promise<void> {
    const { systemPool } = this.database;
    const waiting = [...mails];
    const ended: { mail: SpooledMail; ending: Ending }[] = [];
    const work = async () => {
      for (let mail = waiting.shift(); mail; mail = this.#stopped ? undefined : waiting.shift()) {
        const ending = await this.#process(mail);
        if (ending) ended.push({ mail, ending });
      }
    };
    const settled = await Promise.allSettled(Array.from({ length: inHand }, work));
    await finish(systemPool, ended);
    await giveBack(systemPool, waiting);
    for (const result of settled) if (result.status === 'rejected') throw result.reason;
  }

  /** @returns how it ended; null when it was put back for later, or taken away meanwhile */
  async #process(mail: SpooledMail): Promise<Ending | null> {
    const { systemPool } = this.database;
    if (!mail.begun && !(await begin(systemPool, mail))) return null;
    try {
      if (mail.crashes >= mostFailures) throw new SetAside('crashed', 'Processes died while they worked on it.');
      return await this.delivery.deliver(mail);
    } catch (error) {
      const { message, stack } = error as Error;
      if (!(error instanceof SetAside))
        this.#log.warn({ mail: mail.id, attempt: mail.attempts, stack }, 'A mail could not be processed');
      const { tries, code, reason } = judge(error as Error);
      if (mail.attempts < tries) {
        await postpone(systemPool, mail, backOff(mail.attempts), message);
        return null;
      }
      const about = await this.delivery.glance(mail);
      return { state: 'quarantined', step: 'deliver', code, reason, ...about };
    }
  }
}

/** How often a mail that failed like this is tried, and what is said of it then. */
function judge(error: Error): { tries: number; code: string; reason: string } {
  if (error instanceof SetAside) return { tries: 0, code: error.code, reason: error.message };
  if (error instanceof Refusal) {
    const { code, status } = error.definition;
    // Credentials and rates pass; what was understood and refused will be refused again.
    const passes = status >= 500 || status === 401 || status === 429;
    const [problem] = error.extra.errors ?? [];
    const said = problem ? `${error.message} ${problem.field} ${problem.message}` : error.message;
    const reason = `Another part of the product ${passes ? 'failed at' : 'refused'} it: ${said}`;
    if (status === 503)
      return {
        ...{ tries: mostAbsences, code: 'unavailable' },
        reason: 'Another part of the product did not answer for hours. Retry once it does.',
      };
    return { tries: passes ? mostFaults : 0, code, reason };
  }
  return { tries: mostFailures, code: 'failed', reason: `It could not be processed: ${error.message}` };
}
