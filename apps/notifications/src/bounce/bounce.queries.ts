import { type Context } from '@sportello/service';
import { Notification } from '../inbox/inbox.entity.js';
import { preferencesOf } from '../inbox/inbox.queries.js';
import { type OutboundMail } from '../outbound/outbound.entity.js';

/** What the writer of a reply is told when it did not arrive; null where nobody wants to know. */
export async function bounceNotification(
  ctx: Pick<Context, 'workspaceId' | 'db'>,
  { writerId: userId, itemId, messageId, address, detail }: OutboundMail,
  { id, now }: { id: string; now: Date },
): Promise<Notification | null> {
  if (!userId || !itemId) return null;
  if (!(await preferencesOf(ctx, [userId]))(userId, 'bounced').app) return null;
  return Notification.of({
    workspaceId: ctx.workspaceId,
    id,
    userId,
    reason: 'bounced',
    // Each refusal is told: after a retry the same mail may come back once more.
    occasion: id,
    itemId,
    messageId: messageId ?? null,
    actor: null,
    now,
    excerpt: `${address}: ${detail ?? ''}`.slice(0, 200).toWellFormed(),
  });
}
