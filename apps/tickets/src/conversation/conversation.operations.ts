import { Controller } from '@nestjs/common';
import {
  addMessage,
  confirmSender,
  deleteMessage,
  editMessage,
  emptyMessage,
  fileNotFound,
  listMessages,
  listRevisions,
  messageNotFound,
  noRecipient,
  replyNotAllowed,
  splitOff,
  statusNotFound,
  type AddMessage,
  type ByMessage,
  type EditMessage,
  type ListMessages,
  type MailboxDto,
  type ThreadKind,
} from '@sportello/contracts';
import { forbidden, Refusal } from '@sportello/kernel';
import { baseSubject } from '@sportello/mail';
import { allows, type PersonRef } from '@sportello/permissions';
import { Handles, type Context } from '@sportello/service';
import { sql } from 'kysely';
import { readIdCursor } from '@sportello/listing';
import { peopleOf, personFrom, requirePeople } from '../directory/directory.queries.js';
import { StoredFile } from '../file/file.entity.js';
import { Item, type StatusTarget } from '../item/item.entity.js';
import { logActivity } from '../item/activity.entity.js';
import { refusingBadFilters } from '../item/item-list.queries.js';
import { defaultRecipients, loadByIdOrNumber, loadItem, nextNumber, readItem } from '../item/item.queries.js';
import { rememberSeen } from '../item/seen.queries.js';
import { Status } from '../lifecycle/lifecycle.entity.js';
import { moveFor, choicesOf } from '../lifecycle/lifecycle.queries.js';
import { cleanWriting, fileUrl, Message, MessageRevision, Thread } from './conversation.entity.js';
import { lastMessageId, mayEdit, readMessages, threadFor } from './conversation.queries.js';

@Controller()
export class ConversationOperations {
  @Handles(listMessages)
  async list({ id, cursor, thread, limit }: ListMessages, ctx: Context) {
    const item = await loadByIdOrNumber(ctx, id);
    return refusingBadFilters(() => readMessages(ctx, item, { after: readIdCursor(cursor), thread, limit }));
  }

  @Handles(addMessage)
  async add({ id, statusId, ...writing }: AddMessage, ctx: Context) {
    const item = await loadItem(ctx, id);
    const message = await writeMessage(ctx, item, writing);
    const target = statusId
      ? await ctx.em.findOne(Status, {
          workspaceId: ctx.workspaceId,
          id: statusId,
          typeId: item.typeId,
          successorId: null,
        })
      : await this.moveAfter(ctx, item, writing.thread);
    if (statusId && !target) throw new Refusal(statusNotFound);
    if (statusId && !allows(ctx.actor, 'item.edit', await ctx.sight(), item.accessFacts()))
      throw new Refusal(forbidden);
    // Whoever reads the reply need not hear of its status by another mail.
    if (target) logActivity(ctx, item, item.change({ status: target }, ctx.now, writing.thread === 'internal'));
    return () => readOne(ctx, item, message.id);
  }

  @Handles(editMessage)
  async edit({ id, messageId, html }: EditMessage, ctx: Context) {
    const { item, message } = await this.editable(ctx, id, messageId);
    const { rows: files } = await sql<{
      id: string;
    }>`select id from file where workspace_id = ${ctx.workspaceId} and message_id = ${messageId}`.execute(
      ctx.db<never>(),
    );
    const clean = cleanWriting(
      html,
      files.map((file) => file.id),
    );
    if (!clean.plain.trim() && !files.length) throw new Refusal(emptyMessage);
    ctx.add(message.edit(item, clean.html, clean.plain, this.revision(ctx)));
    logActivity(
      ctx,
      item,
      [{ what: 'message-edited', before: { messageId }, after: null }],
      message.thread === 'internal',
    );
    return () => readOne(ctx, item, messageId);
  }

  @Handles(deleteMessage)
  async delete({ id, messageId }: ByMessage, ctx: Context) {
    const { item, message } = await this.editable(ctx, id, messageId);
    ctx.add(message.delete(item, this.revision(ctx)));
    item.lastMessageId = await lastMessageId(ctx, item.id, messageId);
    logActivity(
      ctx,
      item,
      [{ what: 'message-deleted', before: { messageId }, after: null }],
      message.thread === 'internal',
    );
    return () => readOne(ctx, item, messageId);
  }

  @Handles(listRevisions)
  async revisions({ id, messageId }: ByMessage, ctx: Context) {
    await this.message(ctx, await loadItem(ctx, id), messageId);
    const revisions = await ctx.em.find(
      MessageRevision,
      { workspaceId: ctx.workspaceId, messageId },
      { orderBy: { id: 'desc' } },
    );
    const people = await peopleOf(
      ctx,
      revisions.map(({ byKind, byId }) => ({ kind: byKind, id: byId })),
    );
    return {
      data: revisions.map(({ html, until, byKind, byId }) => ({
        html,
        until,
        by: personFrom(people, { kind: byKind, id: byId }),
      })),
    };
  }

