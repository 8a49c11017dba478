import {
  itemNotFound,
  type Language,
  type MailboxDto,
  type MailPurpose,
  type PreparedMail,
  type PreparedSummary,
  type PrepareMail,
  type PrepareSummary,
  type SentMail,
} from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { makeMessageId, makeToken } from '@sportello/mail';
import { where, holds, type Actor } from '@sportello/permissions';
import { type Context } from '@sportello/service';
import { sql } from 'kysely';
import { threadFor } from '../conversation/conversation.queries.js';
import { peopleOf, workspaceOf } from '../directory/directory.queries.js';
import { Item } from '../item/item.entity.js';
import { Status } from '../lifecycle/lifecycle.entity.js';

interface SentMailRow {
  id: string;
  mail_id: string;
  reply_token: string;
  bounce_token: string;
}
interface MessageRow {
  id: string;
  thread: 'customer' | 'internal';
  thread_id: string;
  author_kind: 'user' | 'customer';
  author_id: string;
  html: string;
  to_mailboxes: MailboxDto[];
  cc_mailboxes: MailboxDto[];
  created_at: Date;
}

/** What customers hear of by a mail that no person wrote. */
const aboutItem: readonly MailPurpose[] = ['acknowledgement', 'status-changed', 'finished', 'reopened'];

/**
 * Everything that one mail of ours says. Its id and secrets are made on the first call and found on every later one, so that a repeat
 * after a crash is the same mail.
 */
export async function prepare(ctx: Context, input: PrepareMail): Promise<PreparedMail> {
  const item = await ctx.find(Item, input.itemId);
  if (!item) throw new Refusal(itemNotFound);
  const { workspaceId } = ctx;
  const db = ctx.db<never>();
  const message = input.messageId
    ? (
        await sql<MessageRow>`select * from message where workspace_id = ${workspaceId} and id = ${input.messageId} and item_id = ${item.id} and deleted_at is null`.execute(
          db,
        )
      ).rows[0]
    : undefined;
  const thread = await threadFor(ctx, item, message?.thread ?? 'customer', message?.thread_id);
  if (!thread) throw new Refusal(itemNotFound);
  // The thread may be new: it must be in its table before the mail's row names it.
  await ctx.em.flush(); // eslint-disable-line no-restricted-syntax -- the sent mail is written by SQL in the same transaction
  const sent = await sentMail(ctx, input, item.id, thread.id);
  const people = await peopleOf(ctx, [
    item.requester,
    message ? { kind: message.author_kind, id: message.author_id } : null,
  ]);
  const { rows: words } = await sql<{ type_name: string; status_name: string }>`
    select t.name as type_name, s.customer_name as status_name from item_type t, status s
     where t.workspace_id = ${workspaceId} and t.id = ${item.typeId} and s.workspace_id = ${workspaceId} and s.id = ${item.statusId}`.execute(
    db,
  );
  const earlier = await quotedBefore(ctx, item.id, thread.id, message?.id ?? null);
  const { rows: files } = await sql<{
    id: string;
    hash: string;
    name: string;
    content_type: string;
    size: string;
    inline: boolean;
  }>`
    select id, hash, name, content_type, size, inline from file where workspace_id = ${workspaceId} and message_id = ${message?.id ?? null} order by id`.execute(
    db,
  );
  const { rows: references } = await sql<{ mail_id: string }>`
    select mail_id from mail_id where workspace_id = ${workspaceId} and item_id = ${item.id} and thread_id = ${thread.id} and mail_id <> ${sent.mail_id}
     order by known_at, ours, mail_id limit 100`.execute(db);
  const gone = item.deletedAt !== null || (input.messageId !== null && !message);
  const internal = message?.thread === 'internal';
  const outside = input.userId === null;
  return {
    // Checked at the moment of sending: nothing deleted, nothing internal to somebody outside, nothing to a user who lost sight.
    wanted: !gone && !(internal && outside) && (outside || (await sightOf(ctx, input.userId as string))(item)),
    mailId: sent.mail_id,
    replyToken: sent.reply_token,
    bounceToken: sent.bounce_token,
    number: item.number,
    title: item.title,
    typeName: words[0]?.type_name ?? '',
    statusName: words[0]?.status_name ?? '',
    thread: thread.kind,
    authorName: message ? (people.get(message.author_id)?.name ?? '') : '',
    requesterName: item.requester ? (people.get(item.requester.id)?.name ?? '') : '',
    language: await languageOf(ctx, input.recipient),
    html: message && !aboutItem.includes(input.purpose) ? message.html : '',
    quoted: earlier,
    references: references.map((row) => row.mail_id),
    to: message?.to_mailboxes ?? [],
    cc: message?.cc_mailboxes ?? [],
    files:
      input.purpose === 'reply'
        ? files.map(({ content_type: contentType, size, ...file }) => ({
            ...file,
            contentType,
            size: Number(size),
            contentId: null,
          }))
        : [],
    date: message?.created_at ?? ctx.now,
  };
}

