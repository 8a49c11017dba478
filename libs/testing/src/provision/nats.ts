import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { findProgram, hasDebianPackages, unpackDebianPackages } from './debian-packages.ts';
import { dockerEngineAnswers } from './docker-engine.ts';
import { freePort } from './free-port.ts';
import { ProvisionFailure } from './provision-failure.ts';
import { startDetached, startGuarded, type ServerProcess } from './server-process.ts';

/** A running nats-server with JetStream. */
export interface Nats {
  url: string;
  port: number;
  /** Zero where it runs in a container. */
  pid: number;
  stop(): Promise<void>;
}

export interface NatsOptions {
  /** Where its streams, its configuration and its log go. Made when absent. */
  dir: string;
  /** By default one that is free. */
  port?: number;
  /** True: outlives this process and keeps its streams. False: ends with this process, streams deleted by `stop`. */
  persistent: boolean;
  /** By default what `ensureNatsServer` finds. Given, no container is used. */
  binary?: string;
  /** Told the process as soon as it is there, ready or not: who must be able to end it can note it at once. */
  onSpawn?: (pid: number) => void;
}

const ATTEMPTS = 3;

/**
 * Starts nats-server (2.9 or later) with JetStream on 127.0.0.1 and returns when it takes connections: for tests in a
 * container where a Docker engine answers, else the local program. Throws `ProvisionFailure`.
 */
export async function startNats(options: NatsOptions): Promise<Nats> {
  if (!options.persistent && !options.binary && !process.env['NATS_SERVER'] && (await dockerEngineAnswers())) {
    const container = await startNatsContainer().catch((error: Error) => {
      process.stderr.write(`NATS in a container did not start (${error.message}); using the local one.\n`);
      return undefined;
    });
    if (container) return container;
  }
  const binary = options.binary ?? (await ensureNatsServer());
  const dir = resolve(options.dir);
  await mkdir(dir, { recursive: true });
  const logFile = join(dir, 'nats.log');
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const configFile = join(dir, 'nats.conf');
    const name = `sportello-${randomUUID()}`;
    await writeFile(configFile, configuration(name, port, dir));
    const server = (options.persistent ? startDetached : startGuarded)({
      command: binary,
      args: ['-c', configFile],
      logFile,
    });
    options.onSpawn?.(server.pid);
    if (await ready(server, name, port)) {
      const stop = async () => {
        await server.stop();
        if (!options.persistent) await rm(dir, { recursive: true, force: true });
      };
      return { url: `nats://127.0.0.1:${port}`, port, pid: server.pid, stop };
    }
    const log = await readFile(logFile, 'utf8').catch(() => '');
    const taken = log.includes('address already in use');
    if (!options.port && taken && attempt < ATTEMPTS) continue;
    throw new ProvisionFailure(
      taken
        ? `Port ${port}, meant for nats-server, is taken.`
        : `nats-server did not start:\n${log.trim().split('\n').slice(-3).join('\n')}`,
      taken ? 'End the program that uses it, or name another port.' : `Its log is ${logFile}`,
    );
  }
}

/**
 * The path of a nats-server: the one named by NATS_SERVER, that on PATH, or Debian's package unpacked into
 * `.run/packages` (fetched on first use, 4 MB; nothing is installed). Throws `ProvisionFailure` with the one command that helps.
 */
export async function ensureNatsServer(runDir = '.run'): Promise<string> {
  const named = process.env['NATS_SERVER'];
  if (named && !existsSync(named))
    throw new ProvisionFailure(`NATS_SERVER names ${named}, which is not there.`, 'Correct NATS_SERVER, or unset it.');
  const found = named ?? findProgram('nats-server');
  if (found) return found;

  const unpacked = resolve(runDir, 'packages', 'nats-server');
  const remedy = hasDebianPackages() ? 'sudo apt-get install nats-server' : 'brew install nats-server';
  if (hasDebianPackages()) {
    await mkdir(resolve(runDir, 'packages'), { recursive: true });
    await unpackDebianPackages(['nats-server'], unpacked).catch((error: Error) => {
      throw new ProvisionFailure('nats-server is missing and could not be fetched.', remedy, { cause: error });
    });
    const program = ['usr/sbin', 'usr/bin'].map((place) => join(unpacked, place, 'nats-server')).find(existsSync);
    if (program) return program;
  }
  throw new ProvisionFailure('nats-server is missing.', remedy);
}

// The bus carries at most 512 kB; 1 MB is the server's own limit, written down so that it is the same everywhere.
function configuration(name: string, port: number, dir: string): string {
  return [
    `server_name: ${name}`,
    'host: 127.0.0.1',
    `port: ${port}`,
    'max_payload: 1MB',
    `jetstream { store_dir: ${JSON.stringify(join(dir, 'jetstream'))}, max_mem: 64MB, max_file: 4GB }`,
    '',
  ].join('\n');
}

/** Waits for this server's own greeting (another may hold the port); false when it ended instead. */
async function ready(server: ServerProcess, name: string, port: number): Promise<boolean> {
  while (server.alive()) {
    if ((await greeting(port)).includes(`"${name}"`)) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}

function greeting(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (said: string) => {
      socket.destroy();
      resolve(said);
    };
    socket.once('data', (said) => end(said.toString()));
    socket.once('error', () => end(''));
    socket.setTimeout(500, () => end(''));
  });
}

async function startNatsContainer(): Promise<Nats> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const started = await new GenericContainer('nats:2.11-alpine')
    .withCommand(['-js'])
    .withExposedPorts(4222)
    .withWaitStrategy(Wait.forLogMessage(/Server is ready/))
    .start();
  const port = started.getMappedPort(4222);
  return { url: `nats://${started.getHost()}:${port}`, port, pid: 0, stop: async () => void (await started.stop()) };
}
