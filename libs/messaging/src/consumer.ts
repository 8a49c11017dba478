import { setTimeout as sleep } from 'node:timers/promises';
import { type EntityManager, type MikroORM } from '@mikro-orm/postgresql';
import {
  AckPolicy,
  DeliverPolicy,
  jetstream,
  JetStreamApiError,
  jetstreamManager,
  type JsMsg,
} from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/nats-core';
import { enterWorkspace, inWorkspace } from '@sportello/persistence';
import { accessReader } from './barrier.js';
import { aggregateOf, unbatch, type EventBatch, type EventEnvelope } from './envelope.js';
import { admit, admitState, keyOf, park, parkedOf, unpark, type Admission, type InboxKey } from './inbox.js';
import { ensureStream, streamName } from './stream.js';

/** What to do once the transaction has committed: in-process signals only. */
export type AfterCommit = (() => void) | void;

/** What a service does because of an event, in the transaction that also writes the inbox mark. */
export interface Subscription {
  /** The event definition's id. */
  event: string;
  /** The handler only copies state: the newest event wins, gaps may be skipped. */
  copies: boolean;
  /** The event may change who may see what: commands that take sight away wait for this consumer. */
  access?: boolean;
  /** Writes everything before it returns: events that share a transaction share nothing else. */
  handle(event: EventEnvelope, em: EntityManager): Promise<AfterCommit>;
}

/** The state of one aggregate, told by its owner, and how this service copies it. */
export interface CopiedState {
  id: string;
  seq: number;
  copy(em: EntityManager): Promise<AfterCommit>;
}

/** What the consumer writes to the log. */
export interface ConsumerLog {
  warn(details: object, message: string): void;
}

/** Events that one transaction handles at most; one alone is handled at once. */
const largestBatch = 64;
/** Tries of a failing handler before its event is parked: about two minutes with the back-off below. */
const maxAttempts = 8;
/** Tries of an event that came before its predecessor, about two minutes; then the predecessor is taken for lost. */
const maxGapAttempts = 90;
/** Every so many, the broker is asked whether anything earlier is still on its way. */
const askEvery = 5;
/** Younger events wait: the relay may have failed at their predecessor (5 s) and publish it again at its next sweep (3 s). */
const surelyFirstMilliseconds = 10_000;
/** The same where a snapshot has the predecessor. */
const maxFilledAttempts = 5;
const backOff = (attempt: number): number => Math.min(250 * 2 ** (attempt - 1), 60_000);
/** At first at once: as a rule another replica has the predecessor in hand. */
const gapBackOff = (attempt: number): number => Math.min(25 * 2 ** Math.floor(attempt / 10), 5000);

/** A message and its events: one, or those of a job's chunk. */
interface Arrived {
  message: JsMsg;
  events: EventEnvelope[];
  /** After how many milliseconds it must come again; 0 when all its events are done with. */
  again: number;
}

/**
 * Reads one owner's events for one service: a durable pull consumer shared by all its replicas. At least once on the wire, exactly once
 * in effect, in order per aggregate.
 */
export class EventConsumer {
  /** The durable consumer's name, and the inbox's. */
  readonly name: string;
  readonly #options: ConsumerOptions;
  readonly #handlers = new Map<string, Subscription[]>();
  readonly #ordered = new Set<string>();
  readonly #known = new Set<string>();
  #stopped = false;
  #interrupt = (): void => undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.name = `${options.service}--${options.owner}`;
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

