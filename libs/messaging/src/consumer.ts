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
import { aggregateOf, type EventEnvelope } from './envelope.js';
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
    let event: EventEnvelope;
    try {
      event = message.json<EventEnvelope>();
    } catch (error) {
      this.#options.log.warn(
        { subject: message.subject, error: (error as Error).message },
        'An event that is no JSON was dropped',
      );
      return message.term('not JSON');
    }
    if (!this.#known.has(aggregateOf(event.type))) return message.ack();
    const attempt = message.info.deliveryCount;
    try {
      const admission = await this.deliver(event);
      if (admission === 'gap') await this.#wait(message, event, attempt);
      else if (admission === 'held') {
        await this.#park(event, 'waits for an earlier event of the same aggregate');
        message.ack();
      } else message.ack();
    } catch (error) {
      const reason = (error as Error).message;
      this.#options.log.warn(
        { consumer: this.#name, event: event.id, type: event.type, attempt, reason },
        'An event could not be handled',
      );
      if (attempt < maxAttempts) return message.nak(backOff(attempt));
      await this.#park(event, reason);
      message.ack();
    }
  }

  /** An event that overtook its predecessor goes back for a moment. */
  async #wait(message: JsMsg, event: EventEnvelope, attempt: number): Promise<void> {
    if (attempt < maxGapAttempts) return message.nak(Math.min(100 * attempt, 5000));
    // Of an aggregate that this service has never heard of, what came before is no longer in the stream: it begins here.
    const begins = await inWorkspace(this.#options.orm, event.workspace, (em) => isUnheard(em, this.#name, event));
    if (begins) await this.deliver(event, { beginHere: true });
    else await this.#park(event, 'an earlier event of the same aggregate never came');
    message.ack();
  }

  async #park(event: EventEnvelope, reason: string): Promise<void> {
    await inWorkspace(this.#options.orm, event.workspace, (em) => park(em, this.#name, event, reason));
  }

  /** Handles one event in a transaction of its own, if it is its turn. Public for retries by an operator and for tests. */
  async deliver(event: EventEnvelope, { beginHere = false } = {}): Promise<Admission> {
    const skipGaps = beginHere || !this.#ordered.has(aggregateOf(event.type));
    // Throwing is the way to roll the lock's row back; a gap is no failure.
    try {
      const signals: ((() => void) | void)[] = [];
      const admitted = await inWorkspace(this.#options.orm, event.workspace, async (em) => {
        const admission = await admit(em, this.#name, event, skipGaps);
        if (admission === 'gap' || admission === 'held') throw new NotYet(admission);
        if (admission === 'handle')
          for (const { handle } of this.#handlers.get(event.type) ?? []) signals.push(await handle(event, em));
        return admission;
      });
      for (const signal of signals) signal?.();
      return admitted;
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
