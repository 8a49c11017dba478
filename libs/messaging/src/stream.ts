import { jetstreamManager, JetStreamApiError, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/nats-core';

/** The one stream of events. */
export const streamName = 'EVENTS';
const retention = 7 * 86_400 * 1e9;
/** Errors of the JetStream API that mean "made by somebody else this very moment". */
const streamNameInUse = 10058;

/** What tells one life of the stream from the next. */
export interface StreamState {
  /**
   * The stream's creation time in milliseconds. It rises when the stream is made anew and everybody reads the same, without a store of its
   * own (a counter in the key-value store would be wiped together with the stream).
   */
  epoch: number;
  lastSequence: number;
}

/** Makes the stream unless it is there, and tells its state. */
export async function ensureStream(connection: NatsConnection): Promise<StreamState> {
  const manager = await jetstreamManager(connection);
  return stateOf(await infoOrCreate(manager));
}

async function infoOrCreate(manager: JetStreamManager): Promise<StreamInfo> {
  try {
    return await manager.streams.info(streamName);
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.status !== 404) throw error;
  }
  try {
    return await manager.streams.add({
      name: streamName,
      subjects: ['evt.>'],
      max_age: retention,
      duplicate_window: 120 * 1e9,
    });
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === streamNameInUse) return manager.streams.info(streamName);
    throw error;
  }
}

function stateOf(info: StreamInfo): StreamState {
  return { epoch: new Date(info.created).getTime(), lastSequence: info.state.last_seq };
}
