import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DeliverPolicy, jetstream, type ConsumerMessages } from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/nats-core';
import { ownerOf } from '@sportello/kernel';
import { ensureStream, streamName, unbatch, type EventBatch, type EventEnvelope } from '@sportello/messaging';
import { type AccessFacts } from '@sportello/permissions';
import { CONNECTION, ServiceLog } from '@sportello/service';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAccessChange } from './audience.js';
import { Grants } from './grants.js';

/** An event with its place in the stream. */
export interface FeedEvent {
  epoch: number;
  sequence: number;
  at: number;
  /** The last of its place: whoever has seen it has seen all of a batch. */
  last: boolean;
  event: EventEnvelope<Record<string, unknown>, AccessFacts>;
}

type Listener = (event: FeedEvent) => void;

/** How long an absent browser can resume without fetching everything anew. */
const keptMilliseconds = 10 * 60_000;
/** A bound for memory: about 2 kB an event. */
const mostKept = 50_000;

/** What a browser gets that comes back: the events it missed, or word that it has to fetch everything. */
export type Resumption = { missed: FeedEvent[] } | { reset: true };

/** Reads the stream once for all browsers of this replica, into a ring of ten minutes. */
@Injectable()
export class LiveFeed implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new ServiceLog('gateway', 'Live');
  readonly #listeners = new Set<Listener>();
  readonly #resetListeners = new Set<() => void>();
  #ring: FeedEvent[] = [];
  #epoch = 0;
  #last = 0;
  #stopped = false;
  #messages: ConsumerMessages | null = null;
  #loop: Promise<void> = Promise.resolve();

  constructor(
    @Inject(CONNECTION) private readonly connection: NatsConnection,
    private readonly grants: Grants,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { epoch, lastSequence } = await ensureStream(this.connection);
    this.#epoch = epoch;
    this.#last = lastSequence;
    this.grants.begin(lastSequence);
    this.#loop = this.#run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    this.#messages?.stop();
    await this.#loop;
  }

  /** Where the feed stands: the id of the latest event. */
  get position(): string {
    return `${this.#epoch}-${this.#last}`;
  }

  /** What somebody missed who has seen everything up to `id`. */
  resume(id: string): Resumption {
    const [, epoch, digits] = id.match(/^(\d+)-(\d{1,15})$/) ?? [];
    const sequence = Number(digits);
    if (Number(epoch) !== this.#epoch || sequence > this.#last) return { reset: true };
    const oldest = this.#ring[0]?.sequence ?? this.#last + 1;
    if (sequence + 1 < oldest) return { reset: true };
    return { missed: this.#ring.filter((each) => each.sequence > sequence) };
  }

  /** @returns how to stop listening */
  listen(listener: Listener, onReset: () => void): () => void {
    this.#listeners.add(listener);
    this.#resetListeners.add(onReset);
    return () => {
      this.#listeners.delete(listener);
      this.#resetListeners.delete(onReset);
    };
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        const { epoch } = await ensureStream(this.connection);
        if (epoch !== this.#epoch) this.#begin(epoch);
        const consumer = await jetstream(this.connection).consumers.get(streamName, {
          deliver_policy: DeliverPolicy.StartSequence,
          opt_start_seq: this.#last + 1,
          inactive_threshold: 60 * 1e9,
        });
        const messages = await consumer.consume({
          max_messages: 500,
          idle_heartbeat: 1000,
          abort_on_missing_resource: true,
        });
        this.#messages = messages;
        if (this.#stopped) messages.stop();
        for await (const message of messages) this.#take(epoch, message.seq, message.json());
      } catch (error) {
        if (!this.#stopped) this.#log.warn({ error: (error as Error).message }, 'The event stream was interrupted');
      }
      if (!this.#stopped) await sleep(250);
    }
  }

  /** The stream was made anew: nothing of the past can be resumed. */
  #begin(epoch: number): void {
    this.#epoch = epoch;
    this.#last = 0;
    this.#ring = [];
    for (const reset of this.#resetListeners) reset();
  }

  #take(epoch: number, sequence: number, message: FeedEvent['event'] | EventBatch): void {
    if (sequence <= this.#last) return;
    const at = Date.now();
    const events = unbatch<Record<string, unknown>, AccessFacts>(message);
    const taken = events.map((event, index) => ({ epoch, sequence, at, last: index === events.length - 1, event }));
    this.#last = sequence;
    for (const event of events) if (isAccessChange(event)) this.grants.changed(ownerOf(event.type), sequence);
    this.#ring.push(...taken);
    const expired = this.#ring.findIndex((each) => each.at >= at - keptMilliseconds);
    let surplus = Math.max(expired, this.#ring.length - mostKept);
    // Never half a batch: whoever resumes before it gets all of it.
    while (surplus > 0 && !this.#ring[surplus - 1]?.last) surplus += 1;
    if (surplus > 0) this.#ring.splice(0, surplus);
    for (const each of taken) for (const listener of this.#listeners) listener(each);
  }
}
