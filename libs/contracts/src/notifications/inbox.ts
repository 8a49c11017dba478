import { Choice, defineEvent, Flag, Id, Instant, Integer, Nested, Nothing, Text } from '@sportello/kernel';
import { defineOperation } from '../define.js';
import { ListInput, Person, pageOf } from '../shared.js';

export const notificationReasons = ['assigned', 'mentioned', 'followed', 'bounced'] as const;
export type NotificationReason = (typeof notificationReasons)[number];

/** Something that one user should know. */
export class Notification {
  @Id() id!: string;
  @Choice(notificationReasons) reason!: NotificationReason;
  @Id() itemId!: string;
  @Integer() itemNumber!: number;
  @Text({ max: 1000 }) title!: string;
  @Integer({ description: 'How many more the same bulk change was made to' }) others!: number;
  @Id({ nullable: true }) messageId!: string | null;
  @Nested(() => Person, { nullable: true }) actor!: Person | null;
  @Text({ max: 200 }) excerpt!: string;
  @Instant() at!: Date;
  @Flag() read!: boolean;
}

export class NotificationPage extends pageOf(Notification) {
  @Integer({ description: 'Unread ones, exact to 1,000' }) unread!: number;
}

export class ListNotifications extends ListInput {
  @Flag({ optional: true }) unreadOnly?: boolean;
}

export class MarkRead {
  @Id({ many: 1000, optional: true, description: 'All of mine when absent' }) ids?: string[];
  @Flag() read!: boolean;
}

/** For one reason: by mail, in the app. */
export class NotificationPreference {
  @Choice(notificationReasons) reason!: NotificationReason;
  @Flag() mail!: boolean;
  @Flag() app!: boolean;
}

export class NotificationPreferences {
  @Nested(() => NotificationPreference, { many: 20 }) data!: NotificationPreference[];
}

/** A notification as open browsers learn of it. */
export class NotificationFacts {
  @Id() id!: string;
  @Id() userId!: string;
}

export const notificationAdded = defineEvent({
  id: 'notifications.notification.added',
  payload: NotificationFacts,
  summary: 'A user has something new to know',
});

export const listNotifications = defineOperation({
  id: 'notifications.inbox.list',
  http: 'GET /notifications',
  permission: 'self.manage',
  input: ListNotifications,
  output: NotificationPage,
  summary: 'What I should know, newest first',
});
export const markNotificationsRead = defineOperation({
  id: 'notifications.inbox.mark-read',
  http: 'PUT /notifications/read',
  permission: 'self.manage',
  input: MarkRead,
  output: Nothing,
  summary: 'Mark notifications read or unread',
});
export const getNotificationPreferences = defineOperation({
  id: 'notifications.preferences.get',
  http: 'GET /me/notification-preferences',
  permission: 'self.manage',
  input: Nothing,
  output: NotificationPreferences,
  summary: 'How I want to be told',
});
export const setNotificationPreferences = defineOperation({
  id: 'notifications.preferences.set',
  http: 'PUT /me/notification-preferences',
  permission: 'self.manage',
  input: NotificationPreferences,
  output: NotificationPreferences,
  summary: 'Say how I want to be told',
});
