import { type Pool } from 'pg';

/** An event that does not go on by itself, as an operator sees it. */
export interface ParkedEvent {
  /** `12`: a subscriber could not handle it; `outbox-12`: the broker refused it. */
  id: string;
  consumer: string | null;
  workspace: string;
  type: string;
  aggregate: string;
  seq: number;
  reason: string;
  since: Date;
  /** Another try was asked for and has not come yet. */
  retrying: boolean;
}

/** Where a service hears that an operator wants a parked event tried again. Core NATS: the row itself says so too. */
export const parkedSubject = (schema: string): string => `parked.${schema}`;

const outboxId = /^outbox-(\d+)$/;
const parkedId = /^\d+$/;

/** What is parked of one service, over all workspaces, in the order in which it must be retried. For its system role. */
export async function listParked(pool: Pool, schema: string): Promise<ParkedEvent[]> {
  const { rows } = await pool.query<ParkedEvent>(
    `select id::text, consumer, workspace_id as workspace, event->>'type' as type, aggregate_id as aggregate, seq, reason,
            parked_at as since, retry_at is not null as retrying
       from ${schema}.parked_event
     union all
     select 'outbox-' || id, null, workspace_id, event->>'type', aggregate_id, seq, parked_reason, created_at, false
       from ${schema}.outbox where parked_reason is not null
     order by workspace, aggregate, seq, id`,
  );
  return rows;
}

/**
 * Asks for another try: of a refused event by the relay, of a parked one and all that wait behind it by the subscriber.
 * @returns false when there is no such event
 */
export async function retryParked(pool: Pool, schema: string, id: string): Promise<boolean> {
  const [, outbox] = id.match(outboxId) ?? [];
  if (outbox) {
    const { rowCount } = await pool.query(
      `update ${schema}.outbox set parked_reason = null where id = $1 and parked_reason is not null`,
      [outbox],
    );
    return rowCount === 1;
  }
  if (!parkedId.test(id)) return false;
  const { rowCount } = await pool.query(`update ${schema}.parked_event set retry_at = now() where id = $1`, [id]);
  return rowCount === 1;
}

/**
 * Gives an event up: nobody will ever handle it. What waited behind it is tried again.
 * @returns false when there is no such event, or an earlier one of its aggregate must be dealt with first
 */
export async function dropParked(pool: Pool, schema: string, id: string): Promise<boolean> {
  const [, outbox] = id.match(outboxId) ?? [];
  if (outbox) {
    const { rowCount } = await pool.query(`delete from ${schema}.outbox where id = $1 and parked_reason is not null`, [
      outbox,
    ]);
    return rowCount === 1;
  }
  if (!parkedId.test(id)) return false;
  // One statement, so that it happens as a whole: the mark moves past the event, and what was held behind it is asked for.
  const { rowCount } = await pool.query(
    `with dropped as (
       delete from ${schema}.parked_event p where id = $1 and not exists (
         select from ${schema}.parked_event e where e.workspace_id = p.workspace_id and e.consumer = p.consumer
           and e.aggregate = p.aggregate and e.aggregate_id = p.aggregate_id and e.seq < p.seq)
       returning *
     ), marked as (
       insert into ${schema}.inbox as i (workspace_id, consumer, aggregate, aggregate_id, last_seq)
       select workspace_id, consumer, aggregate, aggregate_id, seq from dropped
       on conflict (workspace_id, consumer, aggregate, aggregate_id)
       do update set last_seq = greatest(i.last_seq, excluded.last_seq), updated_at = now()
     ), asked as (
       update ${schema}.parked_event e set retry_at = now() from dropped d
        where e.workspace_id = d.workspace_id and e.consumer = d.consumer and e.aggregate = d.aggregate
          and e.aggregate_id = d.aggregate_id and e.id <> d.id
     )
     select from dropped`,
    [id],
  );
  return rowCount === 1;
}
