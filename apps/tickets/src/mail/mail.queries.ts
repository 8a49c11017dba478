import { type ReceiveMail, type Sender } from '@sportello/contracts';
import { sameAddress, type ItemFacts, type VerdictFacts } from '@sportello/mail';
import { type Context } from '@sportello/service';
import { sql } from 'kysely';
import { participantsOf } from '../conversation/conversation.queries.js';
import { workspaceOf } from '../directory/directory.queries.js';
import { Item } from '../item/item.entity.js';

/**
 * Locks every id that the mail names, in one order for all, until the end of the transaction: a reply and its original that arrive at the same
 * moment are looked at one after the other.
 */
export async function lockMailIds(ctx: Context, mail: ReceiveMail): Promise<void> {
  const names = [...new Set([mail.mailKey, mail.messageId ?? mail.mailKey, ...mail.references])].sort();
  await sql`select pg_advisory_xact_lock(hashtextextended(name, 0))
    from unnest(${names.map((name) => `${ctx.workspaceId} ${name}`)}::text[]) with ordinality as each (name, place) order by place`.execute(
    ctx.db<never>(),
  );
}

interface MailIdRow {
  mail_id: string;
  item_id: string;
  thread_id: string;
  thread: 'customer' | 'internal';
  ours: boolean;
}
/** What became of this very mail when it came before. */
interface Received {
  content_hash: string;
  item_id: string | null;
  message_id: string | null;
}
interface TokenRow {
  reply_token: string;
  item_id: string;
  thread_id: string;
  thread: 'customer' | 'internal';
  recipient: string;
}

const threadRef = ({ thread, thread_id: id }: { thread: 'customer' | 'internal'; thread_id: string }) =>
  thread === 'customer' ? { kind: 'customer' as const, id: null } : { kind: 'internal' as const, id };

/** Everything that the verdict rests on, read under the locks; the items are locked as well. */
export async function gatherFacts(
  ctx: Context,
  mail: ReceiveMail,
): Promise<{ facts: VerdictFacts; items: Map<string, Item>; before: Received | null }> {
  const db = ctx.db<never>();
  const { workspaceId } = ctx;
  const { rows: received } = await sql<Received>`
    select content_hash, item_id, message_id from received_mail where workspace_id = ${workspaceId} and mail_key = ${mail.mailKey}`.execute(
    db,
  );
  const { rows: tokens } = await sql<TokenRow>`
    select s.reply_token, s.item_id, s.thread_id, t.kind as thread, s.recipient
      from sent_mail s join thread t on t.workspace_id = s.workspace_id and t.id = s.thread_id
     where s.workspace_id = ${workspaceId} and s.reply_token = any(${[...mail.replyTokens]}::text[])`.execute(db);
  const { rows: ids } = await sql<MailIdRow>`
    select m.mail_id, m.item_id, m.thread_id, t.kind as thread, m.ours
      from mail_id m join thread t on t.workspace_id = m.workspace_id and t.id = m.thread_id
     where m.workspace_id = ${workspaceId} and m.mail_id = any(${[...mail.references, ...(mail.messageId ? [mail.messageId] : [])]}::text[])
     order by m.known_at, m.item_id`.execute(db);
  const { rows: numbered } = await sql<{ id: string }>`
    select id from item where workspace_id = ${workspaceId} and number = ${mail.numberTag !== null && mail.numberTag < 2 ** 31 ? mail.numberTag : null} and deleted_at is null`.execute(
    db,
  );
  const items = new Map<string, Item>();
  for (const id of [
    ...new Set([...tokens, ...ids].map((row) => row.item_id).concat(numbered.map((row) => row.id))),
  ].sort()) {
    const item = await ctx.find(Item, id);
    if (item && !item.deletedAt) items.set(id, item);
  }
  const { grace_seconds: graceSeconds } = await workspaceOf(ctx);
  const followUps = await findFollowUps(ctx, mail, items, graceSeconds);
  // What answers an item that has its own sequel already belongs to the sequel.
  const placeOf = (row: MailIdRow | TokenRow) => {
    const followUp = row.thread === 'customer' ? followUps.get(row.item_id) : undefined;
    return { itemId: followUp ?? row.item_id, thread: threadRef(row) };
  };
  const participants = await participantsOf(ctx, [...items.keys()]);
  // Nearest first: the order of the mail's own references, an overtaken original (its own id) last.
  const order = [...mail.references, mail.messageId];
  const facts: VerdictFacts = {
    kind: 'person',
    seen:
      received.length === 0
        ? 'no'
        : received.some((row) => row.content_hash === mail.contentHash)
          ? 'same'
          : 'other content',
    authenticationFailed: mail.authenticationFailed,
    released: mail.released ?? false,
    sender: { address: mail.sender.email ?? '', kind: mail.sender.kind, organizationId: mail.sender.organizationId },
    tokens: tokens.filter((row) => vouches(mail, row)).map((row) => ({ ...placeOf(row), issuedTo: row.recipient })),
    // An id that leads to several items leads to the one first that knew it: the sort is stable.
    references: ids
      .sort((a, b) => order.indexOf(a.mail_id) - order.indexOf(b.mail_id))
      .map((row) => ({ ...placeOf(row), ours: row.ours && !mail.forwarded })),
    numbered: numbered[0]?.id ?? null,
    items: [...items.values()].map((item): ItemFacts => ({
      id: item.id,
      state: item.state === 'finished' ? 'finished' : item.state === 'in-progress' ? 'in progress' : 'not started',
      finishedAt: item.finishedAt ?? null,
      graceSeconds,
      organizationId: item.requesterOrganizationId ?? null,
      participants: [...(participants.get(item.id) ?? [])],
    })),
    now: ctx.now,
  };
  return { facts, items, before: received.find((row) => row.content_hash === mail.contentHash) ?? null };
}

