import { Controller } from '@nestjs/common';
import {
  findSentMail,
  itemNotFound,
  prepareMail,
  prepareSummary,
  receiveMail,
  type FindSentMail,
  type PrepareMail,
  type PrepareSummary,
  type ReceiveMail,
} from '@sportello/contracts';
import { Refusal, uuidv7 } from '@sportello/kernel';
import { baseSubject, decide, subjectChanged, type Verdict } from '@sportello/mail';
import { Handles, type Context } from '@sportello/service';
import { Message, type MailRecord, type Thread } from '../conversation/conversation.entity.js';
import { threadFor } from '../conversation/conversation.queries.js';
import { StoredFile } from '../file/file.entity.js';
import { markDead, type FileTables } from '../file/file.queries.js';
import { logActivity } from '../item/activity.entity.js';
import { Item } from '../item/item.entity.js';
import { nextNumber } from '../item/item.queries.js';
import { type Status } from '../lifecycle/lifecycle.entity.js';
import { moveFor, typeByKey } from '../lifecycle/lifecycle.queries.js';
import { workspaceOf } from '../directory/directory.queries.js';
import { gatherFacts, lockMailIds, rememberMail, rememberReceived, linkItems, upsertSender } from './mail.queries.js';
import { findSent, prepare, prepareMany } from './sent-mail.queries.js';

/** What the longest title may have; the whole subject stays with the message. */
const titleLength = 250;

@Controller()
export class MailOperations {
  @Handles(receiveMail)
  async receive(mail: ReceiveMail, ctx: Context) {
    await lockMailIds(ctx, mail);
    const { facts, items, before } = await gatherFacts(ctx, mail);
    const verdict = decide(facts);
    const answer = { verdict: nameOf(verdict), reason: verdict.reason.text };
    // What is refused is not remembered: a user may let it in from quarantine, and a worker that died before it noted the refusal must hear it again.
    if (verdict.action !== 'append' && verdict.action !== 'create') {
      const outcome = before ? ('duplicate' as const) : ('refused' as const);
      // Its attachments were stored before it was judged.
      const hashes = mail.files.map(({ hash }) => hash);
      await markDead(ctx.db<FileTables>(), ctx.workspaceId, hashes, ctx.now);
      return { outcome, ...answer, itemId: before?.item_id ?? null, messageId: before?.message_id ?? null };
    }
    await upsertSender(ctx, mail.sender);
    const appended = verdict.action === 'append' ? (items.get(verdict.itemId) as Item) : null;
    const item = appended ?? (await this.open(ctx, mail));
    const kind = verdict.action === 'append' ? verdict.thread.kind : 'customer';
    const thread = await threadFor(ctx, item, kind, verdict.action === 'append' ? verdict.thread.id : null);
    if (!thread) throw new Refusal(itemNotFound);
    const record: MailRecord = {
      messageId: mail.messageId,
      ...answer,
      marks: [...verdict.marks],
      authentication: mail.authentication,
    };
    const body = mail.body;
    const message = ctx.add(
      Message.add(item, {
        id: ctx.newId(),
        thread,
        author: { kind: mail.sender.kind, id: mail.sender.id },
        via: 'mail',
        subject:
          appended && !subjectChanged(item.title, mail.subject) ? null : mail.subject.slice(0, 1000).toWellFormed(),
        to: mail.to,
        cc: mail.cc,
        html: body.html,
        quotedHtml: body.quotedHtml,
        plain: body.text,
        remoteImages: body.remoteImages,
        newHere: verdict.marks.includes('new here'),
        mail: record,
        rawHash: mail.rawHash,
        answerable: mail.answerable,
        now: ctx.now,
      }),
    );
    this.keepFiles(ctx, mail, message.id);
    await this.keepComment(ctx, item, mail);
    if (verdict.action === 'append') await this.moveAfterReply(ctx, item, mail, verdict);
    return async () => {
      await rememberMail(ctx, mail, item.id, thread.id);
      await rememberReceived(ctx, mail, { ...answer, outcome: verdict.action, itemId: item.id, messageId: message.id });
      if (verdict.action === 'create' && verdict.related) {
        await linkItems(
          ctx,
          item.id,
          verdict.related.itemId,
          verdict.related.relation === 'continues' ? 'follow-up' : 'maybe-same',
        );
      }
      return {
        outcome: appended ? ('message' as const) : ('item' as const),
        ...answer,
        itemId: item.id,
        messageId: message.id,
      };
    };
  }

