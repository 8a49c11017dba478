import { connect } from '@nats-io/transport-node';
import { type NatsConnection } from '@nats-io/nats-core';
import { roleOf, serviceUrl } from '@sportello/persistence';
import { existsSync, readFileSync } from 'node:fs';
import { Pool } from 'pg';
import { migrationFolders } from '../migrate/migrations.ts';
import { inRun } from '../up/paths.ts';
import { type Ports } from '../up/ports.ts';
import { secretKey, serviceSettings } from '../up/settings.ts';

/** A running desk as an operator's command reaches it: as its services' own system roles, with no right beyond theirs. */
export interface Desk {
  services: string[];
  /** The system role of a service. */
  poolOf(service: string): Pool;
  schemaOf(service: string): string;
  /** Null while the bus does not answer: what was asked for then waits for the service's next start. */
  bus: NatsConnection | null;
  close(): Promise<void>;
}

/** Where it is: as the services are told by the environment, else the desk that `npm run up` runs here. */
function settings(): Record<string, string | undefined> {
  if (process.env['DATABASE_URL']) return process.env;
  const ports = inRun('ports.json');
  if (!existsSync(ports)) throw new Error('No desk runs here, and DATABASE_URL, SECRET_KEY and NATS_URL are not set.');
  return serviceSettings(JSON.parse(readFileSync(ports, 'utf8')) as Ports, secretKey());
}

/** Connects to the desk. */
export async function openDesk(): Promise<Desk> {
  const { DATABASE_URL: url = '', SECRET_KEY: secret = '', NATS_URL: servers = '' } = settings();
  const pools = new Map<string, Pool>();
  const bus = await connect({ servers, timeout: 3000, maxReconnectAttempts: 0 }).catch(() => null);
  return {
    services: migrationFolders().map(({ service }) => service),
    poolOf: (service) => {
      const pool =
        pools.get(service) ?? new Pool({ connectionString: serviceUrl(url, secret, service, 'system'), max: 1 });
      pools.set(service, pool);
      return pool;
    },
    schemaOf: roleOf,
    bus,
    close: async () => {
      await bus?.drain();
      await Promise.all([...pools.values()].map((pool) => pool.end()));
    },
  };
}

/** Asks again and again until there is an answer, or ten seconds are over. */
export async function waitFor<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return undefined;
}
