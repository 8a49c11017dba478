import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { type NatsConnection, type Subscription } from '@nats-io/nats-core';
import { type AggregateState, type ServiceName, type Snapshot } from '@sportello/kernel';
import { aggregateOf, parkedSubject, type EventConsumer, type InboxKey } from '@sportello/messaging';
import { type AccessFacts } from '@sportello/permissions';
import { roleOf, type Database } from '@sportello/persistence';
import { type PoolClient } from 'pg';
import { type OperationClient } from './client.js';
import { type Context } from './context.js';
import { ServiceLog } from './logging.js';
import { SubscriptionRuntime } from './subscriptions.js';
import { CLIENT, CONNECTION, DATABASE, SERVICE_NAME } from './tokens.js';

/** What a copy is made of: an event tells it, and a snapshot too. */
export interface Told<Payload> {
  seq: number;
  data: { after: Payload; is: AccessFacts | null };
  /** Only a snapshot says so; of an event, its type does. */
  deleted?: boolean;
}

type Copier<Payload> = (told: Told<Payload>, context: Context) => Promise<void>;

const declared = new WeakMap<object, { method: string; snapshot: Snapshot }[]>();

/**
 * Declares a method as what fills a copy from its owner's snapshot: when the copy is new, when an operator asks, and for a parked event whose predecessors
 * never came. It copies state and has no other effect: nobody is told of the past.
 */
export function Fills<Payload extends object>(snapshot: Snapshot<Payload>) {
  return <Method extends Copier<Payload>>(
    prototype: object,
    method: string,
    _descriptor: TypedPropertyDescriptor<Method>,
  ): void => {
    const fill = { method, snapshot: snapshot as unknown as Snapshot };
    declared.set(prototype, [...(declared.get(prototype) ?? []), fill]);
  };
}

interface Fill {
  snapshot: Snapshot;
  copiers: Copier<unknown>[];
}

/** Where a service hears that an operator wants its copies filled anew. */
export const refillSubject = (schema: string): string => `refill.${schema}`;
/** Copies of all workspaces at once. */
const everyWorkspace = '00000000-0000-0000-0000-000000000000';
const retryMilliseconds = [500, 2000, 10_000, 60_000];

