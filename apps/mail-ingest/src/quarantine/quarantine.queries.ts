import { type ListInput } from '@sportello/contracts';
import { type Context } from '@sportello/service';
import { sql } from 'kysely';

/** A mail that was set aside. */
export interface QuarantinedRow {
  id: string;
  from_address: string | null;
  subject: string | null;
  code: string | null;
  reason: string | null;
  size: number;
  received_at: Date;
  raw_hash: string;
}

/** Mails that were set aside, newest first. */
export async function readQuarantine(
  ctx: Context,
  { cursor, limit = 50 }: ListInput,
): Promise<{ page: QuarantinedRow[]; nextCursor: string | null }> {
  const older = cursor && /^[0-9a-f-]{36}$/.test(cursor) ? sql`and id < ${cursor}` : sql``;
  const { rows } = await sql<QuarantinedRow>`
    select id, from_address, subject, code, reason, size, received_at, raw_hash from spool
     where workspace_id = ${ctx.workspaceId} and state = 'quarantined' ${older} order by id desc limit ${limit + 1}`.execute(
    ctx.db<never>(),
  );
  const page = rows.slice(0, limit);
  return { page, nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}
