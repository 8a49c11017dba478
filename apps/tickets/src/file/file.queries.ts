import { type Kysely } from 'kysely';
import { type Pool } from 'pg';

/** What the sweeper reads and writes. */
export interface FileTables {
  dead_file: { workspace_id: string; hash: string; dead_since: Date };
  file: { workspace_id: string; hash: string; message_id: string | null; created_at: Date };
  message: { workspace_id: string; raw_hash: string | null };
}

/** A file that may have nobody left who refers to it. */
export interface DeadFile {
  workspace_id: string;
  hash: string;
  dead_since: Date;
}

/** Marks files that may have lost whoever referred to them: the sweeper looks a day later. */
export async function markDead(
  db: Kysely<FileTables>,
  workspaceId: string,
  hashes: readonly string[],
  now: Date,
): Promise<void> {
  if (!hashes.length) return;
  await db
    .insertInto('dead_file')
    .values([...new Set(hashes)].map((hash) => ({ workspace_id: workspaceId, hash, dead_since: now })))
    .onConflict((conflict) => conflict.columns(['workspace_id', 'hash']).doUpdateSet({ dead_since: now }))
    .execute();
}

/** Marks of every workspace that are old enough, oldest first. */
export async function findDead(system: Pool, before: Date, most: number): Promise<DeadFile[]> {
  const { rows } = await system.query<DeadFile>(
    'select workspace_id, hash, dead_since from dead_file where dead_since < $1 order by dead_since limit $2',
    [before, most],
  );
  return rows;
}

/** Which of these files something refers to: a message as its raw mail or attachment, or an upload younger than `uploadedAfter`. */
export async function findReferred(
  db: Kysely<FileTables>,
  workspaceId: string,
  hashes: readonly string[],
  uploadedAfter: Date,
): Promise<{ attached: Set<string>; uploaded: Set<string> }> {
  const files = await db
    .selectFrom('file')
    .select(['hash', 'message_id'])
    .where('workspace_id', '=', workspaceId)
    .where('hash', 'in', hashes)
    .where((either) => either.or([either('message_id', 'is not', null), either('created_at', '>', uploadedAfter)]))
    .execute();
  const mails = await db
    .selectFrom('message')
    .select('raw_hash')
    .where('workspace_id', '=', workspaceId)
    .where('raw_hash', 'in', hashes)
    .execute();
  const attached = files.filter(({ message_id: message }) => message !== null).map(({ hash }) => hash);
  return {
    attached: new Set([...attached, ...mails.map(({ raw_hash: hash }) => hash as string)]),
    uploaded: new Set(files.map(({ hash }) => hash)),
  };
}

/** Takes marks away. */
export async function unmark(db: Kysely<FileTables>, workspaceId: string, hashes: readonly string[]): Promise<void> {
  if (!hashes.length) return;
  const marks = db.deleteFrom('dead_file').where('workspace_id', '=', workspaceId);
  await marks.where('hash', 'in', hashes).execute();
}

/** Lets marks wait for another day. */
export async function postpone(
  db: Kysely<FileTables>,
  workspaceId: string,
  hashes: readonly string[],
  now: Date,
): Promise<void> {
  if (!hashes.length) return;
  const marks = db.updateTable('dead_file').set({ dead_since: now }).where('workspace_id', '=', workspaceId);
  await marks.where('hash', 'in', hashes).execute();
}

/** Forgets uploads that nobody attached. */
export async function forgetUploads(
  db: Kysely<FileTables>,
  workspaceId: string,
  hashes: readonly string[],
): Promise<void> {
  if (!hashes.length) return;
  const files = db.deleteFrom('file').where('workspace_id', '=', workspaceId).where('hash', 'in', hashes);
  await files.where('message_id', 'is', null).execute();
}
