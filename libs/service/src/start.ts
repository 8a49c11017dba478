import 'reflect-metadata';
import { type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type ServiceName } from '@sportello/kernel';
import { readConfig, type Config } from './config.js';
import { processLogger } from './logging.js';
import { CONFIG, SERVICE_NAME } from './tokens.js';

/** A service that runs. */
export interface RunningService {
  app: NestFastifyApplication;
  /** Finishes what is in hand and closes every connection. */
  stop(): Promise<void>;
}

/**
 * Starts a service: its operations on NATS (queue group = service), its probes on `HEALTH_PORT` where that is set. `main.ts` of every
 * service is this one call.
 * @throws Error when a setting is missing or the database role could bypass tenant isolation; the process must not go on
 */
export async function startService(module: Type<unknown>): Promise<RunningService> {
  const app = await createService(module);
  const config = app.get<Config>(CONFIG);
  await app.startAllMicroservices();
  if (config.HEALTH_PORT === undefined) await app.init();
  else await app.listen(config.HEALTH_PORT, config.HOST ?? '127.0.0.1');
  return { app, stop: () => app.close() };
}

/** The application, connected but not yet listening: the gateway and tests add to it before they start. */
export async function createService(module: Type<unknown>): Promise<NestFastifyApplication> {
  const { LOG_LEVEL, NATS_URL } = readConfig(process.env);
  const logger = processLogger(LOG_LEVEL);
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
    logger,
    abortOnError: false,
  });
  app.enableShutdownHooks();
  const service = app.get<ServiceName>(SERVICE_NAME);
  app.connectMicroservice<MicroserviceOptions>(
    {
      transport: Transport.NATS,
      options: { servers: [NATS_URL], queue: service, name: `${service} operations`, maxReconnectAttempts: -1 },
    },
    { inheritAppConfig: true },
  );
  return app;
}
