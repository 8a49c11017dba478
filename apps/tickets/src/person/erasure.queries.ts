import { type FormerIdentity, type MailboxDto } from '@sportello/contracts';
import { namesPerson, tracesOf, withoutPerson } from '@sportello/mail';
import { type PersonRef } from '@sportello/permissions';
import { type Context } from '@sportello/service';
import { sql, type Kysely } from 'kysely';
import { type Pool } from 'pg';
import { markDead, type FileTables } from '../file/file.queries.js';

/** Somebody who is being erased. */
export interface Erasure {
  workspace_id: string;
  person_kind: 'user' | 'customer';
  person_id: string;
  name: string;
  addresses: string[];
  label: string;
  items: string[] | null;
  after: string;
}

interface Row {
  id: string;
  item_id: string;
  own: boolean;
  subject: string | null;
  to_mailboxes: MailboxDto[];
  cc_mailboxes: MailboxDto[];
  html: string;
  quoted_html: string | null;
  plain: string;
  mail: object | null;
  raw_hash: string | null;
}

/** Messages that are rewritten in one transaction: their texts are in memory. */
const batch = 100;

/** Asks for somebody to be taken out of what is kept; a worker does it. */
export async function askErasure(ctx: Context, person: PersonRef, was: FormerIdentity, label: string): Promise<void> {
  await sql`
    insert into erasure (workspace_id, person_kind, person_id, name, addresses, label, requested_at)
    values (${ctx.workspaceId}, ${person.kind}, ${person.id}, ${was.name}, ${[...was.addresses]}, ${label}, ${ctx.now})
    on conflict do nothing`.execute(ctx.db<never>());
}

/** Whom to erase, in every workspace. */
export async function findErasures(system: Pool): Promise<{ workspace_id: string }[]> {
  const { rows } = await system.query<{ workspace_id: string }>('select distinct workspace_id from erasure');
  return rows;
}

/**
 * Does one step of the oldest erasure of the workspace that the transaction is bound to, and of no one that another replica has in hand.
 * @returns false when there is none left
 */
export async function eraseStep(db: Kysely<FileTables>, workspaceId: string, now: Date): Promise<boolean> {
  const { rows } = await sql<Erasure>`
    select * from erasure where workspace_id = ${workspaceId} order by requested_at limit 1 for update skip locked`.execute(
    db,
  );
  const [erasure] = rows;
  if (!erasure) return false;
  if (!erasure.items) await noteItems(db, erasure);
  else if (!(await eraseFromMessages(db, erasure, now))) await eraseFromTheRest(db, erasure);
  return true;
}

/** Looks up what they took part in, before their mailboxes are gone. */
async function noteItems(db: Kysely<FileTables>, erasure: Erasure): Promise<void> {
  const { workspace_id: workspaceId, person_kind: kind, person_id: id, addresses } = erasure;
  const known = addresses.map((address) => `%${address}%`);
  await sql`
    update erasure set items = array(
      select i.id from item i where i.workspace_id = ${workspaceId} and ${sql.ref(`i.requester_${kind}_id`)} = ${id}
      union select p.item_id from item_person p where p.workspace_id = ${workspaceId} and p.person_id = ${id}
      union select s.item_id from sent_mail s where s.workspace_id = ${workspaceId} and lower(s.recipient) = any(${addresses}::text[])
      union select m.item_id from message m where m.workspace_id = ${workspaceId}
        and ((m.author_kind = ${kind} and m.author_id = ${id}) or lower(concat(m.to_mailboxes, m.cc_mailboxes)) like any(${known}::text[])))
    where workspace_id = ${workspaceId} and person_kind = ${kind} and person_id = ${id}`.execute(db);
}

/**
 * Takes them out of the next messages: their addresses everywhere, their full name where they took part, or a stranger who calls himself "Thank you" would
 * take those words out of everybody's mails.
 * @returns false when there are none left
 */