  @Handles(splitOff)
  async split({ id, messageId }: ByMessage, ctx: Context) {
    const item = await loadItem(ctx, id);
    const message = await this.message(ctx, item, messageId);
    if (message.thread !== 'customer' || message.deletedAt) throw new Refusal(messageNotFound);
    const statuses = await choicesOf(ctx, item.typeId);
    const people = await peopleOf(ctx, [message.author]);
    const own = Item.create({
      workspaceId: ctx.workspaceId,
      id: ctx.newId(),
      number: await nextNumber(ctx),
      typeId: item.typeId,
      app: item.app,
      title: baseSubject(message.subject ?? '') || item.title,
      status: statuses.find(({ state }) => state !== 'finished') as Status,
      priority: item.priority,
      projectId: item.projectId,
      requester: message.author,
      organizationId: people.get(message.author.id)?.organizationId ?? null,
      assignees: item.assignees,
      tags: [],
      published: item.published,
      now: ctx.now,
    });
    const thread = Thread.of(own, ctx.newId(), 'customer', ctx.now);
    [own, thread].forEach((entity) => ctx.add(entity));
    message.moveTo(own, thread, item);
    item.lastMessageId = await lastMessageId(ctx, item.id, messageId);
    logActivity(ctx, own, [{ what: 'split-off', before: { itemId: item.id }, after: null }]);
    logActivity(ctx, item, [{ what: 'message-split-off', before: { messageId }, after: { itemId: own.id } }]);
    return async () => {
      await this.rewire(ctx, item, own, message);
      return readItem(ctx, own);
    };
  }

  @Handles(confirmSender)
  async confirm({ id, messageId }: ByMessage, ctx: Context) {
    const item = await loadItem(ctx, id);
    const message = await this.message(ctx, item, messageId);
    message.confirmSender(item);
    const others = item.followers.filter((follower) => follower.id !== message.authorId);
    logActivity(ctx, item, item.change({ followers: [...others, message.author] }, ctx.now));
    return () => readOne(ctx, item, messageId);
  }

  /** Links the two, and lets answers to the message that moved find it where it is now. */
  private async rewire(ctx: Context, item: Item, own: Item, message: Message): Promise<void> {
    const db = ctx.db<never>();
    const { workspaceId } = ctx;
    await sql`insert into item_link (workspace_id, item_id, other_id, relation, created_at) values (${workspaceId}, ${own.id}, ${item.id}, 'split-off', ${ctx.now})`.execute(
      db,
    );
    // What we sent of it is answered where it is now; what we told about the item before it left stays there.
    const { rows: sent } = await sql<{
      mail_id: string;
    }>`update sent_mail set item_id = ${own.id}, thread_id = ${message.threadId}
      where workspace_id = ${workspaceId} and item_id = ${item.id} and message_id = ${message.id} returning mail_id`.execute(
      db,
    );
    const mailIds = [...sent.map((row) => row.mail_id), ...(message.mail?.messageId ? [message.mail.messageId] : [])];
    await sql`update mail_id set item_id = ${own.id}, thread_id = ${message.threadId}
      where workspace_id = ${workspaceId} and item_id = ${item.id} and mail_id = any(${mailIds}::text[])`.execute(db);
    await sql`update delivery set item_id = ${own.id} where workspace_id = ${workspaceId} and message_id = ${message.id}`.execute(
      db,
    );
  }

  /** A message that the actor may change: their own that was written here, or any of the team's with the right to. */
  private async editable(ctx: Context, id: string, messageId: string): Promise<{ item: Item; message: Message }> {
    const item = await loadItem(ctx, id);
    const message = await this.message(ctx, item, messageId);
    if (message.deletedAt || message.authorKind !== 'user') throw new Refusal(messageNotFound);
    if (!mayEdit(ctx, await ctx.sight(), item, message)) throw new Refusal(forbidden);
    return { item, message };
  }

  private revision(ctx: Context) {
    return { id: ctx.newId(), by: ctx.person as PersonRef, now: ctx.now };
  }

  /** The type's default moves. A customer who writes into a finished item in the app has chosen it: it opens again. */
  private moveAfter(ctx: Context, item: Item, thread: ThreadKind): Promise<StatusTarget | null> | null {
    if (thread === 'internal') return null;
    const finished = item.state === 'finished';
    if (ctx.actor.kind === 'customer') return moveFor(ctx, item, finished ? 'reply-after-finish' : 'customer-reply');
    return finished ? null : moveFor(ctx, item, 'agent-reply');
  }

