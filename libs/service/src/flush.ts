import { changesAccess, declaredOnly, uuidv7, type RandomBytes } from '@sportello/kernel';
import {
  eventSubject,
  maxEventBytes,
  writeOutbox,
  type EventActor,
  type EventEnvelope,
  type EventJob,
  type OutboxEvent,
} from '@sportello/messaging';
import { takeRecorded, type Aggregate } from '@sportello/persistence';
import { type EntityManager } from '@mikro-orm/postgresql';
import { personOf, type AccessFacts, type Actor } from '@sportello/permissions';
import { factsBefore, type Guarded } from './context.js';

/** The chunk of a job that a transaction carries out: its events of one kind go out as one. */
export interface JobChunk extends EventJob {
  /** How many went before. */
  number: number;
}

/** What a transaction told: how many events, and the ids of those that change who may see what. */
export interface Flushed {
  events: number;
  access: string[];
}

/** Writes everything of a transaction at once: changed rows, then the outbox rows of the events that the entities recorded. */
export async function flushWithEvents(
  em: EntityManager,
  actor: Actor,
  now: Date,
  random: RandomBytes,
  chunk: JobChunk | null = null,
): Promise<Flushed> {
  const work = em.getUnitOfWork();
  const touched = new Set<object>([
    ...work.getIdentityMap().values(),
    ...work.getPersistStack(),
    ...work.getRemoveStack(),
  ]);
  const events: { subject: string; envelope: EventEnvelope }[] = [];
  const access: string[] = [];
  for (const entity of touched) {
    const aggregate = entity as Aggregate & Partial<Guarded>;
    for (const { event, seq, payload, changed, internal } of takeRecorded(aggregate)) {
      const is: AccessFacts | null = aggregate.accessFacts?.() ?? null;
      const id = uuidv7(now, random);
      if (changesAccess(event, changed)) access.push(id);
      const customer = internal || !event.customerPayload ? null : declaredOnly(event.customerPayload, payload);
      events.push({
        subject: eventSubject(event, aggregate.workspaceId),
        envelope: {
          specversion: '1.0',
          id,
          source: `sportello/${event.id.split('.')[0]}`,
          type: event.id,
          subject: aggregate.id,
          time: now.toISOString(),
          workspace: aggregate.workspaceId,
          seq,
          actor: actorOf(actor),
          data: {
            after: declaredOnly(event.payload, payload),
            changed,
            was: factsBefore(aggregate),
            is,
            internal,
            customer,
          },
        },
      });
    }
  }
  // eslint-disable-next-line no-restricted-syntax -- the one flush of every transaction
  await em.flush();
  await writeOutbox(em, chunk ? batched(events, chunk) : events);
  return { events: events.length, access };
}

/** Room for what the events of a batch share. */
const sharedBytes = 2048;

/** One event a kind, or a few where one would be larger than may cross the bus. */
function batched(events: readonly { subject: string; envelope: EventEnvelope }[], chunk: JobChunk): OutboxEvent[] {
  const job: EventJob = { id: chunk.id, ends: chunk.ends, undoes: chunk.undoes };
  const batches: OutboxEvent[] = [];
  for (const ofOneKind of Map.groupBy(events, ({ subject }) => subject).values()) {
    let room = 0;
    for (const { subject, envelope } of ofOneKind) {
      const { id, subject: aggregate, seq, data, ...shared } = envelope;
      const own = { id, subject: aggregate, seq, data };
      const bytes = Buffer.byteLength(JSON.stringify(own)) + 1;
      const last = batches.at(-1);
      if (last && 'many' in last.envelope && bytes <= room) {
        last.envelope.many.push(own);
        room -= bytes;
      } else {
        // In the outbox a batch is an event of its job.
        batches.push({
          subject,
          envelope: { ...shared, id, subject: chunk.id, seq: chunk.number + 1, job, many: [own] },
        });
        room = maxEventBytes - sharedBytes - bytes;
      }
    }
  }
  return batches;
}

function actorOf(actor: Actor): EventActor | null {
  const person = personOf(actor);
  if (person) return person;
  return actor.kind === 'service' ? { kind: 'service', service: actor.service } : null;
}
