import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Type } from '@nestjs/common';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { connect } from '@nats-io/transport-node';
import { type NatsConnection } from '@nats-io/nats-core';
import { systemClock, systemRandom, uuidv7, type Operation } from '@sportello/kernel';
import { type Actor, type CustomerActor, type UserActor } from '@sportello/permissions';
import { ActorSigner, createService, OperationClient, type CallOptions } from '@sportello/service';
import { openStorage, type Storage } from '@sportello/storage';
import { Client } from 'pg';
import { createTestDatabase, testSecret, type TestDatabase } from './database.js';
import { startNats } from './provision/index.js';

/** Services that run for one test file: real PostgreSQL, real NATS, real calls. */
export interface World {
  database: TestDatabase;
  connection: NatsConnection;
  storage: Storage;
  apps: NestFastifyApplication[];
  /** Runs SQL as the owner, past row-level security. */
  sql<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Calls operations as somebody. */
  as(actor: Actor): Caller;
  /** Starts one more replica of a service. */
  start(module: Type<unknown>): Promise<NestFastifyApplication>;
  stop(): Promise<void>;
}

/** Calls operations as one actor over the bus. */
export interface Caller {
  call<Input extends object, Output extends object>(
    operation: Operation<Input, Output>,
    input: Input,
    options?: Omit<CallOptions, 'actorToken'>,
  ): Promise<Output>;
}

/** Starts services on a database and a broker of their own. */
export async function startWorld(modules: Type<unknown>[], settings: Record<string, string> = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'sportello-test-'));
  const [database, nats] = await Promise.all([
    createTestDatabase(),
    startNats({ dir: join(folder, 'nats'), persistent: false }),
  ]);
  Object.assign(process.env, {
    DATABASE_URL: database.serviceUrl,
    NATS_URL: nats.url,
    STORAGE_URL: `file://${folder}/files`,
    PUBLIC_URL: 'http://127.0.0.1:8080',
    MAIL_DOMAIN: 'sportello.test',
    SECRET_KEY: testSecret,
    LOG_LEVEL: 'warn',
    ...settings,
  });
  const connection = await connect({ servers: nats.url });
  const storage = await openStorage(`file://${folder}/files`);
  const owner = new Client({ connectionString: database.ownerUrl });
  await owner.connect();
  const apps: NestFastifyApplication[] = [];

  const start = async (module: Type<unknown>) => {
    const app = await createService(module);
    await app.startAllMicroservices();
    await app.init();
    apps.push(app);
    return app;
  };
  for (const module of modules) await start(module);

  return {
    database,
    connection,
    storage,
    apps,
    start,
    sql: async <Row extends object>(text: string, values: unknown[] = []) =>
      (await owner.query(text, values)).rows as Row[],
    as: (actor) => ({
      call: async (operation, input, options = {}) => {
        const issuer = actor.kind === 'service' ? actor.service : actor.kind === 'visitor' ? 'gateway' : 'identity';
        const signer = new ActorSigner(testSecret, issuer, systemClock);
        const client = new OperationClient(connection, storage, signer);
        return client.call(operation, input, { ...options, actorToken: await signer.sign(actor) });
      },
    }),
    stop: async () => {
      for (const app of apps) await app.close();
      await owner.end();
      await connection.close();
      await nats.stop();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A fresh id. */
export const newId = (): string => uuidv7(new Date(), systemRandom);

/** A user of a workspace: an administrator unless said otherwise. */
export function aUser(workspace: string, given: Partial<UserActor> = {}): UserActor {
  const everything = { role: 'administrator', flags: ['publish', 'reply', 'edit-messages', 'manage-macros'] } as const;
  return {
    kind: 'user',
    id: newId(),
    workspace,
    ...everything,
    teams: [],
    apps: ['tickets'],
    scopes: null,
    epoch: 1,
    ...given,
  };
}

/** A customer of a workspace. */
export function aCustomer(workspace: string, given: Partial<CustomerActor> = {}): CustomerActor {
  return { kind: 'customer', id: newId(), workspace, organization: null, apps: ['tickets'], epoch: 1, ...given };
}

const patience = 30_000;

/** Tries until it passes: for what follows by an event. Half a minute is no promise of speed but the patience of a busy machine. */
export async function eventually<T>(attempt: () => Promise<T> | T): Promise<T> {
  const end = Date.now() + patience;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }
}
