import { normaliseAddress } from '@sportello/mail';
import { type Database } from '@sportello/persistence';
import { type Context } from '@sportello/service';
import { LinkRequest } from './link-request.entity.js';

/** Which workspace the row of a link is in, over all of them. */
export async function findLinkRow(
  database: Database,
  table: 'invitation' | 'link_request',
  id: string,
): Promise<string | null> {
  const { rows } = await database.systemPool.query<{ workspace_id: string }>(
    `select workspace_id from ${table} where id = $1`,
    [id],
  );
  return rows[0]?.workspace_id ?? null;
}

/** Where an address may sign in, the oldest workspace first. */
export async function findWorkspacesOf(
  database: Database,
  email: string,
): Promise<{ id: string; name: string; slug: string }[]> {
  const { rows } = await database.systemPool.query<{ id: string; name: string; slug: string }>(
    `select w.id, w.name, w.slug from account a join workspace w on w.id = a.workspace_id
     where a.email = $1 and a.active order by w.created_at limit 100`,
    [normaliseAddress(email)],
  );
  return rows;
}

/** A password that was chosen anew makes every reset link void that is still in a mailbox. */
export async function voidResetLinks(ctx: Context, userId: string): Promise<void> {
  const { workspaceId, now: usedAt } = ctx;
  await ctx.em.nativeUpdate(LinkRequest, { workspaceId, userId, kind: 'password-reset', usedAt: null }, { usedAt });
}
