import { type FindKept, type FormerIdentity } from '@sportello/contracts';
import { type Context } from '@sportello/service';
import { sql } from 'kysely';

/**
 * Mails of an erased person that are done or were set aside are forgotten by the next tidying, with their raw files; one that waits is still delivered,
 * to whoever has the address then.
 */
export async function eraseTraces(ctx: Context, { addresses }: FormerIdentity): Promise<void> {
  await sql`
    update spool set state = 'done', code = 'erased', reason = null, from_address = null, envelope_from = null, subject = null,
      client_name = null, received_at = 'epoch'
     where workspace_id = ${ctx.workspaceId} and state in ('done', 'quarantined')
       and (lower(from_address) = any(${[...addresses]}::text[]) or lower(envelope_from) = any(${[...addresses]}::text[]))`.execute(
    ctx.db<never>(),
  );
}

/** Mails from a person that are in the spool. */
export async function readKept(ctx: Context, { addresses }: FindKept): Promise<object> {
  const known = addresses.map((address) => address.toLowerCase());
  const { rows } = await sql<object>`
    select received_at, source, state, code, reason, from_address, subject, size from spool
     where workspace_id = ${ctx.workspaceId}
       and (lower(from_address) = any(${known}::text[]) or lower(envelope_from) = any(${known}::text[])) order by id`.execute(
    ctx.db<never>(),
  );
  return { mails: rows };
}
