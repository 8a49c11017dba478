import { type EntityManager } from '@mikro-orm/postgresql';
import { maxEventBytes, type EventBatch, type EventEnvelope } from './envelope.js';

/** One event to be published once its transaction has committed. */
export interface OutboxEvent {
  subject: string;
  envelope: EventEnvelope | EventBatch;
}

/**
 * Writes events into the outbox, in the transaction of `em`.
 * @throws Error when an event is larger than may cross the bus: the command fails as a whole, nothing is half told
 */
export async function writeOutbox(em: EntityManager, events: readonly OutboxEvent[]): Promise<void> {
  if (!events.length) return;
  const rows = events.map(({ subject, envelope }) => {
    const event = JSON.stringify(envelope);
    const bytes = Buffer.byteLength(event);
    if (bytes > maxEventBytes)
      throw new Error(`The event ${envelope.type} has ${bytes} bytes; ${maxEventBytes} are allowed.`);
    return {
      workspace_id: envelope.workspace,
      event_id: envelope.id,
      subject,
      aggregate_id: envelope.subject,
      seq: envelope.seq,
      event,
    };
  });
  await em.getKysely<{ outbox: (typeof rows)[number] }>().insertInto('outbox').values(rows).execute();
}
