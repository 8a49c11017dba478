import { defineEntity, p } from '@mikro-orm/postgresql';
import {
  messageAdded,
  messageChanged,
  type MailboxDto,
  type MessageFacts,
  type ThreadKind,
} from '@sportello/contracts';
import { cleanHtml, htmlToText } from '@sportello/mail';
import { type PersonRef } from '@sportello/permissions';
import { record } from '@sportello/persistence';
import { type Item } from '../item/item.entity.js';

export const ThreadSchema = defineEntity({
  name: 'Thread',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    itemId: p.uuid(),
    kind: p.string().$type<ThreadKind>(),
    createdAt: p.datetime(),
  },
});

/** One line of a conversation: the customer thread, or one of several internal ones. */
export class Thread extends ThreadSchema.class {
  static of(item: Item, id: string, kind: ThreadKind, now: Date): Thread {
    return Object.assign(new Thread(), { workspaceId: item.workspaceId, id, itemId: item.id, kind, createdAt: now });
  }
}
ThreadSchema.setClass(Thread);

/** How a mail came in, as it is kept with its message. */
export interface MailRecord {
  messageId: string | null;
  verdict: string;
  reason: string;
  marks: string[];
  authentication: object | null;
}

export const MessageSchema = defineEntity({
  name: 'Message',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    itemId: p.uuid(),
    threadId: p.uuid(),
    thread: p.string().$type<ThreadKind>(),
    authorKind: p.string().$type<'user' | 'customer'>(),
    authorId: p.uuid(),
    via: p.string().$type<'mail' | 'web' | 'api'>(),
    subject: p.text().nullable(),
    toMailboxes: p.json<MailboxDto[]>(),
    ccMailboxes: p.json<MailboxDto[]>(),
    html: p.text(),
    quotedHtml: p.text().nullable(),
    plain: p.text(),
    remoteImages: p.integer(),
    mentions: p.array(),
    newHere: p.boolean(),
    mail: p.json<MailRecord>().nullable(),
    rawHash: p.string().nullable(),
    createdAt: p.datetime(),
    editedAt: p.datetime().nullable(),
    deletedAt: p.datetime().nullable(),
  },
});

/** What a new message is made of. Its HTML is clean already. */
export interface MessageParts {
  id: string;
  thread: Thread;
  author: PersonRef;
  via: 'mail' | 'web' | 'api';
  subject?: string | null;
  to?: MailboxDto[];
  cc?: MailboxDto[];
  html: string;
  quotedHtml?: string | null;
  plain: string;
  remoteImages?: number;
  mentions?: string[];
  newHere?: boolean;
  mail?: MailRecord | null;
  rawHash?: string | null;
  /** An automatic answer may go to its author. */
  answerable?: boolean;
  now: Date;
}

/** Who changes a wording, and when. */
export interface Revision {
  id: string;
  by: PersonRef;
  now: Date;
}

/** Something that somebody wrote. Its events are the item's: a conversation has the item's order and its access. */
export class Message extends MessageSchema.class {
  static add(item: Item, parts: MessageParts): Message {
    const { thread, author } = parts;
    const message = Object.assign(new Message(), {
      workspaceId: item.workspaceId,
      id: parts.id,
      itemId: item.id,
      threadId: thread.id,
      thread: thread.kind,
      authorKind: author.kind,
      authorId: author.id,
      via: parts.via,
      subject: parts.subject ?? null,
      toMailboxes: parts.to ?? [],
      ccMailboxes: parts.cc ?? [],
      html: parts.html,
      quotedHtml: parts.quotedHtml || null,
      plain: parts.plain,
      remoteImages: parts.remoteImages ?? 0,
      mentions: parts.mentions ?? [],
      newHere: parts.newHere ?? false,
      mail: parts.mail ?? null,
      rawHash: parts.rawHash ?? null,
      createdAt: parts.now,
      editedAt: null,
      deletedAt: null,
    });
    const first = !item.lastMessageId;
    item.touch(message.id, parts.now);
    const facts = { ...message.facts(item), first, answerable: parts.answerable ?? false };
    record(item, messageAdded, facts, { internal: message.thread === 'internal' });
    return message;
  }

  get author(): PersonRef {
    return { kind: this.authorKind, id: this.authorId };
  }

  /** @returns the wording before, to be kept */
  edit(item: Item, html: string, plain: string, revision: Revision): MessageRevision {
    const before = this.wording(revision);
    this.html = html;
    this.plain = plain;
    this.editedAt = revision.now;
    this.changed(item, 'edited');
    return before;
  }

  /** @returns the last wording, to be kept */
  delete(item: Item, revision: Revision): MessageRevision {
    const last = this.wording(revision);
    this.deletedAt = revision.now;
    this.changed(item, 'deleted');
    return last;
  }

  confirmSender(item: Item): void {
    this.newHere = false;
    this.changed(item, 'sender');
  }

  /** Puts the message into an item of its own. */
  moveTo(own: Item, thread: Thread, from: Item): void {
    this.changed(from, 'split-off');
    this.itemId = own.id;
    this.threadId = thread.id;
    own.touch(this.id, own.createdAt);
    record(own, messageAdded, { ...this.facts(own), first: true }, { internal: false });
  }

  /** Tells that something about the message changed: its words, its delivery. */
  changed(item: Item, what: string): void {
    record(item, messageChanged, this.facts(item), { changed: [what], internal: this.thread === 'internal' });
  }

  private wording({ id, by, now }: Revision): MessageRevision {
    const { workspaceId, id: messageId, html } = this;
    const until = { until: now, byKind: by.kind, byId: by.id };
    return Object.assign(new MessageRevision(), { workspaceId, id, messageId, html, ...until });
  }

  facts(item: Item): MessageFacts {
    const { id, itemId, threadId, thread, author, via, mentions, newHere } = this;
    return {
      id,
      itemId,
      itemNumber: item.number,
      threadId,
      thread,
      author,
      via,
      mentions,
      to: this.toMailboxes,
      cc: this.ccMailboxes,
      // Half of an emoji at the cut would be no text: PostgreSQL refuses it in JSON, and with it the whole message.
      excerpt: this.plain.replace(/\s+/g, ' ').trim().slice(0, 200).toWellFormed(),
      newHere,
      first: false,
      answerable: false,
    };
  }
}
MessageSchema.setClass(Message);

export const MessageRevisionSchema = defineEntity({
  name: 'MessageRevision',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    messageId: p.uuid(),
    html: p.text(),
    until: p.datetime(),
    byKind: p.string().$type<'user' | 'customer'>(),
    byId: p.uuid(),
  },
});

/** An earlier wording of a message. */
export class MessageRevision extends MessageRevisionSchema.class {}
MessageRevisionSchema.setClass(MessageRevision);

/** Where a file is served. */
export const fileUrl = (id: string): string => `/api/v1/files/${id}`;

/** Clean HTML of what somebody wrote, with the images that are files of the message. */
export function cleanWriting(html: string, fileIds: readonly string[]): { html: string; plain: string } {
  // Our own images travel through the cleaner as content ids, so that it knows no address but those of this message's files.
  const named = html.replace(/(\bsrc\s*=\s*["'])\/api\/v1\/files\/([0-9a-f-]{36})(["'])/gi, '$1cid:$2$3');
  const clean = cleanHtml(named, { inline: new Map(fileIds.map((id) => [id, fileUrl(id)])), own: true }).html;
  return { html: clean, plain: htmlToText(clean) };
}
