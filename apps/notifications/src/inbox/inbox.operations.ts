import { Controller } from '@nestjs/common';
import {
  getNotificationPreferences,
  listNotifications,
  markNotificationsRead,
  setNotificationPreferences,
  type ListNotifications,
  type MarkRead,
  type NotificationPreferences,
} from '@sportello/contracts';
import { Handles, type Context } from '@sportello/service';
import { markRead, readInbox, readPreferences, writePreferences } from './inbox.queries.js';

/** What a user should know, and how they want to be told. */
@Controller()
export class InboxOperations {
  @Handles(listNotifications)
  list(input: ListNotifications, ctx: Context) {
    return readInbox(ctx, input);
  }

  @Handles(markNotificationsRead)
  async mark({ ids, read }: MarkRead, ctx: Context) {
    await markRead(ctx, read, ids);
    return {};
  }

  @Handles(getNotificationPreferences)
  preferences(_input: object, ctx: Context) {
    return readPreferences(ctx);
  }

  @Handles(setNotificationPreferences)
  async setPreferences({ data }: NotificationPreferences, ctx: Context) {
    await writePreferences(ctx, data);
    return readPreferences(ctx);
  }
}
