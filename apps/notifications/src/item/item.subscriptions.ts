import { LockMode } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import {
  itemChanged,
  itemCreated,
  itemDeleted,
  itemTypeChanged,
  messageAdded,
  snapshotItems,
  snapshotTypes,
  type CustomerMail,
  type ItemFacts,
  type ItemType,
  type MessageFacts,
  type NotificationReason,
} from '@sportello/contracts';
import { copiedWorkspace } from '@sportello/directory';
import { type EventActor, type EventEnvelope, type EventJob } from '@sportello/messaging';
import { type AccessFacts, type PersonRef } from '@sportello/permissions';
import { Fills, On, type Context, type Told } from '@sportello/service';
import { peopleOf, usersWhoSee, type KnownPerson } from '../directory/directory.queries.js';
import { Notification } from '../inbox/inbox.entity.js';
import { preferencesOf } from '../inbox/inbox.queries.js';
import { OutboundMail, type OutboundParts } from '../outbound/outbound.entity.js';
import { OutboundJobs } from '../outbound/outbound.jobs.js';
import { withinBudget } from '../outbound/outbound.queries.js';
import { isOn } from '../template/template.queries.js';
import { insideAudience, newlyAssigned, outsideAudience, plainAddress } from './audience.js';
import { isSwitchedOn } from './app.subscriptions.js';
import { Item } from './item.entity.js';
import { customerNameOf, keepStatuses } from './item.queries.js';
import { beginAgain, stoppedOf } from './stop.queries.js';
import { closeSummaries, joinMail, joinNotification, summaryDue, withdraw } from './summary.js';

type Event<Payload> = EventEnvelope<Payload, AccessFacts>;

/**
 * Who is told what happened to an item. Rows only: what they say is asked of tickets at the moment of sending, which also checks
 * once more who may see it.
 */
@Injectable()
export class ItemSubscriptions {
  constructor(private readonly outbound: OutboundJobs) {}

  @On(itemCreated)
  async created(event: Event<ItemFacts>, ctx: Context): Promise<void> {
    const item = await this.copy(event, ctx);
    if (await isSwitchedOn(ctx, item.app)) await this.tellAssigned(event, item, null, ctx);
  }

  @On(itemChanged)
  async changed(event: Event<ItemFacts>, ctx: Context): Promise<void> {
    const before = await ctx.find(Item, event.data.after.id);
    const statusId = before?.statusId;
    const item = await this.copy(event, ctx);
    if (event.data.changed.includes('deleted')) item.deleted = false;
    await beginAgain(ctx, item.id, event.data.was, event.data.is);
    if (!(await isSwitchedOn(ctx, item.app))) return;
    const { job = null } = event;
    // What was taken back before anybody heard of it, nobody hears of; who was given it back never knew that it was gone.
    const silent = job?.undoes ? await withdraw(ctx, job.undoes, item.id) : new Set<string>();
    if (event.data.changed.includes('assignees') && !job?.undoes)
      await this.tellAssigned(event, item, event.data.was, ctx);
    await this.announce(event, item, statusId ?? null, silent, ctx);
    if (job?.ends) await closeSummaries(ctx, job);
  }

  private async announce(
    event: Event<ItemFacts>,
    item: Item,
    statusBefore: string | null,
    silent: ReadonlySet<string>,
    ctx: Context,
  ): Promise<void> {
    const { announce } = event.data.after;
    if (!announce) return;
    if (
      announce === 'status-changed' &&
      statusBefore &&
      !(await this.readsDifferently(ctx, statusBefore, item.statusId))
    )
      return;
    const { actor, job } = event;
    await this.tellRequester(ctx, item, announce, { occasion: event.id, messageId: null, actor, job, silent });
  }

  @On(itemDeleted)
  async deleted(event: Event<ItemFacts>, ctx: Context): Promise<void> {
    (await this.copy(event, ctx)).deleted = true;
  }

  @Fills(snapshotItems)
  async fill(told: Told<ItemFacts>, ctx: Context): Promise<void> {
    const item = await this.copy(told, ctx);
    item.deleted = told.deleted ?? false;
  }

  @On(itemTypeChanged)
  @Fills(snapshotTypes)
  async statuses({ data, seq }: Told<ItemType>, ctx: Context): Promise<void> {
    await keepStatuses(ctx, data.after.statuses, seq);
  }

