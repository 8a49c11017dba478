import { defineEntity, p } from '@mikro-orm/postgresql';
import { notificationAdded, type NotificationReason } from '@sportello/contracts';
import { type PersonRef } from '@sportello/permissions';
import { record } from '@sportello/persistence';

export const NotificationSchema = defineEntity({
  name: 'Notification',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    userId: p.uuid(),
    reason: p.string().$type<NotificationReason>(),
    occasion: p.uuid(),
    itemId: p.uuid(),
    alsoItemIds: p.array(),
    messageId: p.uuid().nullable(),
    actorKind: p.string().$type<'user' | 'customer'>().nullable(),
    actorId: p.uuid().nullable(),
    excerpt: p.text(),
    at: p.datetime(),
    read: p.boolean(),
    seq: p.integer(),
  },
});

/** Something that one user should know. */
export class Notification extends NotificationSchema.class {
  static of(parts: {
    workspaceId: string;
    id: string;
    userId: string;
    reason: NotificationReason;
    /** The message or the event: told once a user. */
    occasion: string;
    itemId: string;
    messageId: string | null;
    actor: PersonRef | null;
    excerpt: string;
    now: Date;
  }): Notification {
    const { actor, now, ...rest } = parts;
    const notification = Object.assign(new Notification(), {
      ...rest,
      alsoItemIds: [] as string[],
      actorKind: actor?.kind ?? null,
      actorId: actor?.id ?? null,
      at: now,
      read: false,
      seq: 0,
    });
    record(notification, notificationAdded, { id: parts.id, userId: parts.userId });
    return notification;
  }
}
NotificationSchema.setClass(Notification);
