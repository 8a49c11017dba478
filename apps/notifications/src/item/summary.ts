import { LockMode } from '@mikro-orm/postgresql';
import { type EventJob } from '@sportello/messaging';
import { type Context } from '@sportello/service';
import { Notification } from '../inbox/inbox.entity.js';
import { OutboundMail } from '../outbound/outbound.entity.js';

/** As long as the web app offers Undo: a bulk change that is taken back by then has told nobody. */
const untilSent = 10_000;
/** After a chunk that is not the last; a job that was cancelled, or whose last rows were refused, tells what it has after that. */
const untilNextChunk = 60_000;

/** When the mails of a job may go, as far as this chunk knows. */
export const summaryDue = ({ ends }: EventJob, now: Date): Date =>
  new Date(now.getTime() + (ends ? untilSent : untilNextChunk));

const locked = { lockMode: LockMode.PESSIMISTIC_WRITE } as const;

/** Adds an item to the mail that a person gets of a job. @returns false where there is none yet */
export async function joinMail(
  ctx: Context,
  { occasion, purpose, address }: Pick<OutboundMail, 'occasion' | 'purpose' | 'address'>,
  itemId: string,
  dueAt: Date,
): Promise<boolean> {
  const { workspaceId } = ctx;
  const mail = await ctx.em.findOne(OutboundMail, { workspaceId, occasion, purpose, address }, locked);
  // One that is on its way stays as it is: the notification in the app has the rest.
  if (mail?.state === 'queued') mail.joins(itemId, dueAt);
  return mail !== null;
}

/** Adds an item to the notification that a user gets of a job. @returns false where there is none yet */
export async function joinNotification(
  ctx: Context,
  { occasion, userId }: Pick<Notification, 'occasion' | 'userId'>,
  itemId: string,
): Promise<boolean> {
  const { workspaceId } = ctx;
  const notification = await ctx.em.findOne(Notification, { workspaceId, userId, occasion }, locked);
  if (notification) notification.alsoItemIds = [...notification.alsoItemIds, itemId];
  return notification !== null;
}

/** The last chunk is done: what earlier ones led to need not wait for more. */
export async function closeSummaries(ctx: Context, job: EventJob): Promise<void> {
  const where = { workspaceId: ctx.workspaceId, occasion: job.id, state: 'queued' as const };
  for (const mail of await ctx.em.find(OutboundMail, where, locked)) mail.dueAt = summaryDue(job, ctx.now);
}

/**
 * A job took an item's change back: what was to be said of it and was not yet, nobody hears.
 * @returns to which addresses nothing was said
 */
export async function withdraw(ctx: Context, occasion: string, itemId: string): Promise<Set<string>> {
  const where = { workspaceId: ctx.workspaceId, occasion };
  const silent = new Set<string>();
  for (const mail of await ctx.em.find(OutboundMail, { ...where, state: 'queued' }, locked))
    if (mail.leaves(itemId, ctx.now)) silent.add(mail.address);
  for (const notification of await ctx.em.find(Notification, where, locked)) {
    const left = [notification.itemId, ...notification.alsoItemIds].filter((id) => id !== itemId);
    const [first, ...also] = left;
    if (!first) ctx.em.remove(notification);
    else Object.assign(notification, { itemId: first, alsoItemIds: also });
  }
  return silent;
}
