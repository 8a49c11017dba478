import { defineEntity, p } from '@mikro-orm/postgresql';
import { type PersonRef } from '@sportello/permissions';
import { type Context } from '@sportello/service';
import { type Changed, type Item } from './item.entity.js';

export const ActivitySchema = defineEntity({
  name: 'Activity',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    itemId: p.uuid(),
    at: p.datetime(),
    actorKind: p.string().$type<'user' | 'customer'>().nullable(),
    actorId: p.uuid().nullable(),
    what: p.string(),
    before: p.json<Record<string, unknown>>().nullable(),
    after: p.json<Record<string, unknown>>().nullable(),
    internal: p.boolean(),
  },
});

/** A line of an item's log: who changed what, from what, to what. Never changed afterwards. */
export class Activity extends ActivitySchema.class {
  static of(item: Item, id: string, at: Date, actor: PersonRef | null, changed: Changed, internal = false): Activity {
    const { what, before, after } = changed;
    return Object.assign(new Activity(), {
      workspaceId: item.workspaceId,
      id,
      itemId: item.id,
      at,
      actorKind: actor?.kind ?? null,
      actorId: actor?.id ?? null,
      what,
      before,
      after,
      internal,
    });
  }
}
ActivitySchema.setClass(Activity);

/** Writes what changed into an item's log, in the name of whoever asks. */
export function logActivity(ctx: Context, item: Item, changes: readonly Changed[], internal = false): void {
  for (const changed of changes) ctx.add(Activity.of(item, ctx.newId(), ctx.now, ctx.person, changed, internal));
}
