import { type EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable, type OnApplicationBootstrap, type BeforeApplicationShutdown } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { type NatsConnection } from '@nats-io/nats-core';
import { type Clock, type EventDefinition, type RandomBytes, type ServiceName } from '@sportello/kernel';
import { EventConsumer, type EventEnvelope, type OutboxRelay, type Subscription } from '@sportello/messaging';
import { type AccessFacts } from '@sportello/permissions';
import { roleOf, type Database } from '@sportello/persistence';
import { Context, type SightFinder } from './context.js';
import { flushWithEvents } from './flush.js';
import { ServiceLog } from './logging.js';
import { CLOCK, CONNECTION, DATABASE, RANDOM, RELAY, SERVICE_NAME, SIGHT } from './tokens.js';

type EventHandler<Payload> = (event: EventEnvelope<Payload, AccessFacts>, context: Context) => Promise<void>;

interface Declared {
  method: string;
  event: EventDefinition;
  copies: boolean;
}
const declared = new WeakMap<object, Declared[]>();

/**
 * Declares a method as what happens because of an event, in one transaction with the inbox mark. It runs as this service, in the event's
 * workspace.
 * @param copies the method only copies state: the newest event wins and gaps may be skipped
 */
export function On<Payload extends object>(
  event: EventDefinition<Payload>,
  { copies = false }: { copies?: boolean } = {},
) {
  return <Method extends EventHandler<Payload>>(
    prototype: object,
    method: string,
    _descriptor: TypedPropertyDescriptor<Method>,
  ): void => {
    declared.set(prototype, [...(declared.get(prototype) ?? []), { method, event: event as EventDefinition, copies }]);
  };
}

/** Reads events for every `@On` method of a service, one consumer for each service that it listens to. */
@Injectable()
export class SubscriptionRuntime implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly consumers: EventConsumer[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    @Inject(SERVICE_NAME) private readonly service: ServiceName,
    @Inject(CONNECTION) private readonly connection: NatsConnection,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: RandomBytes,
    @Inject(RELAY) private readonly relay: OutboxRelay,
    @Inject(SIGHT) private readonly findSight: SightFinder | null,
  ) {}

  onApplicationBootstrap(): void {
    const byOwner = new Map<string, Subscription[]>();
    for (const wrapper of this.discovery.getProviders().concat(this.discovery.getControllers())) {
      const instance = wrapper.instance as Record<string, EventHandler<unknown>> | undefined;
      if (!instance || typeof instance !== 'object') continue;
      for (const one of declared.get(Object.getPrototypeOf(instance) as object) ?? []) {
        const owner = one.event.id.split('.')[0] as string;
        byOwner.set(owner, [...(byOwner.get(owner) ?? []), this.#subscription(instance, one)]);
      }
    }
    for (const [owner, subscriptions] of byOwner) {
      const consumer = new EventConsumer({
        connection: this.connection,
        orm: this.database.orm,
        service: roleOf(this.service),
        owner,
        subscriptions,
        log: new ServiceLog(this.service, 'Events'),
      });
      this.consumers.push(consumer);
      consumer.start();
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
  }

  #subscription(instance: Record<string, EventHandler<unknown>>, { method, event, copies }: Declared): Subscription {
    return {
      event: event.id,
      copies,
      access: event.access.length > 0,
      handle: (envelope, em) =>
        this.asService(em, envelope.workspace, envelope.id, (context) =>
          (instance[method] as EventHandler<unknown>).call(
            instance,
            envelope as EventEnvelope<unknown, AccessFacts>,
            context,
          ),
        ),
    };
  }

  /** Runs work as this service in a workspace, in the transaction of `em`, and flushes once. @returns what to do after the commit */
  async asService(
    em: EntityManager,
    workspace: string,
    requestId: string,
    work: (context: Context) => Promise<void>,
  ): Promise<() => void> {
    const now = this.clock.now();
    const actor = { kind: 'service' as const, service: this.service, workspace, onBehalfOf: null };
    const context = new Context({
      actor,
      now,
      em,
      random: this.random,
      requestId,
      permission: 'service.only',
      findSight: this.findSight,
      ifMatch: null,
      readOnly: false,
    });
    await work(context);
    const { events } = await flushWithEvents(em, actor, now, this.random);
    return () => {
      context.committed();
      if (events) this.relay.wake();
    };
  }
}
