import { defineEntity, p } from '@mikro-orm/postgresql';
import { deliveryChanged, linkKinds, type DeliveryState, type LinkKind, type MailPurpose } from '@sportello/contracts';
import { type PersonRef } from '@sportello/permissions';
import { record } from '@sportello/persistence';

/** Mails about an item, and mails that let somebody in. */
export type Purpose = MailPurpose | LinkKind;

/** `dropped`: nobody wanted it any more at the moment of sending. */
export type MailState = DeliveryState | 'dropped';

export const OutboundMailSchema = defineEntity({
  name: 'OutboundMail',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    purpose: p.string().$type<Purpose>(),
    occasion: p.uuid(),
    itemId: p.uuid().nullable(),
    alsoItemIds: p.array(),
    messageId: p.uuid().nullable(),
    subjectId: p.uuid().nullable(),
    address: p.text(),
    name: p.text(),
    userId: p.uuid().nullable(),
    writerId: p.uuid().nullable(),
    followerId: p.uuid().nullable(),
    role: p.string().$type<'listed' | 'alone'>(),
    automatic: p.boolean(),
    state: p.string().$type<MailState>(),
    detail: p.text().nullable(),
    attempts: p.integer(),
    dueAt: p.datetime(),
    deferredSince: p.datetime().nullable(),
    giveUpAt: p.datetime(),
    sentAt: p.datetime().nullable(),
    mailId: p.text().nullable(),
    bounceToken: p.text().nullable(),
    createdAt: p.datetime(),
    seq: p.integer(),
  },
});

/** What a new mail is made of. */
export interface OutboundParts {
  workspaceId: string;
  id: string;
  purpose: Purpose;
  /** What it is sent for, the message or the event: with purpose and address it is sent once. */
  occasion: string;
  itemId?: string | null;
  messageId?: string | null;
  /** The invitation or user that a mail without an item is about. */
  subjectId?: string | null;
  address: string;
  name?: string;
  /** Whose sight counts: what a user may no longer see is not sent. */
  userId?: string | null;
  /** The user who wrote what it says: they hear of it when it does not arrive. */
  writerId?: string | null;
  /** The customer who gets a copy as a follower, and may stop it. */
  followerId?: string | null;
  /** Shown in To or Cc with the others, or alone in a mail of their own. */
  role?: 'listed' | 'alone';
  automatic?: boolean;
  dueAt?: Date;
  now: Date;
}

const minute = 60_000;
/** Minutes until the next try; the last one goes on. Greylisting ends within minutes, a full disk is noticed within hours. */
const backOff = [1, 2, 5, 15, 30, 60, 120, 240];
/** RFC 5321 speaks of four to five days; a customer who waits for an answer should not learn of it after that long. */
export const giveUpAfter = 2 * 24 * 60 * minute;
/** How long one worker may take over one mail before another tries: a sending that lasts longer has crashed. */
export const leaseMilliseconds = 5 * minute;

/** One mail to one recipient, and how it went. */
export class OutboundMail extends OutboundMailSchema.class {
  static of({ now, ...parts }: OutboundParts): OutboundMail {
    const mail = Object.assign(new OutboundMail(), {
      itemId: null,
      alsoItemIds: [] as string[],
      messageId: null,
      subjectId: null,
      name: '',
      userId: null,
      writerId: null,
      followerId: null,
      role: 'alone' as const,
      automatic: false,
      dueAt: now,
      ...parts,
      state: 'queued' as const,
      detail: null,
      attempts: 0,
      deferredSince: null,
      giveUpAt: new Date(now.getTime() + giveUpAfter),
      sentAt: null,
      mailId: null,
      bounceToken: null,
      createdAt: now,
      seq: 0,
    });
    mail.told(now);
    return mail;
  }

  /** Whose wish it is to get such mails, who may therefore stop them. */
  get stoppable(): PersonRef | null {
    if (this.userId) return { kind: 'user', id: this.userId };
    return this.followerId ? { kind: 'customer', id: this.followerId } : null;
  }

  get isLink(): boolean {
    return (linkKinds as readonly string[]).includes(this.purpose);
  }

  /** One mail for all that a job did: it is about one more. */
  joins(itemId: string, dueAt: Date): void {
    this.alsoItemIds = [...this.alsoItemIds, itemId];
    this.dueAt = dueAt;
  }

  /** What it was to say of an item is no longer so. @returns whether it was about that item */
  leaves(itemId: string, now: Date): boolean {
    const about = this.itemId ? [this.itemId, ...this.alsoItemIds] : [];
    if (!about.includes(itemId)) return false;
    const [first, ...also] = about.filter((id) => id !== itemId);
    if (first) Object.assign(this, { itemId: first, alsoItemIds: also });
    else this.dropped('It was taken back before it was sent.', now);
    return true;
  }

  /** Said before the first byte goes out, so that a crash from here on is known to have perhaps sent it. */
  starts({ mailId, bounceToken }: { mailId: string; bounceToken: string | null }, now: Date): void {
    Object.assign(this, { mailId, bounceToken, dueAt: new Date(now.getTime() + leaseMilliseconds) });
    this.become('sending', null, now);
  }

  /** The server took it. */
  arrived(now: Date): void {
    this.sentAt = now;
    this.become('sent', null, now);
  }

  /** The server, or a bounce, says that it can never be delivered. */
  bounced(detail: string, now: Date): void {
    this.become('bounced', detail, now);
  }

  /** Not now: tried again later, until it is too late. */
  putOff(detail: string, now: Date): void {
    const wait = (backOff[this.attempts] ?? (backOff.at(-1) as number)) * minute;
    this.attempts += 1;
    this.deferredSince ??= now;
    this.dueAt = new Date(now.getTime() + wait);
    if (this.dueAt > this.giveUpAt) this.become('failed', detail, now);
    else this.become('deferred', detail, now);
  }

  /** Deleted meanwhile, switched off, or nobody's business any more. */
  dropped(detail: string, now: Date): void {
    this.become('dropped', detail, now);
  }

  /** Another server holds it back and says so: for people to know, nothing for us to do. */
  delayedElsewhere(detail: string, now: Date): void {
    this.detail = detail;
    this.told(now, 'deferred');
  }

  /** A user asks to try once more. */
  retry(now: Date): void {
    Object.assign(this, { attempts: 0, deferredSince: null, dueAt: now });
    this.giveUpAt = new Date(now.getTime() + giveUpAfter);
    this.become('queued', null, now);
  }

  private become(state: MailState, detail: string | null, now: Date): void {
    this.state = state;
    this.detail = detail && detail.slice(0, 1000);
    this.told(now);
  }

  /** Mails to customers are shown on their message; a user's own notification is nobody's delivery. */
  private told(now: Date, state: MailState = this.state): void {
    const { id, itemId, messageId, address, detail } = this;
    // A mail about several items is no delivery of one of them.
    if (!itemId || this.userId || this.alsoItemIds.length) return;
    const shown = state === 'dropped' ? ('failed' as const) : state;
    record(this, deliveryChanged, { id, itemId, messageId, address, state: shown, detail, at: now });
  }
}
OutboundMailSchema.setClass(OutboundMail);
