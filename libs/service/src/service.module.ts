import {
  Inject,
  Logger,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { type EntitySchema } from '@mikro-orm/postgresql';
import { connect } from '@nats-io/transport-node';
import { type NatsConnection, type Subscription } from '@nats-io/nats-core';
import { systemClock, systemRandom, type Clock, type ServiceName } from '@sportello/kernel';
import { OutboxRelay } from '@sportello/messaging';
import { openDatabase, roleOf, serviceUrl, type Database } from '@sportello/persistence';
import { openStorage, type Storage } from '@sportello/storage';
import { ActorSigner, ActorVerifier, type EpochRise } from './actors.js';
import { OperationClient } from './client.js';
import { readConfig, type Config } from './config.js';
import { type SightFinder } from './context.js';
import { HealthController } from './health.controller.js';
import { OperationRuntime } from './operations.js';
import { SubscriptionRuntime } from './subscriptions.js';
import {
  CLIENT,
  CLOCK,
  CONFIG,
  CONNECTION,
  DATABASE,
  RANDOM,
  RELAY,
  SERVICE_NAME,
  SIGHT,
  SIGNER,
  STORAGE,
  VERIFIER,
} from './tokens.js';

export {
  CLIENT,
  CLOCK,
  CONFIG,
  CONNECTION,
  DATABASE,
  RANDOM,
  RELAY,
  SERVICE_NAME,
  SIGHT,
  SIGNER,
  STORAGE,
  VERIFIER,
} from './tokens.js';

/** Where identity tells that somebody's epoch rose. Core NATS: a lost message is covered by the token's 60 s. */
const epochSubject = 'identity.epoch-raised';

/** What differs from one service to the next. */
export interface ServiceParts {
  name: ServiceName;
  entities: EntitySchema[];
  /** How an actor's grants are found; services whose records are not guarded have none. */
  sight?: SightFinder;
}

/** What every service has: settings, database, bus, storage, keys, and the runtimes of its operations and subscriptions. */
@Module({})
export class ServiceModule implements OnApplicationBootstrap, OnApplicationShutdown {
  #epochs: Subscription | null = null;

  constructor(
    @Inject(CONNECTION) private readonly connection: NatsConnection,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(RELAY) private readonly relay: OutboxRelay,
    @Inject(VERIFIER) private readonly verifier: ActorVerifier,
  ) {}

  /** The module for one service, to be imported by its `AppModule`. */
  static forService({ name, entities, sight = null }: ServiceParts): DynamicModule {
    const providers = [
      { provide: SERVICE_NAME, useValue: name },
      { provide: SIGHT, useValue: sight },
      { provide: CLOCK, useValue: systemClock },
      { provide: RANDOM, useValue: systemRandom },
      { provide: CONFIG, useFactory: () => readConfig(process.env) },
      {
        provide: CONNECTION,
        inject: [CONFIG],
        useFactory: (config: Config) =>
          connect({ servers: config.NATS_URL, name, maxReconnectAttempts: -1, waitOnFirstConnect: true }),
      },
      {
        provide: DATABASE,
        inject: [CONFIG],
        useFactory: ({ DATABASE_URL: databaseUrl, SECRET_KEY: secretKey }: Config) =>
          openDatabase({ service: name, databaseUrl, secretKey, entities }),
      },
      { provide: STORAGE, inject: [CONFIG], useFactory: (config: Config) => openStorage(config.STORAGE_URL) },
      {
        provide: SIGNER,
        inject: [CONFIG, CLOCK],
        useFactory: (config: Config, clock: Clock) => new ActorSigner(config.SECRET_KEY, name, clock),
      },
      {
        provide: VERIFIER,
        inject: [CONFIG, CLOCK],
        useFactory: (config: Config, clock: Clock) => new ActorVerifier(config.SECRET_KEY, clock),
      },
      {
        provide: CLIENT,
        inject: [CONNECTION, STORAGE, SIGNER],
        useFactory: (connection: NatsConnection, storage: Storage, signer: ActorSigner) =>
          new OperationClient(connection, storage, signer),
      },
      {
        provide: RELAY,
        inject: [CONFIG, CONNECTION, DATABASE],
        useFactory: (config: Config, connection: NatsConnection, database: Database) => {
          const logger = new Logger('Relay');
          return new OutboxRelay({
            connection,
            schema: roleOf(name),
            systemUrl: serviceUrl(config.DATABASE_URL, config.SECRET_KEY, name, 'system'),
            systemPool: database.systemPool,
            log: { warn: (details, message) => logger.warn(details, message) },
          });
        },
      },
      OperationRuntime,
      SubscriptionRuntime,
    ];
    return {
      module: ServiceModule,
      global: true,
      imports: [DiscoveryModule, TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController],
      providers,
      exports: providers.map((provider) => ('provide' in provider ? provider.provide : provider)),
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    this.#epochs = this.connection.subscribe(epochSubject, {
      callback: (error, message) => {
        if (!error) this.verifier.raise(message.json<EpochRise>());
      },
    });
    await this.relay.start();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#epochs?.unsubscribe();
    await this.relay.stop();
    await this.connection.drain();
    await this.database.close();
  }
}
