import { type Context } from '@sportello/service';
import { sql } from 'kysely';
import { type Pool } from 'pg';
import { leaseMilliseconds } from './outbound.entity.js';

/** A mail that a worker took: nobody else looks at it before the lease ends. */
export interface TakenMail {
  workspaceId: string;
  id: string;
  lease: Date;
}

/** How long a deferred mail holds later ones to the same person about the same item. */
const heldFor = 15 * 60_000;

/**
 * Takes mails that are due, of every workspace, each for one worker. In order per item and recipient: one that waits holds the later
 * ones, a deferred one for 15 minutes at most.
 */
export async function takeDue(system: Pool, now: Date, most: number): Promise<TakenMail[]> {
  const lease = new Date(now.getTime() + leaseMilliseconds);
  const { rows } = await system.query<{ workspace_id: string; id: string }>(
    `update outbound_mail m set due_at = $2
       from (
         select c.workspace_id, c.id from outbound_mail c
          where c.state in ('queued', 'sending', 'deferred') and c.due_at <= $1
            and not exists (
              select from outbound_mail e
               where e.workspace_id = c.workspace_id and e.item_id = c.item_id and e.address = c.address and e.id < c.id
                 and (e.state in ('queued', 'sending') or (e.state = 'deferred' and e.deferred_since > $3)))
          order by c.due_at limit $4 for update skip locked) due
      where m.workspace_id = due.workspace_id and m.id = due.id
      returning m.workspace_id, m.id`,
    [now, lease, new Date(now.getTime() - heldFor), most],
  );
  return rows.map(({ workspace_id: workspaceId, id }) => ({ workspaceId, id, lease }));
}

/**
 * Mails that no person writes, to one address: 5 an hour, 20 a day. A person with five new requests an hour has read the answer five times; two
 * machines that answer each other without saying that they are machines stop after five.
 */
const budget = { hour: 5, day: 20 };

/** Whether one more automatic mail may go to the address. Locks it until the transaction ends, so that two events count each other. */
export async function withinBudget(ctx: Context, address: string): Promise<boolean> {
  const db = ctx.db<never>();
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${ctx.workspaceId} ${address}`}, 0))`.execute(db);
  const hourAgo = new Date(ctx.now.getTime() - 3_600_000);
  const dayAgo = new Date(ctx.now.getTime() - 24 * 3_600_000);
  const { rows } = await sql<{ hour: string; day: string }>`
    select count(*) filter (where created_at > ${hourAgo}) as hour, count(*) as day from outbound_mail
     where workspace_id = ${ctx.workspaceId} and address = ${address} and automatic and created_at > ${dayAgo}`.execute(
    db,
  );
  return Number(rows[0]?.hour) < budget.hour && Number(rows[0]?.day) < budget.day;
}