  /** Finishes what is in hand and stops. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#interrupt();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#ensure();
        await this.#consume();
      } catch (error) {
        if (this.#stopped) return;
        this.#options.log.warn(
          { consumer: this.name, error: (error as Error).message },
          'Reading events was interrupted; starting again',
        );
        await sleep(500);
      }
    }
  }

  async #ensure(): Promise<void> {
    await ensureStream(this.#options.connection);
    const manager = await jetstreamManager(this.#options.connection);
    const description = this.#options.subscriptions.some(({ access }) => access) ? accessReader : undefined;
    const wanted = {
      durable_name: this.name,
      description,
      filter_subject: `evt.${this.#options.owner}.>`,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: 30 * 1e9,
      max_ack_pending: 256,
    };
    await manager.consumers.add(streamName, wanted).catch((error: unknown) => {
      if (!(error instanceof JetStreamApiError) || error.code !== consumerExists) throw error;
      // One that an earlier release made otherwise.
      return manager.consumers.update(streamName, this.name, { description });
    });
  }

  /** Takes whatever has arrived, up to a batch, until the consumer or the stream goes away. */
  async #consume(): Promise<void> {
    const arrived: JsMsg[] = [];
    let wake = (): void => undefined;
    let end: { error?: Error } | null = null;
    const consumer = await jetstream(this.#options.connection).consumers.get(streamName, this.name);
    const messages = await consumer.consume({
      max_messages: largestBatch,
      abort_on_missing_resource: true,
      callback: (message) => {
        arrived.push(message);
        wake();
      },
    });
    this.#interrupt = () => messages.stop();
    if (this.#stopped) messages.stop();
    void messages.closed().then((error) => {
      end = { error: error ?? undefined };
      wake();
    });
    const ended = () => end as { error?: Error } | null;
    while (!ended()) {
      if (!arrived.length) await new Promise<void>((resolve) => (wake = resolve));
      else await this.#receive(arrived.splice(0, largestBatch));
    }
    for (const message of arrived) message.nak();
    const { error } = ended() ?? {};
    if (error) throw error;
  }

  async #receive(messages: JsMsg[]): Promise<void> {
    let batch: Arrived[] = [];
    for (const message of messages) {
      const read = this.#read(message);
      if (read) batch.push(read);
      if (batch.reduce((sum, { events }) => sum + events.length, 0) < largestBatch) continue;
      await this.#receiveBatch(batch);
      batch = [];
    }
    if (batch.length) await this.#receiveBatch(batch);
  }

