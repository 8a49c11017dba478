import { type FindKept, type FormerIdentity } from '@sportello/contracts';
import { tracesOf, withoutPerson } from '@sportello/mail';
import { type PersonRef } from '@sportello/permissions';
import { type Context } from '@sportello/service';
import { sql } from 'kysely';

/**
 * Takes an erased person out of what is kept: mails to them lose name and address, their notifications and preferences go, others'
 * lose their address, and their name where they took part.
 */
export async function eraseTraces(ctx: Context, { id }: PersonRef, was: FormerIdentity, label: string): Promise<void> {
  const db = ctx.db<never>();
  const { workspaceId } = ctx;
  const addresses = [...was.addresses];
  const { rows: theirs } = await sql<{ id: string }>`
    select i.id from item i where i.workspace_id = ${workspaceId} and i.facts::text like ${`%${id}%`}
    union select m.item_id from outbound_mail m
     where m.workspace_id = ${workspaceId} and m.item_id is not null and (lower(m.address) = any(${addresses}::text[]) or m.user_id = ${id})
    union select n.item_id from notification n where n.workspace_id = ${workspaceId} and n.actor_id = ${id}`.execute(
    db,
  );
  // What has not left yet never will: its address is gone.
  await sql`update outbound_mail set address = 'erased ' || id, name = ${label}, detail = null,
      state = case when state in ('queued', 'sending', 'deferred') then 'dropped' else state end
    where workspace_id = ${workspaceId} and (lower(address) = any(${addresses}::text[]) or user_id = ${id})`.execute(
    db,
  );
  await sql`delete from notification where workspace_id = ${workspaceId} and user_id = ${id}`.execute(db);
  await sql`delete from preference where workspace_id = ${workspaceId} and user_id = ${id}`.execute(db);
  await sql`delete from stopped_mail where workspace_id = ${workspaceId} and person_id = ${id}`.execute(db);
  const mentions = tracesOf(was).map((trace) => `%${trace}%`);
  const tookPart = new Set(theirs.map((row) => row.id));
  for (const [table, column, item] of [
    ['notification', 'excerpt', 'item_id'],
    ['item', 'title', 'id'],
  ] as const) {
    const { rows } = await sql<{ id: string; item: string; text: string }>`
      select id, ${sql.ref(item)} as item, ${sql.ref(column)} as text from ${sql.table(table)}
       where workspace_id = ${workspaceId} and lower(${sql.ref(column)}) like any(${mentions}::text[])`.execute(db);
    for (const row of rows) {
      const text = withoutPerson(row.text, tookPart.has(row.item) ? was : { name: '', addresses }, label);
      await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${text}
        where workspace_id = ${workspaceId} and id = ${row.id}`.execute(db);
    }
  }
}

/** Everything here that is kept of a person. */
export async function readKept(ctx: Context, { id, addresses }: FindKept): Promise<object> {
  const db = ctx.db<never>();
  const { workspaceId } = ctx;
  const mails = await sql<object>`
    select purpose, address, name, state, created_at, sent_at from outbound_mail
     where workspace_id = ${workspaceId} and (lower(address) = any(${addresses.map((address) => address.toLowerCase())}::text[]) or user_id = ${id})
     order by id`.execute(db);
  const notifications = await sql<object>`
    select reason, excerpt, at, read from notification where workspace_id = ${workspaceId} and user_id = ${id} order by id`.execute(
    db,
  );
  const preferences = await sql<object>`
    select reason, mail, app from preference where workspace_id = ${workspaceId} and user_id = ${id} order by reason`.execute(
    db,
  );
  const stopped = await sql<object>`
    select i.number as item, s.at from stopped_mail s join item i on i.workspace_id = s.workspace_id and i.id = s.item_id
     where s.workspace_id = ${workspaceId} and s.person_id = ${id} order by i.number`.execute(db);
  return {
    ...{ mails: mails.rows, notifications: notifications.rows, preferences: preferences.rows },
    stoppedMails: stopped.rows,
  };
}
