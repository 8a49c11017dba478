import { setTimeout as sleep } from 'node:timers/promises';
import { jetstreamManager, type ConsumerInfo } from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/nats-core';
import { streamName } from './stream.js';

/** What a durable consumer is described as that copies who may see what: so nobody needs a list of the services that do. */
export const accessReader = 'copies who may see what';

/** How long a command that takes sight away waits for others to apply it, and how long an open browser does. */
export const barrierMilliseconds = 1000;
const pollMilliseconds = 10;

/**
 * Waits until everybody who copies an owner's access facts has handled its events up to a place in the stream.
 * @param reader only this service
 * @returns false when somebody has not, after `barrierMilliseconds`
 */
export async function accessApplied(
  connection: NatsConnection,
  owner: string,
  sequence: number,
  reader?: string,
): Promise<boolean> {
  const manager = await jetstreamManager(connection);
  const end = performance.now() + barrierMilliseconds;
  const isBehind = ({ config, ack_floor: done, num_pending: coming, num_ack_pending: inHand }: ConsumerInfo) =>
    config.description === accessReader &&
    config.filter_subject === `evt.${owner}.>` &&
    (reader === undefined || config.durable_name === `${reader}--${owner}`) &&
    done.stream_seq < sequence &&
    coming + inHand > 0;
  for (;;) {
    let behind = false;
    for await (const consumer of manager.consumers.list(streamName)) behind ||= isBehind(consumer);
    if (!behind) return true;
    if (performance.now() > end) return false;
    await sleep(pollMilliseconds);
  }
}