  @On(messageAdded)
  async message(event: Event<MessageFacts>, ctx: Context): Promise<void> {
    const message = event.data.after;
    const facts = event.data.is;
    const item = await ctx.find(Item, message.itemId);
    if (!item || !facts) throw new Error(`The item ${message.itemId} of a message is not known here.`);
    item.copyFacts(facts, event.seq);
    if (!(await isSwitchedOn(ctx, item.app))) return;
    await this.mailOutside(ctx, item, message);
    await this.tellInside(ctx, item, message);
    const { via, author, first, answerable, id: messageId } = message;
    if (via === 'mail' && author.kind === 'customer' && first && answerable)
      await this.tellRequester(ctx, item, 'acknowledgement', { occasion: messageId, messageId, actor: null });
  }

  /** Customers, and whomever the composer named. */
  private async mailOutside(ctx: Context, item: Item, message: MessageFacts): Promise<void> {
    const { requester, followers } = item.facts;
    const customers = [...(await peopleOf(ctx, [requester, ...followers])).values()].filter(
      ({ kind }) => kind === 'customer',
    );
    const stopped = await stoppedOf(ctx, item.id);
    for (const outside of outsideAudience(message, item.facts, customers, await ownAddresses(ctx))) {
      // Who asked for it, or is named by the composer, is written to; a follower gets a copy, and may stop it.
      const copyTo = (person: KnownPerson) => person.email === outside.address && person.id !== requester?.id;
      const followerId = outside.role === 'alone' ? (customers.find(copyTo)?.id ?? null) : null;
      if (followerId && stopped.has(followerId)) continue;
      this.send(ctx, {
        ...outside,
        followerId,
        purpose: 'reply',
        occasion: message.id,
        itemId: item.id,
        messageId: message.id,
        writerId: message.author.kind === 'user' ? message.author.id : null,
      });
    }
  }

  /** Users who are mentioned, assigned or following, and may see the item. */
  private async tellInside(ctx: Context, item: Item, message: MessageFacts): Promise<void> {
    const reasons = insideAudience(message, item.facts);
    if (message.first) for (const userId of await this.addFirstMessage(ctx, item, message)) reasons.delete(userId);
    const users = await usersWhoSee(ctx, item.facts, { users: [...reasons.keys()] });
    await this.tell(ctx, item, users, (user) => reasons.get(user.id) as NotificationReason, {
      occasion: message.id,
      messageId: message.id,
      actor: message.author,
      excerpt: message.excerpt,
      // Who is named in To or Cc has the reply itself.
      had:
        message.thread === 'customer' ? [...message.to, ...message.cc].map(({ address }) => plainAddress(address)) : [],
    });
  }

  private async tellAssigned(
    event: Event<ItemFacts>,
    item: Item,
    before: AccessFacts | null,
    ctx: Context,
  ): Promise<void> {
    const actor = personOf(event.actor);
    const users = await usersWhoSee(ctx, item.facts, newlyAssigned(before, item.facts));
    const others = users.filter(({ id }) => id !== actor?.id);
    await this.tell(ctx, item, others, () => 'assigned', {
      occasion: event.id,
      messageId: null,
      actor: actor ?? item.facts.requester,
      excerpt: '',
      had: [],
      // The first message follows at once and is then in the same mail.
      dueAt: new Date(ctx.now.getTime() + (before ? 0 : 1000)),
      job: event.job,
    });
  }

  /**
   * Who has just been told that a new item is theirs gets its first message with it, not by a second mail.
   * @returns these users
   */
  private async addFirstMessage(ctx: Context, item: Item, message: MessageFacts): Promise<string[]> {
    const { workspaceId } = ctx;
    const where = { workspaceId, itemId: item.id, messageId: null };
    // Locked: one that a worker has begun to send stays as it is.
    const mails = await ctx.em.find(
      OutboundMail,
      { ...where, purpose: 'assigned', state: 'queued' },
      { lockMode: LockMode.PESSIMISTIC_WRITE },
    );
    for (const mail of mails) Object.assign(mail, { messageId: message.id, dueAt: ctx.now });
    const told = await ctx.em.find(Notification, { ...where, reason: 'assigned' });
    for (const one of told) Object.assign(one, { messageId: message.id, excerpt: message.excerpt });
    if (mails.length) ctx.afterCommit(() => this.outbound.wake());
    return [...mails.map(({ userId }) => userId as string), ...told.map(({ userId }) => userId)];
  }

