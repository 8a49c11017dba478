import { jetstream, JetStreamApiError } from '@nats-io/jetstream';
import { headers, type NatsConnection, type Subscription } from '@nats-io/nats-core';
import { Client, type Pool } from 'pg';
import { type EventEnvelope } from './envelope.js';
import { ensureStream, streamName, type StreamState } from './stream.js';

interface Row {
  id: string;
  event_id: string;
  subject: string;
  event: EventEnvelope;
}

/** What the relay writes to the log. */
export interface RelayLog {
  warn(details: object, message: string): void;
}

/** Younger rows are published again into a new stream: as long as the stream itself keeps them. */
const republishWindow = '7 days';
const keptFor = '14 days';
const inboxKeptFor = '30 days';
const batch = 256;

/**
 * Publishes a service's outbox, in id order, by one replica at a time (a session advisory lock). Woken in process after a commit and by core NATS from
 * other replicas, and swept every few seconds, so that a lost wake-up costs time and not an event. PostgreSQL's NOTIFY would cost ten
 * times fewer commits a second (measured), because it takes a database-wide lock through commit.
 */
export class OutboxRelay {
  readonly #options: RelayOptions;
  #leader: Client | null = null;
  #wakeUps: Subscription | null = null;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();
  #queued = false;
  #stopped = false;
  #epoch = 0;
  #sweeps = 0;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Starts to compete for the lock, and to publish once it is held. */
  async start(): Promise<void> {
    const { connection, schema, sweepMilliseconds = 3000 } = this.#options;
    this.#wakeUps = connection.subscribe(`outbox.${schema}`, { callback: () => this.#schedule() });
    this.#timer = setInterval(() => this.#schedule(), sweepMilliseconds);
    this.#timer.unref();
    this.#schedule();
    await this.#running;
  }

  /** Says that a transaction with events has committed. Cheap; called after every one. */
  wake(): void {
    if (this.#leader) this.#schedule();
    else this.#options.connection.publish(`outbox.${this.#options.schema}`);
  }

  /** Lets another replica take over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearInterval(this.#timer);
    this.#wakeUps?.unsubscribe();
    await this.#running;
    await this.#leader?.end();
    this.#leader = null;
  }

  #schedule(): void {
    if (this.#queued || this.#stopped) return;
    this.#queued = true;
    this.#running = this.#running
      .then(async () => {
        this.#queued = false;
        await this.#publishAll();
      })
      .catch((error: Error) =>
        this.#options.log.warn({ error: error.message }, 'The outbox could not be published; trying again'),
      );
  }

  async #publishAll(): Promise<void> {
    if (this.#stopped || !(await this.#lead())) return;
    const state = await ensureStream(this.#options.connection);
    await this.#reconcile(state);
    while (!this.#stopped && (await this.#publishSome(state)) === batch);
    if (this.#sweeps++ % 1000 === 0) await this.#tidy();
  }

  /** True while this replica holds the lock. The lock lives as long as its connection. */
  async #lead(): Promise<boolean> {
    if (this.#leader) return true;
    const client = new Client({
      connectionString: this.#options.systemUrl,
      application_name: `${this.#options.schema} relay`,
    });
    client.on('error', () => {
      if (this.#leader === client) this.#leader = null;
    });
    await client.connect();
    const { rows } = await client.query<{ held: boolean }>(
      "select pg_try_advisory_lock(hashtext('outbox'), hashtext($1)) as held",
      [this.#options.schema],
    );
    if (rows[0]?.held) this.#leader = client;
    else await client.end();
    return this.#leader !== null;
  }

  /** JetStream is a wire, PostgreSQL the truth: what the stream lost (made anew, or its end cut off by a restore) is published again. */
  async #reconcile(state: StreamState): Promise<void> {
    if (state.epoch === this.#epoch) return;
    const { rowCount } = await this.#options.systemPool.query(
      `update ${this.#options.schema}.outbox set published_sequence = null, published_epoch = null
        where published_sequence is not null and created_at > now() - interval '${republishWindow}'
          and (published_epoch <> $1 or published_sequence > $2)`,
      [state.epoch, state.lastSequence],
    );
    if (rowCount)
      this.#options.log.warn({ events: rowCount }, 'The event stream is new; publishing again what it lost');
    this.#epoch = state.epoch;
  }

  async #publishSome(state: StreamState): Promise<number> {
    const { systemPool, schema, connection, log } = this.#options;
    const { rows } = await systemPool.query<Row>(
      `select id, event_id, subject, event from ${schema}.outbox
        where published_sequence is null and parked_reason is null order by id limit ${batch}`,
    );
    const client = jetstream(connection);
    // Published without waiting one for another: one connection keeps their order, and the acks come back together.
    const published = await Promise.allSettled(
      // Async, because what is no subject throws at once, and must not keep the others.
      rows.map(async (row) => {
        const header = headers();
        header.set('Nats-Msg-Id', row.event_id);
        return client.publish(row.subject, JSON.stringify(row.event), {
          headers: header,
          expect: { streamName },
          timeout: 5000,
        });
      }),
    );
    const done: { id: string; sequence: number }[] = [];
    let failure: Error | null = null;
    for (const [index, result] of published.entries()) {
      const row = rows[index] as Row;
      if (result.status === 'fulfilled') done.push({ id: row.id, sequence: result.value.seq });
      else if (isRefusal(result.reason)) {
        log.warn(
          { event: row.event_id, reason: (result.reason as Error).message },
          'The broker refuses an event; parked',
        );
        await systemPool.query(`update ${schema}.outbox set parked_reason = $2 where id = $1`, [
          row.id,
          (result.reason as Error).message,
        ]);
      } else failure ??= result.reason as Error;
    }
    if (done.length) {
      await systemPool.query(
        `update ${schema}.outbox o set published_epoch = $1, published_sequence = d.sequence
           from unnest($2::bigint[], $3::bigint[]) as d (id, sequence) where o.id = d.id`,
        [state.epoch, done.map(({ id }) => id), done.map(({ sequence }) => sequence)],
      );
    }
    if (failure) throw failure;
    return rows.length;
  }

  /** Marks are kept long enough that no late or repeated event is taken for new. */
  async #tidy(): Promise<void> {
    const { systemPool, schema } = this.#options;
    await systemPool.query(
      `delete from ${schema}.outbox where created_at < now() - interval '${keptFor}' and published_sequence is not null`,
    );
    await systemPool.query(`delete from ${schema}.inbox where updated_at < now() - interval '${inboxKeptFor}'`);
    await systemPool.query(`delete from ${schema}.idempotency where created_at < now() - interval '2 days'`);
  }
}

/** What the relay needs. */
export interface RelayOptions {
  connection: NatsConnection;
  schema: string;
  systemUrl: string;
  systemPool: Pool;
  log: RelayLog;
  sweepMilliseconds?: number;
}

/** A refusal of this very event (too large, a subject that the stream does not take); anything else is trouble with the wire. */
function isRefusal(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.status === 400;
  return (
    error instanceof RangeError ||
    (error instanceof Error && ['InvalidArgumentError', 'InvalidSubjectError'].includes(error.name))
  );
}
