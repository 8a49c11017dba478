import { type EventDefinition } from '@sportello/kernel';

/** What all rows that MikroORM writes have: their tenant and a number that rises with each event of the aggregate. */
export interface Aggregate {
  workspaceId: string;
  id: string;
  /** Of the last event; also the version that a client sees. */
  seq: number;
}

/** An event that an entity recorded and the flush has yet to write. */
export interface RecordedEvent {
  event: EventDefinition;
  seq: number;
  payload: object;
  changed: readonly string[];
  /** Concerns only an internal thread: never for customers. */
  internal: boolean;
}

// A WeakMap and not a private field: MikroORM makes loaded entities without the constructor, so private fields are missing on them.
const recorded = new WeakMap<object, RecordedEvent[]>();

/**
 * Records that something happened to an aggregate. The outbox row is written by the flush of the same transaction; a rolled-back command
 * leaves no event.
 */
export function record<Payload extends object>(
  aggregate: Aggregate,
  event: EventDefinition<Payload>,
  payload: Payload,
  { changed = [], internal = false }: { changed?: readonly string[]; internal?: boolean } = {},
): void {
  aggregate.seq += 1;
  const events = recorded.get(aggregate) ?? [];
  recorded.set(aggregate, [...events, { event, seq: aggregate.seq, payload, changed, internal }]);
}

/** The events an entity recorded since the last call. */
export function takeRecorded(aggregate: object): RecordedEvent[] {
  const events = recorded.get(aggregate) ?? [];
  recorded.delete(aggregate);
  return events;
}

/** The same without taking them: for tests of entities. */
export function recordedEvents(aggregate: object): readonly RecordedEvent[] {
  return recorded.get(aggregate) ?? [];
}
