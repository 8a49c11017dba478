import { type FindKept } from '@sportello/contracts';
import { type Context } from '@sportello/service';
import { sql } from 'kysely';

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