async function eraseFromMessages(db: Kysely<FileTables>, erasure: Erasure, now: Date): Promise<boolean> {
  const { workspace_id: workspaceId, person_kind: kind, person_id: id, after, addresses } = erasure;
  const isTheirs = ({ address }: MailboxDto) => addresses.includes(address.toLowerCase());
  const { rows } = await sql<Row>`
    select id, item_id, author_kind = ${kind} and author_id = ${id} as own, subject, to_mailboxes, cc_mailboxes, html, quoted_html, plain, mail, raw_hash
      from message
     where workspace_id = ${workspaceId} and id > ${after}
       and ((author_kind = ${kind} and author_id = ${id})
         or lower(concat(subject, to_mailboxes, cc_mailboxes, html, quoted_html, plain, mail)) like any(${mentionsOf(erasure)}::text[]))
     order by id limit ${batch}`.execute(db);
  if (!rows.length) return false;
  const raw: string[] = [];
  for (const { own, item_id: item, ...row } of rows) {
    const { was, clean } = cleanerOf(erasure, item);
    if (!own && !namesPerson(JSON.stringify(row), was)) continue;
    if (row.raw_hash) raw.push(row.raw_hash);
    const [to, cc] = [row.to_mailboxes, row.cc_mailboxes].map((all) =>
      JSON.stringify(all.filter((one) => !isTheirs(one))),
    );
    await sql`update message set subject = ${row.subject && clean(row.subject)}, html = ${clean(row.html)},
        quoted_html = ${row.quoted_html && clean(row.quoted_html)}, plain = ${clean(row.plain)}, to_mailboxes = ${to}, cc_mailboxes = ${cc},
        mail = ${row.mail && clean(JSON.stringify(row.mail))}, raw_hash = null
      where workspace_id = ${workspaceId} and id = ${row.id}`.execute(db);
  }
  await markDead(db, workspaceId, raw, now);
  await sql`update erasure set after = ${rows.at(-1)?.id}
    where workspace_id = ${workspaceId} and person_kind = ${kind} and person_id = ${id}`.execute(db);
  return true;
}

/** Titles, earlier wordings, the log, how mail to them went; then who they were is forgotten. */
async function eraseFromTheRest(db: Kysely<FileTables>, erasure: Erasure): Promise<void> {
  const { workspace_id: workspaceId, person_kind: kind, person_id: id, addresses } = erasure;
  await rewrite(db, erasure, 'item', sql`id`, ['title']);
  await rewrite(db, erasure, 'activity', sql`item_id`, ['before', 'after']);
  const itemOfRevision = sql`(select m.item_id from message m where m.workspace_id = message_revision.workspace_id and m.id = message_id)`;
  await rewrite(db, erasure, 'message_revision', itemOfRevision, ['html']);
  await sql`delete from delivery where workspace_id = ${workspaceId} and lower(address) = any(${addresses}::text[])`.execute(
    db,
  );
  // Its secrets stay: a mail that names them still finds its item.
  await sql`update sent_mail set recipient = 'erased ' || id where workspace_id = ${workspaceId} and lower(recipient) = any(${addresses}::text[])`.execute(
    db,
  );
  if (kind === 'user') {
    await sql`delete from item_seen where workspace_id = ${workspaceId} and user_id = ${id}`.execute(db);
    await sql`delete from job where workspace_id = ${workspaceId} and asked_by = ${id}`.execute(db);
  }
  await sql`delete from erasure where workspace_id = ${workspaceId} and person_kind = ${kind} and person_id = ${id}`.execute(
    db,
  );
}

/** Rewrites a table's texts (or JSON). @param item the expression for the item that a row belongs to */
async function rewrite(
  db: Kysely<FileTables>,
  erasure: Erasure,
  table: 'message_revision' | 'item' | 'activity',
  item: ReturnType<typeof sql>,
  columns: readonly string[],
): Promise<void> {
  const workspaceId = erasure.workspace_id;
  const texts = sql.join(columns.map((column) => sql`${sql.ref(column)}::text`));
  const { rows } = await sql<Record<string, string | null> & { id: string; of_item: string }>`
    select id, ${item} as of_item, ${texts} from ${sql.table(table)}
     where workspace_id = ${workspaceId} and lower(concat(${texts})) like any(${mentionsOf(erasure)}::text[])`.execute(
    db,
  );
  for (const row of rows) {
    const { clean } = cleanerOf(erasure, row.of_item);
    const changes = columns.flatMap((column) => {
      const text = row[column];
      return text && clean(text) !== text ? [sql`${sql.ref(column)} = ${clean(text)}`] : [];
    });
    if (changes.length)
      await sql`update ${sql.table(table)} set ${sql.join(changes)} where workspace_id = ${workspaceId} and id = ${row.id}`.execute(
        db,
      );
  }
}

const mentionsOf = (erasure: Erasure): string[] => tracesOf(erasure).map((trace) => `%${trace}%`);

function cleanerOf(erasure: Erasure, item: string): { was: FormerIdentity; clean: (text: string) => string } {
  const { addresses, label } = erasure;
  const was = { name: erasure.items?.includes(item) ? erasure.name : '', addresses };
  return { was, clean: (text) => withoutPerson(text, was, label) };
}
