import { setTimeout as sleep } from 'node:timers/promises';
import { type EntityManager, type MikroORM } from '@mikro-orm/postgresql';
import {
  AckPolicy,
  DeliverPolicy,
  jetstream,
  jetstreamManager,
  type ConsumerMessages,
  type JsMsg,
} from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/nats-core';
import { inWorkspace } from '@sportello/persistence';
import { aggregateOf, unbatch, type EventBatch, type EventEnvelope } from './envelope.js';
import { admit, isUnheard, park, type Admission } from './inbox.js';
import { ensureStream, streamName } from './stream.js';

/** What a service does because of an event, in the transaction that also writes the inbox mark. */
export interface Subscription {
  /** The event definition's id. */
  event: string;
  /** The handler only copies state: the newest event wins, gaps may be skipped. */
  copies: boolean;
  /** @returns what to do once the transaction has committed: in-process signals only */
  handle(event: EventEnvelope, em: EntityManager): Promise<(() => void) | void>;
}

/** What the consumer writes to the log. */
export interface ConsumerLog {
  warn(details: object, message: string): void;
}

/** Tries of a failing handler before its event is parked: about two minutes with the back-off below. */
const maxAttempts = 8;
/** Tries of an event that came before its predecessor, about two minutes; then the predecessor is taken for lost. */
const maxGapAttempts = 40;
const backOff = (attempt: number): number => Math.min(250 * 2 ** (attempt - 1), 60_000);

/**
 * Reads one owner's events for one service: a durable pull consumer shared by all its replicas. At least once on the wire, exactly once
 * in effect, in order per aggregate.
 */
