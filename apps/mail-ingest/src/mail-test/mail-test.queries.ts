import { type Pool } from 'pg';
import { type SpooledMail } from '../spool/spool.queries.js';

/** What is not back after this has been lost on its way. */
const lostAfterMilliseconds = 5 * 60_000;
/** In the subject: `[test 7f3k…]`. Looked for in the raw header: whoever forwards may encode the rest of it, not this. */
const named = /^subject:(?:[^\n]|\n[ \t])*\[test ([a-z2-7]{26})\]/im;
const header = 64 * 1024;

export interface MailTestRow {
  id: string;
  address: string;
  token: string;
  sent_at: Date;
  arrived_at: Date | null;
  failed: string | null;
}

/** How a test stands. */
export function stateOf({ sent_at: sent, arrived_at: arrived, failed }: MailTestRow, now: Date) {
  if (arrived) return 'arrived' as const;
  const late = now.getTime() - new Date(sent).getTime() > lostAfterMilliseconds;
  return failed || late ? ('lost' as const) : ('sent' as const);
}

/** Notes that a test mail of this workspace came back. @returns the address it was sent to; null for any other mail */
export async function noteArrival(pool: Pool, mail: SpooledMail, raw: Buffer, now: Date): Promise<string | null> {
  const token = named.exec(raw.subarray(0, header).toString('latin1'))?.[1];
  if (!token) return null;
  const { rows } = await pool.query<{ address: string }>(
    'update test set arrived_at = coalesce(arrived_at, $3) where workspace_id = $1 and token = $2 returning address',
    [mail.workspace_id, token, now],
  );
  return rows[0]?.address ?? null;
}