  private async message(ctx: Context, item: Item, id: string): Promise<Message> {
    const message = await ctx.em.findOne(Message, { workspaceId: ctx.workspaceId, id, itemId: item.id });
    if (!message || (message.thread === 'internal' && ctx.actor.kind === 'customer'))
      throw new Refusal(messageNotFound);
    return message;
  }
}

async function readOne(ctx: Context, item: Item, messageId: string) {
  const { data } = await readMessages(ctx, item, { only: messageId });
  return data[0] as (typeof data)[number];
}

/** What somebody writes in the app or by API. */
export interface Writing {
  thread: ThreadKind;
  threadId?: string;
  newThread?: boolean;
  html: string;
  attachments?: string[];
  to?: string[];
  cc?: string[];
  mentions?: string[];
}

/**
 * Adds a message that was written in the app. In the customer thread a user's message is a reply that goes out by mail.
 * @throws Refusal when there is nothing to say, nobody to say it to, or no right to
 */
export async function writeMessage(ctx: Context, item: Item, writing: Writing): Promise<Message> {
  const author = ctx.person as PersonRef;
  const sight = await ctx.sight();
  const facts = item.accessFacts();
  const replies = writing.thread === 'customer';
  if (replies && !allows(ctx.actor, 'message.reply', sight, facts)) throw new Refusal(replyNotAllowed);
  if (!replies && !allows(ctx.actor, 'message.note', sight, facts)) throw new Refusal(forbidden);
  const files = await ownFiles(ctx, writing.attachments ?? []);
  const { html, plain } = cleanWriting(
    writing.html,
    files.map(({ id }) => id),
  );
  if (!plain.trim() && !files.length) throw new Refusal(emptyMessage);
  const mentions = [...new Set(writing.mentions ?? [])];
  await requirePeople(
    ctx,
    mentions.map((id) => ({ kind: 'user', id })),
  );
  const { to, cc } = replies && author.kind === 'user' ? await recipients(ctx, item, writing) : { to: [], cc: [] };
  const thread = await threadOf(ctx, item, writing);
  const via = ctx.actor.kind === 'user' && ctx.actor.scopes ? 'api' : 'web';
  const message = ctx.add(
    Message.add(item, { id: ctx.newId(), thread, author, via, to, cc, html, plain, mentions, now: ctx.now }),
  );
  for (const file of files) {
    file.messageId = message.id;
    file.inline = html.includes(fileUrl(file.id));
  }
  await rememberSeen(ctx, item.id, message.id);
  return message;
}

/** @throws Refusal `message_not_found` for a thread of another item or kind */
async function threadOf(ctx: Context, item: Item, { thread: kind, threadId, newThread }: Writing): Promise<Thread> {
  if (newThread && kind === 'internal' && !threadId) return ctx.add(Thread.of(item, ctx.newId(), kind, ctx.now));
  if (newThread) throw new Refusal(messageNotFound, { detail: 'Only an internal thread can be begun, under no id.' });
  const thread = await threadFor(ctx, item, kind, threadId);
  if (!thread) throw new Refusal(messageNotFound, { detail: 'There is no such thread here.' });
  return thread;
}

/** Uploads of whoever writes that no message has yet. @throws Refusal `file_not_found` */
async function ownFiles(ctx: Context, ids: readonly string[]): Promise<StoredFile[]> {
  if (!ids.length) return [];
  const files = await ctx.em.find(StoredFile, { workspaceId: ctx.workspaceId, id: { $in: [...new Set(ids)] } });
  const usable = files.filter((file) => file.messageId === null && file.isOwnedBy(ctx.person));
  if (usable.length < new Set(ids).size) throw new Refusal(fileNotFound);
  return usable;
}

/** Whom a reply goes to: whom the composer named, else the requester and their colleagues who follow. */
async function recipients(
  ctx: Context,
  item: Item,
  { to, cc }: Writing,
): Promise<{ to: MailboxDto[]; cc: MailboxDto[] }> {
  const people = await peopleOf(ctx, [item.requester, ...item.followers]);
  const usual = defaultRecipients(item, people);
  const known = [...usual.to, ...usual.cc];
  const named = (addresses: string[]) =>
    [...new Set(addresses)].map(
      (address) => known.find((mailbox) => mailbox.address === address) ?? { name: '', address },
    );
  const chosen = { to: to ? named(to) : usual.to, cc: cc ? named(cc) : usual.cc };
  if (!chosen.to.length) {
    // A ticket that a colleague opened has nobody to mail: a reply there is read in the app.
    if (item.requester?.kind === 'user' && !chosen.cc.length) return chosen;
    throw new Refusal(noRecipient);
  }
  return chosen;
}
