import { type Pool, type PoolClient } from 'pg';

/** A mailbox that is fetched. */
export interface ImapAccountRow {
  workspace_id: string;
  id: string;
  host: string;
  port: number;
  security: 'tls' | 'starttls' | 'none';
  username: string;
  authentication: 'password' | 'oauth2';
  secret: string;
  folder: string;
  active: boolean;
  revision: number;
  state: 'connecting' | 'listening' | 'failed' | 'off';
  problem: string | null;
  uid_validity: string | null;
  last_uid: string;
}

/** How far a mailbox was fetched: UIDs grow within one UIDVALIDITY and mean nothing in another. */
export interface Progress {
  uidValidity: bigint;
  lastUid: number;
}

export async function activeAccounts(pool: Pool): Promise<ImapAccountRow[]> {
  const { rows } = await pool.query<ImapAccountRow>('select * from imap_account where active order by id');
  return rows;
}

/** Read anew before each connection: another replica may have gone further. */
export async function progressOf(pool: Pool, { workspace_id: workspace, id }: ImapAccountRow) {
  const { rows } = await pool.query<Pick<ImapAccountRow, 'uid_validity' | 'last_uid'>>(
    'select uid_validity, last_uid from imap_account where workspace_id = $1 and id = $2',
    [workspace, id],
  );
  const [row] = rows;
  return row?.uid_validity ? { uidValidity: BigInt(row.uid_validity), lastUid: Number(row.last_uid) } : null;
}

export async function remember(
  client: Pool | PoolClient,
  { workspace_id: workspace, id }: ImapAccountRow,
  { uidValidity, lastUid }: Progress,
): Promise<void> {
  await client.query('update imap_account set uid_validity = $3, last_uid = $4 where workspace_id = $1 and id = $2', [
    ...[workspace, id, uidValidity.toString(), lastUid],
  ]);
}

export async function showState(
  pool: Pool,
  { workspace_id: workspace, id, revision }: ImapAccountRow,
  state: ImapAccountRow['state'],
  problem: string | null,
): Promise<void> {
  await pool.query(
    'update imap_account set state = $4, problem = $5 where workspace_id = $1 and id = $2 and revision = $3',
    [workspace, id, revision, state, problem?.slice(0, 500) ?? null],
  );
}

/** Addresses whose mailboxes are fetched: what comes from them is the workspace's own. */
export async function ownMailboxes(pool: Pool, workspaceId: string): Promise<string[]> {
  const { rows } = await pool.query<{ username: string }>(
    "select username from imap_account where workspace_id = $1 and username like '%_@_%'",
    [workspaceId],
  );
  return rows.map(({ username }) => username);
}
