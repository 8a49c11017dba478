import { type EntityManager } from '@mikro-orm/postgresql';
import { aggregateOf, type EventEnvelope } from './envelope.js';

/**
 * What the inbox says of an event before it is handled.
 * - `handle`: it is its turn
 * - `seen`: it, or a later one, was handled
 * - `held`: an earlier one is parked, and now this one too
 * - `gap`: earlier ones have not come
 * - `filled`: neither, but the copy was filled from a snapshot that has them
 * - `unheard`: neither, and nothing else of the aggregate has
 */
export type Admission = 'handle' | 'seen' | 'held' | 'gap' | 'filled' | 'unheard';

/** One aggregate for one consumer. */
export interface InboxKey {
  workspace_id: string;
  consumer: string;
  aggregate: string;
  aggregate_id: string;
}
interface InboxRow extends InboxKey {
  last_seq: number;
  filled_seq: number;
  updated_at: Date;
}
interface ParkedRow extends InboxKey {
  seq: number;
  event: string;
  reason: string;
  retry_at: Date | null;
}
type Tables = { inbox: InboxRow; parked_event: ParkedRow };

/** The aggregate of an event. */
export function keyOf(consumer: string, event: EventEnvelope): InboxKey {
  return { workspace_id: event.workspace, consumer, aggregate: aggregateOf(event.type), aggregate_id: event.subject };
}

/**
 * Asks the inbox, and locks the aggregate's row until the transaction ends: with several replicas the broker does not keep order (207 of
 * 2,000 out of order with three, measured), the lock does.
 * @param skipGaps the handlers copy state, so the newest wins and what lies between may be missing; or an operator has said so
 */
export async function admit(
  em: EntityManager,
  consumer: string,
  event: EventEnvelope,
  skipGaps: boolean,
): Promise<Admission> {
  const key = keyOf(consumer, event);
  const { last_seq: last, filled_seq: filled } = await lock(em, key);
  if (event.seq <= last) return 'seen';
  if (!skipGaps) {
    const earlier = await parkedOf(em, key);
    if (earlier && earlier.seq < event.seq) {
      await park(em, consumer, event, 'waits for an earlier event of the same aggregate');
      return 'held';
    }
    if (event.seq > last + 1) {
      if (event.seq === filled + 1) return 'filled';
      return last || filled || earlier ? 'gap' : 'unheard';
    }
  }
  await mark(em, key, { last_seq: event.seq });
  return 'handle';
}

/**
 * Asks whether a copy may be filled with the state at `seq`, and locks the aggregate. What was handled stays as it was: an event that is on its way still
 * has its effects, and the one after `seq` does not wait for what never comes.
 */
export async function admitState(
  em: EntityManager,
  key: InboxKey,
  seq: number,
): Promise<{ copy: boolean; parked: boolean }> {
  const { last_seq: last } = await lock(em, key);
  const copy = seq >= last;
  if (copy) await mark(em, key, { filled_seq: seq });
  return { copy, parked: (await parkedOf(em, key)) !== undefined };
}

/** Sets an event aside: later ones of the same aggregate wait behind it, everything else goes on. */
export async function park(em: EntityManager, consumer: string, event: EventEnvelope, reason: string): Promise<void> {
  await em
    .getKysely<Tables>()
    .insertInto('parked_event')
    .values({ ...keyOf(consumer, event), seq: event.seq, event: JSON.stringify(event), reason, retry_at: null })
    .onConflict((conflict) =>
      conflict
        .columns(['workspace_id', 'consumer', 'aggregate', 'aggregate_id', 'seq'])
        .doUpdateSet({ reason, retry_at: null }),
    )
    .execute();
}

/** The parked event of an aggregate that must be retried first. */
export async function parkedOf(em: EntityManager, key: InboxKey): Promise<EventEnvelope | undefined> {
  const row = await em
    .getKysely<Tables>()
    .selectFrom('parked_event')
    .select('event')
    .where(sameAs(key))
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
  return row?.event as unknown as EventEnvelope | undefined;
}

/** Takes an event out of the parking, the aggregate locked: none that comes meanwhile is held behind nothing. */
export async function unpark(em: EntityManager, key: InboxKey, seq: number): Promise<void> {
  await lock(em, key);
  await em.getKysely<Tables>().deleteFrom('parked_event').where(sameAs(key)).where('seq', '=', seq).execute();
}

async function lock(em: EntityManager, key: InboxKey): Promise<Pick<InboxRow, 'last_seq' | 'filled_seq'>> {
  return em
    .getKysely<Tables>()
    .insertInto('inbox')
    .values({ ...key, last_seq: 0, filled_seq: 0, updated_at: new Date() })
    .onConflict((conflict) =>
      conflict
        .columns(['workspace_id', 'consumer', 'aggregate', 'aggregate_id'])
        .doUpdateSet((row) => ({ last_seq: row.ref('inbox.last_seq') })),
    )
    .returning(['last_seq', 'filled_seq'])
    .executeTakeFirstOrThrow();
}

/** Marks are swept by age, so each one says when it was last of use. */
async function mark(
  em: EntityManager,
  key: InboxKey,
  change: Partial<Pick<InboxRow, 'last_seq' | 'filled_seq'>>,
): Promise<void> {
  await em
    .getKysely<Tables>()
    .updateTable('inbox')
    .set({ ...change, updated_at: new Date() })
    .where(sameAs(key))
    .execute();
}

function sameAs(key: InboxKey) {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Kysely's expression builder differs per statement; the columns are the same
  return (eb: any) => eb.and(key);
}
