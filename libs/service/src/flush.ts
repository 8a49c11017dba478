import { declaredOnly, uuidv7, type RandomBytes } from '@sportello/kernel';
import { eventSubject, writeOutbox, type EventActor, type OutboxEvent } from '@sportello/messaging';
import { takeRecorded, type Aggregate } from '@sportello/persistence';
import { type EntityManager } from '@mikro-orm/postgresql';
import { personOf, type AccessFacts, type Actor } from '@sportello/permissions';
import { factsBefore, type Guarded } from './context.js';

/**
 * Writes everything of a transaction at once: changed rows, then the outbox rows of the events that the entities recorded.
 * @returns how many events there were
 */
export async function flushWithEvents(
  em: EntityManager,
  actor: Actor,
  now: Date,
  random: RandomBytes,
): Promise<number> {
  const work = em.getUnitOfWork();
  const touched = new Set<object>([
    ...work.getIdentityMap().values(),
    ...work.getPersistStack(),
    ...work.getRemoveStack(),
  ]);
  const events: OutboxEvent[] = [];
  for (const entity of touched) {
    const aggregate = entity as Aggregate & Partial<Guarded>;
    for (const { event, seq, payload, changed, internal } of takeRecorded(aggregate)) {
      const is: AccessFacts | null = aggregate.accessFacts?.() ?? null;
      const customer = internal || !event.customerPayload ? null : declaredOnly(event.customerPayload, payload);
      events.push({
        subject: eventSubject(event, aggregate.workspaceId),
        envelope: {
          specversion: '1.0',
          id: uuidv7(now, random),
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
  await writeOutbox(em, events);
  return events.length;
}

function actorOf(actor: Actor): EventActor | null {
  const person = personOf(actor);
  if (person) return person;
  return actor.kind === 'service' ? { kind: 'service', service: actor.service } : null;
}