  @Handles(prepareMail)
  prepare(input: PrepareMail, ctx: Context) {
    return prepare(ctx, input);
  }

  @Handles(prepareSummary)
  prepareSummary(input: PrepareSummary, ctx: Context) {
    return prepareMany(ctx, input);
  }

  @Handles(findSentMail)
  async findSent({ bounceToken, mailId }: FindSentMail, ctx: Context) {
    return findSent(ctx, bounceToken, mailId);
  }

  private keepFiles(ctx: Context, { files, sender }: ReceiveMail, messageId: string): void {
    const { workspaceId, now: createdAt } = ctx;
    for (const { id, hash, name, contentType, size, inline } of files) {
      const uploader = { uploaderKind: sender.kind, uploaderId: sender.id };
      const parts = { workspaceId, id, hash, name, contentType, size, inline, ...uploader, messageId, createdAt };
      ctx.add(Object.assign(new StoredFile(), parts));
    }
  }

  /** What a user wrote above a mail that they forwarded is meant for the team. */
  private async keepComment(ctx: Context, item: Item, { comment, rawHash }: ReceiveMail): Promise<void> {
    if (!comment?.text.trim()) return;
    const { author, html, text: plain } = comment;
    await upsertSender(ctx, author);
    const thread = (await threadFor(ctx, item, 'internal')) as Thread;
    const by = { kind: author.kind, id: author.id };
    // Messages stand in the order of their ids, which within a millisecond is chance.
    const now = new Date(ctx.now.getTime() + 1);
    const id = uuidv7(now, ctx.random);
    ctx.add(Message.add(item, { id, thread, author: by, via: 'mail', html, plain, rawHash, now }));
  }

  /** A new item from a mail: the organization's project and team, the type's first open status. */
  private async open(ctx: Context, mail: ReceiveMail): Promise<Item> {
    const { type, statuses } = await typeByKey(ctx, 'ticket');
    const { support_project_id: support } = await workspaceOf(ctx);
    const { sender } = mail;
    const subject = baseSubject(mail.subject);
    const firstWords = mail.body.text.trim().split('\n')[0]?.slice(0, 80);
    const item = Item.create({
      workspaceId: ctx.workspaceId,
      id: ctx.newId(),
      number: await nextNumber(ctx),
      typeId: type.id,
      app: type.app,
      title: (subject || firstWords || mail.sender.name || mail.sender.email || '—')
        .slice(0, titleLength)
        .toWellFormed(),
      status: statuses.find(({ state }) => state !== 'finished') as Status,
      priority: 2,
      projectId: sender.defaultProjectId ?? support,
      requester: { kind: sender.kind, id: sender.id },
      organizationId: sender.organizationId,
      assignees: sender.defaultTeamId ? [{ kind: 'team', id: sender.defaultTeamId }] : [],
      tags: [],
      published: sender.kind === 'customer' || type.publishedByDefault,
      now: ctx.now,
    });
    ctx.add(item);
    logActivity(ctx, item, [{ what: 'created', before: null, after: { via: 'mail' } }]);
    return item;
  }

  /** The type's default moves: a customer's reply, and a reply to what was finished. A user's words move nothing by themselves. */
  private async moveAfterReply(
    ctx: Context,
    item: Item,
    mail: ReceiveMail,
    verdict: Extract<Verdict, { action: 'append' }>,
  ): Promise<void> {
    if (verdict.thread.kind !== 'customer') return;
    const trigger = verdict.reopen
      ? 'reply-after-finish'
      : mail.sender.kind === 'user'
        ? 'agent-reply'
        : 'customer-reply';
    if (!verdict.reopen && item.state === 'finished') return;
    const target = await moveFor(ctx, item, trigger);
    // Only a reopening is news to whoever has just written.
    if (target) logActivity(ctx, item, item.change({ status: target }, ctx.now, verdict.reopen));
  }
}

/** A verdict in one word, as messages show it. */
function nameOf(verdict: Verdict): string {
  if (verdict.action === 'append') return verdict.reopen ? 'reopened' : 'appended';
  if (verdict.action === 'create')
    return verdict.related ? (verdict.related.relation === 'continues' ? 'follow-up' : 'new-linked') : 'new';
  return verdict.action;
}
