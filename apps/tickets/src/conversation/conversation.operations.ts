import { Controller } from '@nestjs/common';
import {
  addMessage,
  confirmSender,
  deleteMessage,
  editMessage,
  emptyMessage,
  fileNotFound,
  itemNotFound,
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
import { peopleOf, personFrom, requirePeople } from '../directory/directory.queries.js';
import { StoredFile } from '../file/file.entity.js';
import { Item } from '../item/item.entity.js';
import { logActivity } from '../item/activity.entity.js';
import { defaultRecipients, loadByIdOrNumber, nextNumber, readItem } from '../item/item.queries.js';
import { Status } from '../lifecycle/lifecycle.entity.js';
import { moveFor, statusesOf } from '../lifecycle/lifecycle.queries.js';
import { cleanWriting, fileUrl, Message, MessageRevision, Thread } from './conversation.entity.js';
import { readMessages, threadFor } from './conversation.queries.js';

@Controller()
export class ConversationOperations {
  @Handles(listMessages)
  async list({ id, cursor, thread, limit }: ListMessages, ctx: Context) {
    const item = await loadByIdOrNumber(ctx, id);
    return readMessages(ctx, item, {
      after: cursor && /^[0-9a-f-]{36}$/.test(cursor) ? cursor : undefined,
      thread,
      limit,
    });
  }

  @Handles(addMessage)
  async add({ id, statusId, ...writing }: AddMessage, ctx: Context) {
    const item = await ctx.load(Item, id, itemNotFound);
    if (item.deletedAt) throw new Refusal(itemNotFound);
    const message = await writeMessage(ctx, item, writing);
    const target = statusId
      ? await ctx.em.findOne(Status, { workspaceId: ctx.workspaceId, id: statusId, typeId: item.typeId })
      : writing.thread === 'customer' && item.state !== 'finished'
        ? await moveFor(ctx, item, ctx.actor.kind === 'customer' ? 'customer-reply' : 'agent-reply')
        : null;
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
    ctx.add(
      message.edit(item, clean.html, clean.plain, { id: ctx.newId(), by: ctx.person as PersonRef, now: ctx.now }),
    );
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
    message.delete(item, ctx.now);
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
    await this.message(ctx, await ctx.load(Item, id, itemNotFound), messageId);
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
    const item = await ctx.load(Item, id, itemNotFound);
    const message = await this.message(ctx, item, messageId);
    if (message.thread !== 'customer') throw new Refusal(messageNotFound);
    const statuses = await statusesOf(ctx, item.typeId);
    const people = await peopleOf(ctx, [message.author]);
    const own = Item.create({
      workspaceId: ctx.workspaceId,
      id: ctx.newId(),
      number: await nextNumber(ctx),
      typeId: item.typeId,
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
    logActivity(ctx, own, [{ what: 'split-off', before: { itemId: item.id }, after: null }]);
    logActivity(ctx, item, [{ what: 'message-split-off', before: { messageId }, after: { itemId: own.id } }]);
    return async () => {
      await this.rewire(ctx, item, own, message);
      return readItem(ctx, own);
    };
  }

  @Handles(confirmSender)
  async confirm({ id, messageId }: ByMessage, ctx: Context) {
    const item = await ctx.load(Item, id, itemNotFound);
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
    if (message.mail?.messageId) {
      await sql`update mail_id set item_id = ${own.id}, thread_id = ${message.threadId}
        where workspace_id = ${workspaceId} and item_id = ${item.id} and mail_id = ${message.mail.messageId}`.execute(
        db,
      );
    }
  }

  /** A message that the actor may change: their own that was written here, or any of the team's with the right to. */
  private async editable(ctx: Context, id: string, messageId: string): Promise<{ item: Item; message: Message }> {
    const item = await ctx.load(Item, id, itemNotFound);
    const message = await this.message(ctx, item, messageId);
    const own = message.authorId === ctx.person?.id && message.via !== 'mail';
    const mayAny = allows(ctx.actor, 'message.edit', await ctx.sight(), item.accessFacts());
    if (message.deletedAt || message.authorKind !== 'user') throw new Refusal(messageNotFound);
    if (!own && !mayAny) throw new Refusal(forbidden);
    return { item, message };
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
  const thread = await threadFor(ctx, item, writing.thread, writing.threadId);
  if (!thread) throw new Refusal(messageNotFound, { detail: 'There is no such thread here.' });
  const via = ctx.actor.kind === 'user' && ctx.actor.scopes ? 'api' : 'web';
  const message = ctx.add(
    Message.add(item, { id: ctx.newId(), thread, author, via, to, cc, html, plain, mentions, now: ctx.now }),
  );
  for (const file of files) {
    file.messageId = message.id;
    file.inline = html.includes(fileUrl(file.id));
  }
  return message;
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