/** The row of this mail: found, or made with 128 random bits each for its id, its reply token and its bounce address. */
async function sentMail(ctx: Context, input: PrepareMail, itemId: string, threadId: string): Promise<SentMailRow> {
  const db = ctx.db<never>();
  const { workspaceId } = ctx;
  const find = async () => {
    const { rows } = await sql<SentMailRow>`
      select id, mail_id, reply_token, bounce_token from sent_mail
       where workspace_id = ${workspaceId} and item_id = ${itemId} and purpose = ${input.purpose} and recipient = ${input.recipient}
         and message_id is not distinct from ${input.messageId}::uuid and occasion is not distinct from ${input.occasion ?? null}::uuid`.execute(
      db,
    );
    return rows[0];
  };
  const known = await find();
  if (known) return known;
  const domain = (await workspaceOf(ctx)).inbound_address.split('@')[1] as string;
  const mailId = makeMessageId({ random: ctx.random(16), domain });
  await sql`insert into sent_mail (workspace_id, id, item_id, thread_id, message_id, occasion, purpose, recipient, mail_id, reply_token, bounce_token, created_at)
    values (${workspaceId}, ${ctx.newId()}, ${itemId}, ${threadId}, ${input.messageId}, ${input.occasion ?? null}, ${input.purpose}, ${input.recipient}, ${mailId},
            ${makeToken(ctx.random(16))}, ${makeToken(ctx.random(16))}, ${ctx.now}) on conflict do nothing`.execute(db);
  await sql`insert into mail_id (workspace_id, mail_id, item_id, thread_id, ours) values (${workspaceId}, ${mailId}, ${itemId}, ${threadId}, true)
    on conflict do nothing`.execute(db);
  return (await find()) as SentMailRow;
}

/** The message before, in the same thread, as a quote. */
async function quotedBefore(
  ctx: Context,
  itemId: string,
  threadId: string,
  messageId: string | null,
): Promise<PreparedMail['quoted']> {
  const { rows } = await sql<{ author: string; at: Date; html: string }>`
    select coalesce(p.name, '') as author, m.created_at as at, m.html from message m
      left join person p on p.workspace_id = m.workspace_id and p.id = m.author_id
     where m.workspace_id = ${ctx.workspaceId} and m.item_id = ${itemId} and m.thread_id = ${threadId} and m.deleted_at is null
       and (${messageId}::uuid is null or m.id < ${messageId}::uuid)
     order by m.id desc limit 1`.execute(ctx.db<never>());
  return rows[0] ?? null;
}

/** What one mail says of many items. */
export async function prepareMany(
  ctx: Context,
  { itemIds, recipient, userId }: PrepareSummary,
): Promise<PreparedSummary> {
  const { workspaceId } = ctx;
  const items = await ctx.em.find(
    Item,
    { workspaceId, id: { $in: itemIds }, deletedAt: null },
    { orderBy: { number: 'asc' } },
  );
  const sees = userId === null ? ({ published }: Item) => published : await sightOf(ctx, userId);
  const wanted = items.filter(sees);
  const statuses = await ctx.em.find(Status, { workspaceId, id: { $in: wanted.map(({ statusId }) => statusId) } });
  const lines = wanted.slice(0, mostLines).map(({ number, title, statusId }) => ({
    ...{ number, title },
    statusName: statuses.find(({ id }) => id === statusId)?.customerName ?? '',
  }));
  return { items: lines, count: wanted.length, language: await languageOf(ctx, recipient) };
}

/** Whoever reads more than this in one mail opens the list. */
const mostLines = 50;

async function languageOf(ctx: Context, recipient: string): Promise<Language> {
  const { rows } = await sql<{ language: Language }>`
    select language from person where workspace_id = ${ctx.workspaceId} and lower(email) = lower(${recipient}) and language is not null limit 1`.execute(
    ctx.db<never>(),
  );
  return rows[0]?.language ?? (await workspaceOf(ctx)).language;
}

/** Tells which items a user may see now, by this service's copy of grants. Their teams are identity's; the roles given to "Everyone" hold for all. */
async function sightOf(ctx: Context, userId: string): Promise<(item: Item) => boolean> {
  const { rows } = await sql<{ project_id: string }>`
    select g.project_id from project_grant g where g.workspace_id = ${ctx.workspaceId}
       and ((g.principal_kind = 'user' and g.principal_id = ${userId})
         or (g.principal_kind = 'team' and g.principal_id in (select team_id from user_team where workspace_id = ${ctx.workspaceId} and user_id = ${userId})))`.execute(
    ctx.db<never>(),
  );
  const { rows: people } = await sql<{ role: 'administrator' | 'member' }>`
    select role from user_access where workspace_id = ${ctx.workspaceId} and user_id = ${userId} and active`.execute(
    ctx.db<never>(),
  );
  const role = people[0]?.role;
  if (!role) return () => false;
  const actor: Actor = {
    kind: 'user',
    id: userId,
    workspace: ctx.workspaceId,
    role,
    flags: [],
    teams: [],
    apps: ['tickets'],
    scopes: null,
    epoch: 0,
  };
  const projects = new Map(rows.map((row) => [row.project_id, 'restricted' as const]));
  const condition = where(actor, 'item.view', { projects, followedProjects: [], customerSight: 'own' });
  return (item) => holds(condition, item.accessFacts());
}

/** The mail of ours that a bounce speaks of. */
export async function findSent(ctx: Context, bounceToken: string | null, mailId: string | null): Promise<SentMail> {
  const { rows } = await sql<{ item_id: string; message_id: string | null; recipient: string }>`
    select item_id, message_id, recipient from sent_mail
     where workspace_id = ${ctx.workspaceId} and (bounce_token = ${bounceToken} or mail_id = ${mailId}) limit 1`.execute(
    ctx.db<never>(),
  );
  const [row] = rows;
  return row
    ? { found: true, itemId: row.item_id, messageId: row.message_id, recipient: row.recipient }
    : { found: false, itemId: null, messageId: null, recipient: null };
}
