import {
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type BeforeApplicationShutdown,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { type EntitySchema } from '@mikro-orm/postgresql';
import { type NatsConnection } from '@nats-io/nats-core';
import { type ServiceName } from '@sportello/kernel';
import { OutboxRelay } from '@sportello/messaging';
import { openDatabase, roleOf, serviceUrl, type Database } from '@sportello/persistence';
import { AccessBarrier } from './barrier.js';
import { BusModule } from './bus.module.js';
import { type Config } from './config.js';
import { type SightFinder } from './context.js';
import { FillRuntime } from './fills.js';
import { HealthController } from './health.controller.js';
import { jobController, JobRuntime, type JobParts } from './jobs.js';
import { ServiceLog } from './logging.js';
import { OperationRuntime } from './operations.js';
import { SubscriptionRuntime } from './subscriptions.js';
import { CONFIG, CONNECTION, DATABASE, JOBS, RELAY, SERVICE_NAME, SIGHT } from './tokens.js';

/** What differs from one service to the next. */
export interface ServiceParts {
  name: ServiceName;
  entities: EntitySchema[];
  /** The folder of its migrations: it starts once the database has them. */
  migrations?: string;
  /** How an actor's grants are found; services whose records are not guarded have none. */
  sight?: SightFinder | null;
  /** Of a service that has jobs. */
  jobs?: JobParts | null;
}

/** What a service with a database has on top of the bus: its roles, outbox, and the runtimes of its operations and subscriptions. */
@Module({})
export class ServiceModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(RELAY) private readonly relay: OutboxRelay,
    @Inject(CONNECTION) private readonly connection: NatsConnection,
    @Inject(SERVICE_NAME) private readonly name: ServiceName,
  ) {}

  /** The module for one service, to be imported by its `AppModule`. */
  static forService({ name, entities, migrations, sight = null, jobs = null }: ServiceParts): DynamicModule {
    const providers = [
      { provide: SIGHT, useValue: sight },
      { provide: JOBS, useValue: jobs },
      {
        provide: DATABASE,
        inject: [CONFIG],
        useFactory: ({ DATABASE_URL: databaseUrl, SECRET_KEY: secretKey }: Config) =>
          openDatabase({ service: name, databaseUrl, secretKey, entities, migrations }),
      },
      {
        provide: RELAY,
        inject: [CONFIG, CONNECTION, DATABASE],
        useFactory: (config: Config, connection: NatsConnection, database: Database) => {
          return new OutboxRelay({
            connection,
            schema: roleOf(name),
            systemUrl: serviceUrl(config.DATABASE_URL, config.SECRET_KEY, name, 'system'),
            systemPool: database.systemPool,
            log: new ServiceLog(name, 'Relay'),
          });
        },
      },
      JobRuntime,
      AccessBarrier,
      OperationRuntime,
      SubscriptionRuntime,
      FillRuntime,
    ];
    return {
      module: ServiceModule,
      global: true,
      imports: [BusModule.forService(name), DiscoveryModule, TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController, ...(jobs ? [jobController(jobs)] : [])],
      providers,
      exports: [...providers.map((provider) => ('provide' in provider ? provider.provide : provider)), DiscoveryModule],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    // Answers the gateway's health question: whoever answers has its database and its keys.
    this.connection.subscribe(`health.${this.name}`, {
      queue: this.name,
      callback: (_error, message) => void message.respond('ok'),
    });
    await this.relay.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.relay.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