/** Fills a service's copies from their owners' snapshots, while its consumers already run, and retries parked events that an operator asked for. */
@Injectable()
export class FillRuntime implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #fills = new Map<string, Fill>();
  readonly #stop = new AbortController();
  readonly #log: ServiceLog;
  readonly #schema: string;
  #words: Subscription[] = [];
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly subscriptions: SubscriptionRuntime,
    @Inject(SERVICE_NAME) service: ServiceName,
    @Inject(CONNECTION) private readonly connection: NatsConnection,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLIENT) private readonly client: OperationClient,
  ) {
    this.#schema = roleOf(service);
    this.#log = new ServiceLog(service, 'Copies');
  }

  onApplicationBootstrap(): void {
    for (const { instance } of this.discovery.getProviders().concat(this.discovery.getControllers())) {
      if (!instance || typeof instance !== 'object') continue;
      for (const { method, snapshot } of declared.get(Object.getPrototypeOf(instance) as object) ?? []) {
        const fill = this.#fills.get(snapshot.id) ?? { snapshot, copiers: [] };
        fill.copiers.push((instance as Record<string, Copier<unknown>>)[method]?.bind(instance) as Copier<unknown>);
        this.#fills.set(snapshot.id, fill);
      }
    }
    const hear = (subject: string, work: () => Promise<void>) =>
      this.connection.subscribe(subject, { queue: this.#schema, callback: () => this.#schedule(work) });
    this.#words = [
      hear(refillSubject(this.#schema), () => this.#fillUntilDone()),
      hear(parkedSubject(this.#schema), () => this.#retryAsked()),
    ];
    this.#schedule(() => this.#retryAsked());
    this.#schedule(() => this.#fillUntilDone());
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    for (const word of this.#words) word.unsubscribe();
    await this.#running;
  }

  #schedule(work: () => Promise<void>): void {
    this.#running = this.#running.then(work).catch((error: Error) => {
      if (!this.#stop.signal.aborted) this.#log.error({ stack: error.stack }, 'Copies could not be filled');
    });
  }

  /** Fills what is not complete; an owner that is away is waited for. One replica at a time. */
  async #fillUntilDone(): Promise<void> {
    for (let attempt = 0; !this.#stop.signal.aborted; attempt += 1) {
      const missing = await this.#missing();
      if (!missing.length) return;
      const done = await this.#alone(() => this.#fillAll(missing)).catch((error: Error) => {
        // At a start together the owner is often later by a moment.
        const say = attempt < retryMilliseconds.length ? 'info' : 'warn';
        this.#log[say]({ error: error.message }, 'Copies are not complete yet; trying again');
        return false;
      });
      if (done) return;
      const pause = retryMilliseconds[Math.min(attempt, retryMilliseconds.length - 1)];
      await sleep(pause, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
    }
  }

  async #missing(): Promise<Fill[]> {
    const { rows } = await this.database.systemPool.query<{ snapshot: string }>('select snapshot from filled_copy');
    return [...this.#fills.values()].filter(({ snapshot }) => !rows.some((row) => row.snapshot === snapshot.id));
  }

  /** @returns false when another replica is at it */
  async #alone(work: (client: PoolClient) => Promise<void>): Promise<boolean> {
    const client = await this.database.systemPool.connect();
    try {
      const lock = "hashtext('copies'), hashtext($1)";
      const { rows } = await client.query<{ held: boolean }>(`select pg_try_advisory_lock(${lock}) as held`, [
        this.#schema,
      ]);
      if (!rows[0]?.held) return false;
      await work(client).finally(() => client.query(`select pg_advisory_unlock(${lock})`, [this.#schema]));
      return true;
    } finally {
      client.release();
    }
  }

  async #fillAll(missing: readonly Fill[]): Promise<void> {
    const overall = [...this.#fills.values()].find(({ snapshot }) => snapshot.acrossWorkspaces);
    if (!overall) throw new Error('A service that copies must copy workspaces: there is no other list of them.');
    for await (const workspaces of this.#pages(overall.snapshot, null)) {
      for (const workspace of workspaces) {
        if (missing.includes(overall)) await this.#copy(overall, workspace.id, [workspace]);
        for (const fill of missing)
          if (fill !== overall)
            for await (const states of this.#pages(fill.snapshot, workspace.id))
              await this.#copy(fill, workspace.id, states);
      }
    }
    await this.database.systemPool.query(
      'insert into filled_copy (workspace_id, snapshot) select $1, unnest($2::text[]) on conflict do nothing',
      [everyWorkspace, missing.map(({ snapshot }) => snapshot.id)],
    );
  }

  async *#pages(snapshot: Snapshot, workspace: string | null): AsyncGenerator<AggregateState[]> {
    let after: string | undefined;
    do {
      this.#stop.signal.throwIfAborted();
      const { data, next } = await this.client.callAsSelf(snapshot, { after }, workspace);
      yield data;
      after = next ?? undefined;
    } while (after);
  }

  async #copy({ snapshot, copiers }: Fill, workspace: string, states: readonly AggregateState[]): Promise<void> {
    const aggregate = aggregateOf(snapshot.of.id);
    const consumer = this.#consumerOf(`${this.#schema}--${snapshot.of.id.split('.')[0]}`);
    await consumer?.fill(
      workspace,
      aggregate,
      states.map(({ id, seq, after, is, deleted }) => ({
        id,
        seq,
        copy: (em) =>
          this.subscriptions.asService(em, workspace, snapshot.id, async (context) => {
            for (const copier of copiers)
              await copier({ seq, data: { after, is: is as AccessFacts | null }, deleted }, context);
          }),
      })),
    );
  }

  #consumerOf(name: string): EventConsumer | undefined {
    return this.subscriptions.consumers.find((consumer) => consumer.name === name);
  }

  /** Parked events of an aggregate are retried together, their copy filled first where something is missing. */
  async #retryAsked(): Promise<void> {
    const { rows } = await this.database.systemPool.query<InboxKey>(
      'select distinct workspace_id, consumer, aggregate, aggregate_id from parked_event where retry_at is not null',
    );
    for (const key of rows) {
      const { workspace_id: workspace, aggregate, aggregate_id: id } = key;
      const consumer = this.#consumerOf(key.consumer);
      const fill = [...this.#fills.values()].find(
        ({ snapshot }) =>
          aggregateOf(snapshot.of.id) === aggregate && key.consumer.endsWith(`--${snapshot.of.id.split('.')[0]}`),
      );
      // Without its owner it is tried as it is.
      const known = fill && (await this.client.callAsSelf(fill.snapshot, { ids: [id] }, workspace).catch(() => null));
      if (fill && known?.data.length) await this.#copy(fill, workspace, known.data);
      else await consumer?.release(key);
    }
  }
}