export class EventConsumer {
  readonly #options: ConsumerOptions;
  readonly #name: string;
  readonly #handlers = new Map<string, Subscription[]>();
  readonly #ordered = new Set<string>();
  readonly #known = new Set<string>();
  #messages: ConsumerMessages | null = null;
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#name = `${options.service}--${options.owner}`;
    for (const subscription of options.subscriptions) {
      this.#handlers.set(subscription.event, [...(this.#handlers.get(subscription.event) ?? []), subscription]);
      this.#known.add(aggregateOf(subscription.event));
      if (!subscription.copies) this.#ordered.add(aggregateOf(subscription.event));
    }
  }

  /** Starts reading; a consumer or stream that was wiped is made anew. */
  start(): void {
    this.#loop = this.#run();
  }

  /** Finishes the message in hand and stops. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#messages?.stop();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#ensure();
        const consumer = await jetstream(this.#options.connection).consumers.get(streamName, this.#name);
        const messages = await consumer.consume({ max_messages: 64, abort_on_missing_resource: true });
        this.#messages = messages;
        if (this.#stopped) messages.stop();
        for await (const message of messages) await this.#receive(message);
      } catch (error) {
        if (this.#stopped) return;
        this.#options.log.warn(
          { consumer: this.#name, error: (error as Error).message },
          'Reading events was interrupted; starting again',
        );
        await sleep(500);
      }
    }
  }

  async #ensure(): Promise<void> {
    await ensureStream(this.#options.connection);
    const manager = await jetstreamManager(this.#options.connection);
    await manager.consumers.add(streamName, {
      durable_name: this.#name,
      filter_subject: `evt.${this.#options.owner}.>`,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: 30 * 1e9,
      max_ack_pending: 256,
    });
  }

  async #receive(message: JsMsg): Promise<void> {
    let event: EventEnvelope | EventBatch;
    try {
      event = message.json();
    } catch (error) {
      this.#options.log.warn(
        { subject: message.subject, error: (error as Error).message },
        'An event that is no JSON was dropped',
      );
      return message.term('not JSON');
    }
    if (!this.#known.has(aggregateOf(event.type))) return message.ack();
    const attempt = message.info.deliveryCount;
    const events = unbatch(event);
    if (events.length > 1 && (await this.#deliverAll(events))) return message.ack();
    // Each by itself: one that has to wait sends the message back, and the others are known when it returns.
    let again = 0;
    for (const one of events) again = Math.max(again, await this.#attempt(one, attempt));
    if (again) message.nak(again);
    else message.ack();
  }

  /** @returns after how many milliseconds it should come again; 0 when it is done with, handled or set aside */
  async #attempt(event: EventEnvelope, attempt: number): Promise<number> {
    try {
      const admission = await this.deliver(event);
      if (admission === 'gap') return await this.#wait(event, attempt);
      if (admission === 'held') await this.#park(event, 'waits for an earlier event of the same aggregate');
      return 0;
    } catch (error) {
      const reason = (error as Error).message;
      this.#options.log.warn(
        { consumer: this.#name, event: event.id, type: event.type, attempt, reason },
        'An event could not be handled',
      );
      if (attempt < maxAttempts) return backOff(attempt);
      await this.#park(event, reason);
      return 0;
    }
  }

  /** An event that overtook its predecessor goes back for a moment. */
  async #wait(event: EventEnvelope, attempt: number): Promise<number> {
    if (attempt < maxGapAttempts) return Math.min(100 * attempt, 5000);
    // Of an aggregate that this service has never heard of, what came before is no longer in the stream: it begins here.
    const begins = await inWorkspace(this.#options.orm, event.workspace, (em) => isUnheard(em, this.#name, event));
    if (begins) await this.deliver(event, { beginHere: true });
    else await this.#park(event, 'an earlier event of the same aggregate never came');
    return 0;
  }

  async #park(event: EventEnvelope, reason: string): Promise<void> {
    await inWorkspace(this.#options.orm, event.workspace, (em) => park(em, this.#name, event, reason));
  }

  /** A whole batch in one transaction, the usual case. @returns false where one of them cannot be handled now: nothing is done then */
  async #deliverAll(events: readonly EventEnvelope[]): Promise<boolean> {
    const skipGaps = !this.#ordered.has(aggregateOf((events[0] as EventEnvelope).type));
    try {
      const signals = await inWorkspace(this.#options.orm, (events[0] as EventEnvelope).workspace, async (em) => {
        const all: ((() => void) | void)[] = [];
        for (const event of events) all.push(...(await this.#take(em, event, skipGaps)).signals);
        return all;
      });
      for (const signal of signals) signal?.();
      return true;
    } catch {
      return false;
    }
  }

  /** Handles one event if it is its turn. @throws NotYet to roll the lock's row back where it is not */
  async #take(
    em: EntityManager,
    event: EventEnvelope,
    skipGaps: boolean,
  ): Promise<{ admission: Admission; signals: ((() => void) | void)[] }> {
    const admission = await admit(em, this.#name, event, skipGaps);
    if (admission === 'gap' || admission === 'held') throw new NotYet(admission);
    const signals: ((() => void) | void)[] = [];
    if (admission === 'handle')
      for (const { handle } of this.#handlers.get(event.type) ?? []) signals.push(await handle(event, em));
    return { admission, signals };
  }

  /** Handles one event in a transaction of its own, if it is its turn. Public for retries by an operator and for tests. */
  async deliver(event: EventEnvelope, { beginHere = false } = {}): Promise<Admission> {
    const skipGaps = beginHere || !this.#ordered.has(aggregateOf(event.type));
    try {
      const taken = await inWorkspace(this.#options.orm, event.workspace, (em) => this.#take(em, event, skipGaps));
      for (const signal of taken.signals) signal?.();
      return taken.admission;
    } catch (error) {
      if (error instanceof NotYet) return error.admission;
      throw error;
    }
  }
}

class NotYet extends Error {
  constructor(readonly admission: Admission) {
    super(admission);
  }
}

/** What a consumer needs. */
export interface ConsumerOptions {
  connection: NatsConnection;
  orm: MikroORM;
  /** Who reads. */
  service: string;
  /** Whose events: the second word of the subject. */
  owner: string;
  subscriptions: readonly Subscription[];
  log: ConsumerLog;
}