  #read(message: JsMsg): Arrived | null {
    try {
      const read = message.json<EventEnvelope | EventBatch>();
      if (this.#known.has(aggregateOf(read.type))) return { message, events: unbatch(read), again: 0 };
      message.ack();
    } catch (error) {
      this.#options.log.warn(
        { subject: message.subject, error: (error as Error).message },
        'An event that is no JSON was dropped',
      );
      message.term('not JSON');
    }
    return null;
  }

  async #receiveBatch(batch: readonly Arrived[]): Promise<void> {
    const all = batch.flatMap((arrived) => arrived.events.map((event) => ({ arrived, event })));
    // In one order everywhere, so that two replicas cannot wait for each other's locks.
    all.sort((a, b) => compare(orderOf(a.event), orderOf(b.event)) || a.event.seq - b.event.seq);
    const admissions = await this.#handleAll(all.map(({ event }) => event)).catch(() => null);
    for (const [index, { arrived, event }] of all.entries()) {
      // One of them failed and took the others with it: each by itself. Savepoints would cost all batches two statements an event.
      const again = await this.#settle(arrived.message, event, admissions?.[index]);
      arrived.again = Math.max(arrived.again, again);
    }
    for (const { message, again } of batch) {
      if (again) message.nak(again);
      else message.ack();
    }
  }

  /** @returns after how many milliseconds the event should come again; 0 when it is done with, handled or set aside */
  async #settle(message: JsMsg, event: EventEnvelope, known: Admission | undefined): Promise<number> {
    const attempt = message.info.deliveryCount;
    try {
      const admission = known ?? (await this.deliver(event));
      if (admission === 'gap' || admission === 'filled' || admission === 'unheard')
        return await this.#wait(message, event, admission);
      return 0;
    } catch (error) {
      const reason = (error as Error).message;
      this.#options.log.warn(
        { consumer: this.name, event: event.id, type: event.type, attempt, reason },
        'An event could not be handled',
      );
      if (attempt < maxAttempts) return this.#pause(backOff(attempt));
      await this.#park(event, reason);
      return 0;
    }
  }

  /** An event that overtook its predecessor goes back for a moment. */
  async #wait(message: JsMsg, event: EventEnvelope, admission: Admission): Promise<number> {
    const attempt = message.info.deliveryCount;
    const patience = admission === 'filled' ? maxFilledAttempts : maxGapAttempts;
    const over = attempt >= patience || (admission === 'unheard' && (await this.#isFirst(message, attempt)));
    if (!over) return this.#pause(gapBackOff(attempt));
    // Of an aggregate that this service has never heard of, what came before is no longer in the stream: it begins here.
    if (admission !== 'gap') await this.deliver(event, { beginHere: true });
    else await this.#park(event, 'an earlier event of the same aggregate never came');
    return 0;
  }

  /** Never 0, which says that an event is done with. */
  #pause(milliseconds: number): number {
    return Math.max(1, milliseconds * (this.#options.pauseFactor ?? 1));
  }

  /** Whether everything before this message was handled, and nothing of it can still be published after it. */
  async #isFirst(message: JsMsg, attempt: number): Promise<boolean> {
    if (attempt % askEvery || Date.now() - message.time.getTime() < this.#pause(surelyFirstMilliseconds)) return false;
    const manager = await jetstreamManager(this.#options.connection);
    const { ack_floor: floor } = await manager.consumers.info(streamName, this.name);
    return floor.stream_seq >= message.seq - 1;
  }

  async #park(event: EventEnvelope, reason: string): Promise<void> {
    await inWorkspace(this.#options.orm, event.workspace, (em) => park(em, this.name, event, reason));
  }

  /** Handles one event in a transaction of its own, if it is its turn. Public for tests. */
  async deliver(event: EventEnvelope, { beginHere = false } = {}): Promise<Admission> {
    const [admission] = await this.#handleAll([event], beginHere);
    return admission as Admission;
  }

  /** Handles events in one transaction, the workspace set anew for each. */
  async #handleAll(events: readonly EventEnvelope[], beginHere = false): Promise<Admission[]> {
    const signals: AfterCommit[] = [];
    const admissions = await inWorkspace(this.#options.orm, null, async (em) => {
      const all: Admission[] = [];
      for (const event of events) {
        await enterWorkspace(em, event.workspace);
        all.push(await this.#handle(event, em, signals, beginHere));
        em.clear();
      }
      return all;
    });
    for (const signal of signals) signal?.();
    return admissions;
  }

  async #handle(
    event: EventEnvelope,
    em: EntityManager,
    signals: AfterCommit[],
    beginHere: boolean,
  ): Promise<Admission> {
    const skipGaps = beginHere || !this.#ordered.has(aggregateOf(event.type));
    const admission = await admit(em, this.name, event, skipGaps);
    if (admission === 'handle')
      for (const { handle } of this.#handlers.get(event.type) ?? []) signals.push(await handle(event, em));
    return admission;
  }

  /** Copies what an owner's snapshot tells, unless a newer event was handled, and handles what was parked for want of it. */
  async fill(workspace: string, aggregate: string, states: readonly CopiedState[]): Promise<void> {
    const signals: AfterCommit[] = [];
    const parked: InboxKey[] = [];
    await inWorkspace(this.#options.orm, workspace, async (em) => {
      for (const { id, seq, copy } of states) {
        const key = { workspace_id: workspace, consumer: this.name, aggregate, aggregate_id: id };
        const admission = await admitState(em, key, seq);
        if (admission.copy) signals.push(await copy(em));
        if (admission.parked) parked.push(key);
        em.clear();
      }
    });
    for (const signal of signals) signal?.();
    for (const key of parked) await this.release(key);
  }

  /**
   * Handles the parked events of an aggregate in their order. What never came before them is taken for lost.
   * @returns false when one failed again: it and the later ones stay parked
   */
  async release(key: InboxKey): Promise<boolean> {
    const { orm } = this.#options;
    for (;;) {
      const event = await inWorkspace(orm, key.workspace_id, (em) => parkedOf(em, key));
      if (!event) return true;
      try {
        const signals: AfterCommit[] = [];
        await inWorkspace(orm, key.workspace_id, async (em) => {
          await unpark(em, keyOf(this.name, event), event.seq);
          await this.#handle(event, em, signals, true);
        });
        for (const signal of signals) signal?.();
      } catch (error) {
        await this.#park(event, (error as Error).message);
        return false;
      }
    }
  }
}

/** Of the JetStream API: a consumer of this name is there and differs. */
const consumerExists = 10148;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const orderOf = ({ workspace, type, subject }: EventEnvelope): string => `${workspace} ${aggregateOf(type)} ${subject}`;

/** What a consumer needs. */
export interface ConsumerOptions {
  connection: NatsConnection;
  orm: MikroORM;
  /** Who reads. */
  service: string;
  /** Whose events: the second word of the subject. */
  owner: string;
  subscriptions: readonly Subscription[];
  /** How long it pauses between tries, as a part of the usual two minutes in all: tests cannot wait so long. */
  pauseFactor?: number;
  log: ConsumerLog;
}