  /** Writes what each user wants: a notification in the app, a mail, both or nothing. */
  private async tell(
    ctx: Context,
    item: Item,
    users: readonly KnownPerson[],
    reasonOf: (user: KnownPerson) => NotificationReason,
    about: {
      occasion: string;
      messageId: string | null;
      actor: PersonRef | null;
      excerpt: string;
      had: readonly string[];
      dueAt?: Date;
      job?: EventJob;
    },
  ): Promise<void> {
    const wants = await preferencesOf(
      ctx,
      users.map(({ id }) => id),
    );
    const own = await ownAddresses(ctx);
    const stopped = await stoppedOf(ctx, item.id);
    const { messageId, actor, excerpt, had, dueAt, job } = about;
    // Of a job everybody hears once.
    const occasion = job?.id ?? about.occasion;
    for (const user of users) {
      const reason = reasonOf(user);
      const { mail, app } = wants(user.id, reason);
      const where = { itemId: item.id, messageId, occasion };
      if (app && !(job && (await joinNotification(ctx, { occasion, userId: user.id }, item.id)))) {
        const { workspaceId, now } = ctx;
        ctx.add(
          Notification.of({ workspaceId, id: ctx.newId(), userId: user.id, reason, ...where, actor, excerpt, now }),
        );
      }
      if (!mail || !user.email || reason === 'bounced' || stopped.has(user.id)) continue;
      if (had.includes(user.email) || own.includes(plainAddress(user.email))) continue;
      await this.sendOnce(
        ctx,
        { ...where, purpose: reason, address: user.email, name: user.name, userId: user.id, dueAt },
        job,
      );
    }
  }

  /** A mail that no person writes, to the customer who asked: by switch, within the address's budget, never to ourselves. */
  private async tellRequester(
    ctx: Context,
    item: Item,
    purpose: CustomerMail,
    about: {
      occasion: string;
      messageId: string | null;
      actor: EventActor | null;
      job?: EventJob;
      /** Who was to hear of what is taken back here, and did not. */
      silent?: ReadonlySet<string>;
    },
  ): Promise<void> {
    const { requester, published } = item.facts;
    const { messageId, actor, job, silent } = about;
    if (requester?.kind !== 'customer' || !published || item.deleted) return;
    // A reopening tells whoever wrote that their reply was heard; of anything else people know that they did it themselves.
    if (purpose !== 'reopened' && personOf(actor)?.id === requester.id) return;
    const customer = (await peopleOf(ctx, [requester])).get(requester.id);
    if (!customer?.email || !customer.active || (await ownAddresses(ctx)).includes(plainAddress(customer.email)))
      return;
    if (!(await isOn(ctx, purpose))) return;
    const { workspaceId } = ctx;
    if (purpose === 'acknowledgement' && (await ctx.em.count(OutboundMail, { workspaceId, itemId: item.id, purpose })))
      return;
    const { email: address, name } = customer;
    if (silent?.has(address)) return;
    const mail = { purpose, occasion: job?.id ?? about.occasion, itemId: item.id, messageId, address, name };
    if (job && (await joinMail(ctx, mail, item.id, summaryDue(job, ctx.now)))) return;
    if (!(await withinBudget(ctx, address))) return;
    this.send(ctx, { ...mail, automatic: true, ...(job && { dueAt: summaryDue(job, ctx.now) }) });
  }

  /** A mail of its own, or one line more in the one mail of a job. */
  private async sendOnce(
    ctx: Context,
    mail: Omit<OutboundParts, 'workspaceId' | 'id' | 'now'> & { itemId: string },
    job: EventJob | undefined,
  ): Promise<void> {
    if (!job) return this.send(ctx, mail);
    const dueAt = summaryDue(job, ctx.now);
    if (!(await joinMail(ctx, mail, mail.itemId, dueAt))) this.send(ctx, { ...mail, dueAt });
  }

  private send(ctx: Context, parts: Omit<OutboundParts, 'workspaceId' | 'id' | 'now'>): void {
    const { workspaceId, now } = ctx;
    ctx.add(OutboundMail.of({ ...parts, dueAt: parts.dueAt ?? now, workspaceId, id: ctx.newId(), now }));
    ctx.afterCommit(() => this.outbound.wake());
  }

  private async readsDifferently(ctx: Context, before: string, after: string): Promise<boolean> {
    const names = await customerNameOf(ctx, [before, after]);
    return names.get(before) === undefined || names.get(before) !== names.get(after);
  }

  private async copy({ data, seq }: Told<ItemFacts>, ctx: Context): Promise<Item> {
    const { after, is } = data;
    if (!is) throw new Error(`Nothing says who may see the item ${after.id}.`);
    const item = (await ctx.find(Item, after.id)) ?? ctx.add(Item.copyOf(ctx.workspaceId, after.id));
    item.copy(after, is, seq);
    return item;
  }
}

/** The person behind an event; mail that came in is filed by a service. */
function personOf(actor: EventActor | null): PersonRef | null {
  return actor && actor.kind !== 'service' ? { kind: actor.kind, id: actor.id } : null;
}

/** Addresses of the workspace itself, without the token. */
async function ownAddresses(ctx: Context): Promise<string[]> {
  const { inbound_address: inbound, reply_address: reply } = await copiedWorkspace(ctx);
  return [inbound, ...(reply ? [reply] : [])].map(plainAddress);
}