/**
 * What a forwarded mail names of ours proves whom we wrote to, not the original sender: the forwarder's own token says where they want it, and
 * everything else counts only as far as the original sender takes part there.
 */
function vouches(
  { forwarded, comment, authenticationFailed, released }: ReceiveMail,
  { recipient }: TokenRow,
): boolean {
  if (!forwarded) return true;
  const forwarder = comment?.author.email;
  return Boolean(forwarder && sameAddress(recipient, forwarder)) && (!authenticationFailed || Boolean(released));
}

/**
 * The latest sequel of each item that was finished too long ago to be reopened, where the sender is who asked there: a second reply to the old mail joins the
 * first, instead of opening one more. The sequels are added to the items, locked like them.
 */
async function findFollowUps(
  ctx: Context,
  { sender }: ReceiveMail,
  items: Map<string, Item>,
  graceSeconds: number,
): Promise<Map<string, string>> {
  const ended = [...items.values()].filter(
    ({ state, finishedAt }) =>
      state === 'finished' && (finishedAt?.getTime() ?? 0) + graceSeconds * 1000 < ctx.now.getTime(),
  );
  const sequels = new Map<string, string>();
  if (!ended.length) return sequels;
  const { rows } = await sql<{ ended: string; sequel: string }>`
    select other_id as ended, item_id as sequel from item_link
     where workspace_id = ${ctx.workspaceId} and other_id = any(${ended.map(({ id }) => id)}::uuid[]) and relation = 'follow-up'
     order by created_at, item_id`.execute(ctx.db<never>());
  for (const row of rows) {
    const sequel = await ctx.find(Item, row.sequel);
    if (!sequel || sequel.deletedAt || sequel.requester?.id !== sender.id) continue;
    items.set(sequel.id, sequel);
    sequels.set(row.ended, sequel.id);
  }
  return sequels;
}

/** Every id that was seen or referenced leads to the item from now on, so that a reply that overtakes its original is joined by it. */
export async function rememberMail(ctx: Context, mail: ReceiveMail, itemId: string, threadId: string): Promise<void> {
  const ids = [...new Set([...(mail.messageId ? [mail.messageId] : []), ...mail.references])];
  if (!ids.length) return;
  await sql`insert into mail_id (workspace_id, mail_id, item_id, thread_id, ours)
    select ${ctx.workspaceId}, id, ${itemId}, ${threadId}, false from unnest(${ids}::text[]) as each (id)
    on conflict do nothing`.execute(ctx.db<never>());
}

/** Outlives the item: the same mail delivered again changes nothing, also after the item was deleted. */
export async function rememberReceived(
  ctx: Context,
  mail: ReceiveMail,
  {
    outcome,
    verdict,
    reason,
    itemId,
    messageId,
  }: { outcome: string; verdict: string; reason: string; itemId: string; messageId: string },
): Promise<void> {
  await sql`insert into received_mail (workspace_id, mail_key, content_hash, item_id, message_id, outcome, verdict, reason, at)
    values (${ctx.workspaceId}, ${mail.mailKey}, ${mail.contentHash}, ${itemId}, ${messageId}, ${outcome}, ${verdict}, ${reason}, ${ctx.now})
    on conflict do nothing`.execute(ctx.db<never>());
}

export async function linkItems(
  ctx: Context,
  itemId: string,
  otherId: string,
  relation: 'follow-up' | 'maybe-same',
): Promise<void> {
  await sql`insert into item_link (workspace_id, item_id, other_id, relation, created_at)
    values (${ctx.workspaceId}, ${itemId}, ${otherId}, ${relation}, ${ctx.now}) on conflict do nothing`.execute(
    ctx.db<never>(),
  );
}

/** A sender whom identity has just made: the copy comes by an event and may be later than the mail. */
export async function upsertSender(
  ctx: Context,
  { kind, id, name, email, organizationId, organizationName, language }: Sender,
): Promise<void> {
  const db = ctx.db<never>();
  await sql`insert into person (workspace_id, kind, id, name, email, organization_id, language, active, seq)
    values (${ctx.workspaceId}, ${kind}, ${id}, ${name}, ${email}, ${organizationId}, ${language}, true, 0) on conflict do nothing`.execute(
    db,
  );
  if (!organizationId) return;
  await sql`insert into organization (workspace_id, id, name, removed, seq)
    values (${ctx.workspaceId}, ${organizationId}, ${organizationName ?? ''}, false, 0) on conflict do nothing`.execute(
    db,
  );
}
