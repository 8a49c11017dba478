import { defineEntity, p } from '@mikro-orm/postgresql';
import { linkVoid, reminderRequested, resetRequested } from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { record } from '@sportello/persistence';

export const LinkRequestSchema = defineEntity({
  name: 'LinkRequest',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    kind: p.string().$type<'password-reset' | 'workspaces'>(),
    userId: p.uuid(),
    requestedAt: p.datetime(),
    expiresAt: p.datetime(),
    usedAt: p.datetime().nullable(),
    seq: p.integer(),
  },
});

const goodForMilliseconds = 60 * 60_000;

/** A mail that somebody who is not signed in asked for: to choose a new password, or to be reminded of their workspaces. */
export class LinkRequest extends LinkRequestSchema.class {
  static create(parts: {
    workspaceId: string;
    id: string;
    kind: 'password-reset' | 'workspaces';
    userId: string;
    now: Date;
  }): LinkRequest {
    const { now, ...rest } = parts;
    const expiresAt = new Date(now.getTime() + goodForMilliseconds);
    const request = Object.assign(new LinkRequest(), { ...rest, requestedAt: now, expiresAt, usedAt: null, seq: 0 });
    record(request, rest.kind === 'workspaces' ? reminderRequested : resetRequested, { id: rest.id });
    return request;
  }

  /** @throws Refusal `link_void` when it was used before or is too old */
  use(now: Date): void {
    if (this.usedAt || this.expiresAt <= now) throw new Refusal(linkVoid);
    this.usedAt = now;
  }
}
LinkRequestSchema.setClass(LinkRequest);
