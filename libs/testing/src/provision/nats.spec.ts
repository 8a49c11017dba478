import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureNatsServer, startNats, type Nats } from './nats.ts';

let running: Nats | undefined;
let home: string | undefined;

async function aDirectory(): Promise<string> {
  home = await mkdtemp(join(tmpdir(), 'sportello-nats-'));
  return join(home, 'nats');
}

afterEach(async () => {
  await running?.stop();
  if (home) await rm(home, { recursive: true, force: true });
});

describe('startNats', () => {
  it('answers requests and has JetStream', async () => {
    running = await startNats({ dir: await aDirectory(), persistent: false });
    const connection = await connect({ servers: running.url });
    connection.subscribe('ping', { callback: (_error, message) => void message.respond('pong') });
    expect((await connection.request('ping')).string()).toBe('pong');

    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'EVENTS', subjects: ['evt.>'] });
    expect((await manager.streams.info('EVENTS')).config.subjects).toEqual(['evt.>']);
    await connection.close();
  });

  it('given persistent, keeps its streams from one start to the next', async () => {
    const dir = await aDirectory();
    for (const expected of [1, 2]) {
      running = await startNats({ dir, persistent: true });
      const connection = await connect({ servers: running.url });
      const manager = await jetstreamManager(connection);
      await manager.streams.add({ name: `EVENTS_${expected}`, subjects: [`evt${expected}.>`] });
      expect(await manager.streams.list().next()).toHaveLength(expected);
      await connection.close();
      await running.stop();
    }
  });

  it('given a port that is taken, says so', async () => {
    running = await startNats({ dir: await aDirectory(), persistent: false });
    const second = startNats({ dir: join(home as string, 'second'), port: running.port, persistent: false });
    await expect(second).rejects.toMatchObject({ message: expect.stringContaining(`Port ${running.port}`) });
  });
});

describe('ensureNatsServer', () => {
  it('given a NATS_SERVER that is not there, says what to correct', async () => {
    process.env['NATS_SERVER'] = '/nowhere/nats-server';
    try {
      await expect(ensureNatsServer()).rejects.toMatchObject({ remedy: expect.stringContaining('NATS_SERVER') });
    } finally {
      delete process.env['NATS_SERVER'];
    }
  });
});
