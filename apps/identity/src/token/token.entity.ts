import { defineEntity, p } from '@mikro-orm/postgresql';
import { type Permission } from '@sportello/permissions';

export const ApiTokenSchema = defineEntity({
  name: 'ApiToken',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    userId: p.uuid(),
    tokenHash: p.string(),
    name: p.text(),
    scopes: p.array().$type<Permission[]>().nullable(),
    createdAt: p.datetime(),
    lastUsedAt: p.datetime().nullable(),
  },
});

/** Tells an API token from a session at a glance, for people and for programs that look for leaked secrets. */
export const apiTokenPrefix = 'spt_';

const usedEveryMilliseconds = 60_000;

/** A program's key: it may what its user may, or the part of it that the scopes name. */
export class ApiToken extends ApiTokenSchema.class {
  /** @returns whether it is long enough ago to be written */
  used(now: Date): boolean {
    if (this.lastUsedAt && now.getTime() - this.lastUsedAt.getTime() < usedEveryMilliseconds) return false;
    this.lastUsedAt = now;
    return true;
  }
}
ApiTokenSchema.setClass(ApiToken);
