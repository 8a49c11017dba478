import { type Pool } from 'pg';

/** A mail in hand. */
export interface SpooledMail {
  workspace_id: string;
  id: string;
  raw_hash: string;
  size: number;
  source: 'smtp' | 'lmtp' | 'imap' | 'http';
  envelope_from: string | null;
  no_return_path: boolean;
  envelope_to: string[];
  client_address: string | null;
  client_name: string | null;
  received_at: Date;
  attempts: number;
  crashes: number;
  begun: boolean;
  released: boolean;
}

/** How a mail's way ended. */
export interface Ending {
  state: 'done' | 'quarantined';
  step: string;
  code: string;
  reason: string;
  from: string | null;
  subject: string | null;
}

/** Workers renew their claims this often. */
export const heartbeatMilliseconds = 5000;
/** A worker that died with mails in hand loses them after this: six heartbeats. */
const abandoned = "state = 'working' and claimed_at < now() - interval '30 seconds'";

/** Takes up to `most` due mails in hand. */
export function claim(pool: Pool, most: number): Promise<SpooledMail[]> {
  return take(pool, "state = 'waiting' and crashes = 0 and due_at <= now()", most, { begun: false });
}

/** Begins one mail that a process died with. Alone: it may be what the process died of, and must take no other with it. */
export function claimSuspect(pool: Pool): Promise<SpooledMail[]> {
  const which = `(state = 'waiting' and crashes > 0 and due_at <= now()) or (begun and ${abandoned})`;
  return take(pool, which, 1, { begun: true });
}

async function take(pool: Pool, which: string, most: number, { begun }: { begun: boolean }): Promise<SpooledMail[]> {
  const { rows } = await pool.query<SpooledMail>(
    `update spool set state = 'working', claimed_at = now(), attempts = attempts + 1, begun = $2,
            crashes = crashes + case when state = 'working' then 1 else 0 end
      where (workspace_id, id) in (
        select workspace_id, id from spool where ${which} order by due_at limit $1 for update skip locked)
      returning *`,
    [most, begun],
  );
  return rows.sort((a, b) => a.received_at.getTime() - b.received_at.getTime());
}

/**
 * Marks a claimed mail as begun. Without waiting for the disk: the mark must outlive this process, not a failure of the database's machine.
 * @returns false when it is nobody's any more, or another worker's
 */
export async function begin(pool: Pool, { workspace_id: workspace, id }: SpooledMail): Promise<boolean> {
  const { rowCount } = await pool.query(
    `with unhurried as (select set_config('synchronous_commit', 'off', true))
     update spool set begun = true, claimed_at = now() from unhurried
      where workspace_id = $1 and id = $2 and state = 'working' and not begun`,
    [workspace, id],
  );
  return rowCount === 1;
}

/** Says that these are still in hand. */
export async function renew(pool: Pool, mails: readonly SpooledMail[]): Promise<void> {
  await pool.query(
    `update spool s set claimed_at = now() from unnest($1::uuid[], $2::uuid[]) as m (workspace_id, id)
      where s.workspace_id = m.workspace_id and s.id = m.id and s.state = 'working'`,
    keysOf(mails),
  );
}

/** Writes down how mails ended, in one statement. */
export async function finish(pool: Pool, ended: readonly { mail: SpooledMail; ending: Ending }[]): Promise<void> {
  if (!ended.length) return;
  const column = (read: (one: { mail: SpooledMail; ending: Ending }) => string | null) => ended.map(read);
  await pool.query(
    `update spool s set state = e.state, step = e.step, code = e.code, reason = e.reason, from_address = e.from_address,
            subject = e.subject, claimed_at = null
       from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
         as e (workspace_id, id, state, step, code, reason, from_address, subject)
      where s.workspace_id = e.workspace_id and s.id = e.id`,
    [
      ...[column(({ mail }) => mail.workspace_id), column(({ mail }) => mail.id)],
      ...[column(({ ending }) => ending.state), column(({ ending }) => ending.step)],
      ...[column(({ ending }) => ending.code.slice(0, 60)), column(({ ending }) => ending.reason.slice(0, 1000))],
      column(({ ending }) => ending.from?.slice(0, 320) ?? null),
      column(({ ending }) => ending.subject?.slice(0, 1000) ?? null),
    ],
  );
}

/** Gives back what was taken in hand and not begun. */
export async function giveBack(pool: Pool, mails: readonly SpooledMail[]): Promise<void> {
  if (!mails.length) return;
  await pool.query(
    `update spool s set ${untouched} from unnest($1::uuid[], $2::uuid[]) as m (workspace_id, id)
      where s.workspace_id = m.workspace_id and s.id = m.id and s.state = 'working' and not s.begun`,
    keysOf(mails),
  );
}

/** Gives back what workers that died had not begun: they did not die of it. */
export async function giveBackAbandoned(pool: Pool): Promise<void> {
  await pool.query(`update spool set ${untouched} where not begun and ${abandoned}`);
}

const untouched = "state = 'waiting', claimed_at = null, attempts = attempts - 1";

const keysOf = (mails: readonly SpooledMail[]) => [
  mails.map(({ workspace_id: workspace }) => workspace),
  mails.map(({ id }) => id),
];

/** Puts it back for later. */
export async function postpone(
  pool: Pool,
  { workspace_id: workspace, id }: SpooledMail,
  seconds: number,
  reason: string,
): Promise<void> {
  await pool.query(
    `update spool set state = 'waiting', claimed_at = null, due_at = now() + make_interval(secs => $3), reason = $4
      where workspace_id = $1 and id = $2`,
    [workspace, id, seconds, reason.slice(0, 1000)],
  );
}

/**
 * Forgets rows that were done a month ago: so long somebody may ask where a mail went. Their raw files are released first, so that a crash between leaves
 * a row that is forgotten later and no file that nobody knows of.
 */
export async function tidy(
  pool: Pool,
  release: (workspaceId: string, hashes: string[]) => Promise<unknown>,
): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ workspace_id: string; ids: string[]; hashes: string[] }>(
      `select workspace_id, array_agg(id) as ids, array_agg(distinct raw_hash) as hashes
         from (select workspace_id, id, raw_hash from spool where state = 'done' and received_at < now() - interval '30 days' limit 1000) old
        group by workspace_id`,
    );
    if (!rows.length) return;
    for (const { workspace_id: workspace, ids, hashes } of rows) {
      await release(workspace, hashes);
      await pool.query('delete from spool where workspace_id = $1 and id = any($2)', [workspace, ids]);
    }
  }
}
