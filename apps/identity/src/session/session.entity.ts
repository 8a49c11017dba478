import { createHash } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/postgresql';

export const SessionSchema = defineEntity({
  name: 'Session',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    userId: p.uuid(),
    tokenHash: p.string(),
    userAgent: p.text(),
    createdAt: p.datetime(),
    lastSeenAt: p.datetime(),
    expiresAt: p.datetime(),
  },
});

const slidingMilliseconds = 30 * 86_400_000;
/** A session that is used asks for an actor token once a minute; writing each time would be most of this service's writes. */
const seenEveryMilliseconds = 5 * 60_000;

/** Where somebody is signed in. Good for 30 days after it was last seen. */
export class Session extends SessionSchema.class {
  /** @param secret what the browser keeps; here is only its hash */
  static open(parts: {
    workspaceId: string;
    id: string;
    userId: string;
    secret: string;
    userAgent: string;
    now: Date;
  }): Session {
    const { secret, now, ...rest } = parts;
    const times = { createdAt: now, lastSeenAt: now, expiresAt: new Date(now.getTime() + slidingMilliseconds) };
    return Object.assign(new Session(), { ...rest, ...times, tokenHash: hashOf(secret) });
  }

  /** @returns whether it is long enough ago to be written */
  seen(now: Date): boolean {
    if (now.getTime() - this.lastSeenAt.getTime() < seenEveryMilliseconds) return false;
    this.lastSeenAt = now;
    this.expiresAt = new Date(now.getTime() + slidingMilliseconds);
    return true;
  }
}
SessionSchema.setClass(Session);

/** What is stored of a secret. SHA-256 and no slow hash: 160 random bits cannot be guessed, and every request would pay for it. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
