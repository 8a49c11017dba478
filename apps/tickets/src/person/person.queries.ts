import { type FindKept, type FormerIdentity, type MailboxDto } from '@sportello/contracts';
import { namesPerson, tracesOf, withoutPerson } from '@sportello/mail';
import { type PersonRef } from '@sportello/permissions';
import { type Context } from '@sportello/service';
import { sql } from 'kysely';
import { markDead } from '../file/file.queries.js';

interface Row {
  id: string;
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

/** Messages that are rewritten at a time: their texts are in memory. */
const batch = 100;
const beforeAll = '00000000-0000-0000-0000-000000000000';

/**
 * Takes an erased person out of what is kept: their addresses and full name in what anybody wrote, their mailboxes, the raw mail that names them,
 * how mail to them went. What they wrote stays, without their name, and so do its attachments. It reads every message of the workspace once
 * (an index on all words that may name somebody would cost every mail that comes in), which an administrator asks for a few times a year.
 */
export async function eraseTraces(ctx: Context, person: PersonRef, was: FormerIdentity, label: string): Promise<void> {
  const clean = (text: string) => withoutPerson(text, was, label);
  const mentions = tracesOf(was).map((trace) => `%${trace}%`);
  await eraseFromMessages(ctx, person, was, clean, mentions);
  await rewrite(ctx, 'message_revision', ['html'], clean, mentions);
  await rewrite(ctx, 'item', ['title'], clean, mentions);
  await rewrite(ctx, 'activity', ['before', 'after'], clean, mentions);
  const { workspaceId } = ctx;
  const db = ctx.db<never>();
  const addresses = [...was.addresses];
  await sql`delete from delivery where workspace_id = ${workspaceId} and lower(address) = any(${addresses}::text[])`.execute(
    db,
  );
  // Its secrets stay: a mail that names them still finds its item.
  await sql`update sent_mail set recipient = 'erased ' || id where workspace_id = ${workspaceId} and lower(recipient) = any(${addresses}::text[])`.execute(
    db,
  );
  if (person.kind === 'user') {
    await sql`delete from item_seen where workspace_id = ${workspaceId} and user_id = ${person.id}`.execute(db);
    await sql`delete from job where workspace_id = ${workspaceId} and asked_by = ${person.id}`.execute(db);
  }
}

async function eraseFromMessages(
  ctx: Context,
  person: PersonRef,
  was: FormerIdentity,
  clean: (text: string) => string,
  mentions: readonly string[],
): Promise<void> {
  const db = ctx.db<never>();
  const { workspaceId } = ctx;
  const isTheirs = ({ address }: MailboxDto) => was.addresses.includes(address.toLowerCase());
  for (let after = beforeAll; ;) {
    const { rows } = await sql<Row>`
      select id, author_kind = ${person.kind} and author_id = ${person.id} as own, subject, to_mailboxes, cc_mailboxes, html, quoted_html, plain, mail, raw_hash
        from message
       where workspace_id = ${workspaceId} and id > ${after}
         and ((author_kind = ${person.kind} and author_id = ${person.id})
           or lower(concat(subject, to_mailboxes, cc_mailboxes, html, quoted_html, plain, mail)) like any(${[...mentions]}::text[]))
       order by id limit ${batch}`.execute(db);
    const naming = rows.filter(({ own, ...row }) => own || namesPerson(JSON.stringify(row), was));
    for (const row of naming) {
      const [to, cc] = [row.to_mailboxes, row.cc_mailboxes].map((all) =>
        JSON.stringify(all.filter((one) => !isTheirs(one))),
      );
      await sql`update message set subject = ${row.subject && clean(row.subject)}, html = ${clean(row.html)},
          quoted_html = ${row.quoted_html && clean(row.quoted_html)}, plain = ${clean(row.plain)}, to_mailboxes = ${to}, cc_mailboxes = ${cc},
          mail = ${row.mail && clean(JSON.stringify(row.mail))}, raw_hash = null
        where workspace_id = ${workspaceId} and id = ${row.id}`.execute(db);
    }
    await markDead(
      ctx,
      naming.flatMap(({ raw_hash: hash }) => hash ?? []),
    );
    if (rows.length < batch) return;
    after = rows.at(-1)?.id as string;
  }
}

/** The same for a table whose texts (or JSON) are only rewritten. */
async function rewrite(
  ctx: Context,
  table: 'message_revision' | 'item' | 'activity',
  columns: readonly string[],
  clean: (text: string) => string,
  mentions: readonly string[],
): Promise<void> {
  const db = ctx.db<never>();
  const { workspaceId } = ctx;
  const texts = sql.join(columns.map((column) => sql`${sql.ref(column)}::text`));
  const { rows } = await sql<Record<string, string | null> & { id: string }>`
    select id, ${texts} from ${sql.table(table)}
     where workspace_id = ${workspaceId} and lower(concat(${texts})) like any(${[...mentions]}::text[])`.execute(db);
  for (const row of rows) {
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

/** Everything here that is kept of a person, as it is shown to them: no internal thread of others. */
export async function readKept(ctx: Context, { kind, id, addresses }: FindKept): Promise<object> {
  const db = ctx.db<never>();
  const { workspaceId } = ctx;
  const requester = sql.ref(`requester_${kind}_id`);
  const following = sql.ref(`follower_${kind}_ids`);
  const items = await sql<object>`
    select i.number, i.title, s.name as status, i.created_at, i.finished_at,
      ${requester} is not distinct from ${id} as requested, ${id} = any(${following}) as following, ${id} = any(assigned_user_ids) as assigned
      from item i join status s on s.workspace_id = i.workspace_id and s.id = i.status_id
     where i.workspace_id = ${workspaceId} and (${requester} = ${id} or i.id in (
       select item_id from item_person p where p.workspace_id = ${workspaceId} and p.person_id = ${id}))
     order by i.number`.execute(db);
  const messages = await sql<object>`
    select m.id, i.number as item, m.thread, m.via, m.subject, m.to_mailboxes as to, m.cc_mailboxes as cc, m.html, m.quoted_html, m.created_at, m.edited_at, m.deleted_at,
      (select coalesce(json_agg(json_build_object('id', f.id, 'name', f.name, 'size', f.size) order by f.id), '[]')
         from file f where f.workspace_id = m.workspace_id and f.message_id = m.id) as files
      from message m join item i on i.workspace_id = m.workspace_id and i.id = m.item_id
     where m.workspace_id = ${workspaceId} and m.author_kind = ${kind} and m.author_id = ${id} order by m.id`.execute(
    db,
  );
  const mails = await sql<object>`
    select i.number as item, s.purpose, s.recipient, s.created_at
      from sent_mail s join item i on i.workspace_id = s.workspace_id and i.id = s.item_id
     where s.workspace_id = ${workspaceId} and lower(s.recipient) = any(${addresses.map((address) => address.toLowerCase())}::text[])
     order by s.id`.execute(db);
  const activity = await sql<object>`
    select i.number as item, a.at, a.what from activity a join item i on i.workspace_id = a.workspace_id and i.id = a.item_id
     where a.workspace_id = ${workspaceId} and a.actor_kind = ${kind} and a.actor_id = ${id} order by a.id`.execute(db);
  const seen = await sql<object>`
    select i.number as item, r.seen_at from item_seen r join item i on i.workspace_id = r.workspace_id and i.id = r.item_id
     where r.workspace_id = ${workspaceId} and r.user_id = ${id} order by i.number`.execute(db);
  const jobs = await sql<object>`
    select operation, state, total, done, created_at, finished_at from job
     where workspace_id = ${workspaceId} and asked_by = ${id} order by id`.execute(db);
  return {
    ...{ items: items.rows, messages: messages.rows, mails: mails.rows, activity: activity.rows },
    ...{ seen: seen.rows, jobs: jobs.rows },
  };
}
