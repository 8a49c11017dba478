import {
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { connect } from '@nats-io/transport-node';
import { type NatsConnection, type Subscription } from '@nats-io/nats-core';
import { systemClock, systemRandom, type Clock, type ServiceName } from '@sportello/kernel';
import { openStorage, type Storage } from '@sportello/storage';
import { ActorSigner, ActorVerifier, type EpochRise } from './actors.js';
import { OperationClient } from './client.js';
import { readConfig, type Config } from './config.js';
import { CLIENT, CLOCK, CONFIG, CONNECTION, RANDOM, SERVICE_NAME, SIGNER, STORAGE, VERIFIER } from './tokens.js';

/** Where identity tells that somebody's epoch rose. Core NATS: a lost message is covered by the token's 60 s. */
const epochSubject = 'identity.epoch-raised';

/** What every process on the bus has: settings, connection, storage, keys, and a client for the others' operations. */
@Module({})
export class BusModule implements OnApplicationBootstrap, OnApplicationShutdown {
  #epochs: Subscription | null = null;

  constructor(
    @Inject(CONNECTION) private readonly connection: NatsConnection,
    @Inject(VERIFIER) private readonly verifier: ActorVerifier,
  ) {}

  static forService(name: ServiceName): DynamicModule {
    const providers = [
      { provide: SERVICE_NAME, useValue: name },
      { provide: CLOCK, useValue: systemClock },
      { provide: RANDOM, useValue: systemRandom },
      { provide: CONFIG, useFactory: () => readConfig(process.env) },
      {
        provide: CONNECTION,
        inject: [CONFIG],
        useFactory: (config: Config) =>
          connect({ servers: config.NATS_URL, name, maxReconnectAttempts: -1, waitOnFirstConnect: true }),
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
    ];
    return { module: BusModule, global: true, providers, exports: providers.map(({ provide }) => provide) };
  }

  onApplicationBootstrap(): void {
    this.#epochs = this.connection.subscribe(epochSubject, {
      callback: (error, message) => {
        if (!error) this.verifier.raise(message.json<EpochRise>());
      },
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#epochs?.unsubscribe();
    await this.connection.drain();
  }
}
