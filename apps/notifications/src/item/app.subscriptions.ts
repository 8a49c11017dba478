import { LockMode } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { workspaceChanged, type WorkspaceFacts } from '@sportello/contracts';
import { copiedWorkspace, type WorkspaceCopy } from '@sportello/directory';
import { type App } from '@sportello/kernel';
import { type EventEnvelope } from '@sportello/messaging';
import { On, type Context } from '@sportello/service';
import { sql } from 'kysely';
import { OutboundMail } from '../outbound/outbound.entity.js';

/** Whether people hear of what happens in an app. */
export async function isSwitchedOn(ctx: Context, app: App): Promise<boolean> {
  return (await copiedWorkspace<WorkspaceCopy & { apps: App[] }>(ctx)).apps.includes(app);
}

/** What a switch of an app does here: what is waiting is not sent, neither now nor when the app is on again. */
@Injectable()
export class AppSubscriptions {
  @On(workspaceChanged)
  async switched({ data: { after, changed } }: EventEnvelope<WorkspaceFacts>, ctx: Context): Promise<void> {
    if (!changed.includes('apps')) return;
    const { workspaceId } = ctx;
    const { rows } = await sql<{ id: string }>`
      select m.id from outbound_mail m join item i on i.workspace_id = m.workspace_id and i.id = m.item_id
       where m.workspace_id = ${workspaceId} and m.state in ('queued', 'deferred') and not i.app = any(${after.apps}::text[])`.execute(
      ctx.db<never>(),
    );
    const where = { workspaceId, id: { $in: rows.map(({ id }) => id) } };
    for (const mail of await ctx.em.find(OutboundMail, where, { lockMode: LockMode.PESSIMISTIC_WRITE }))
      mail.dropped(switchedOff, ctx.now);
  }
}

/** Why a mail was not sent. */
export const switchedOff = 'The app was switched off.';
