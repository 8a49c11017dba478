import {
  mostTags,
  statusNotFound,
  tooManyTags,
  type ChangeItem,
  type CreateItem,
  type State,
} from '@sportello/contracts';
import { forbidden, Refusal } from '@sportello/kernel';
import { allows } from '@sportello/permissions';
import { type Context } from '@sportello/service';
import { requireAll } from '../directory/directory.queries.js';
import { type Status } from '../lifecycle/lifecycle.entity.js';
import { choicesOf } from '../lifecycle/lifecycle.queries.js';
import { tidyTags, type Item, type ItemChange } from './item.entity.js';

/**
 * Looks up what a change names, once for however many items it is made to.
 * @throws Refusal for somebody unknown; the resolver for a status of another type, too many tags, or publishing without the right
 */
export async function changeResolver(ctx: Context, { statusId, requester, dueAt, ...rest }: Omit<ChangeItem, 'id'>) {
  const { assignees, followers = [], published } = rest;
  const named = [...users(assignees), ...followers, ...(requester ? [requester] : [])];
  const { people, left } = await requireAll(ctx, named, teams(assignees));
  const byType = new Map<string, Status[]>();
  const statuses = async (typeId: string) => {
    const known = byType.get(typeId) ?? (await choicesOf(ctx, typeId));
    byType.set(typeId, known);
    return known;
  };
  return async (item: Item, more: { tags?: string[]; state?: State } = {}): Promise<ItemChange> => {
    left.refuse([...(assignees ?? []), ...followers], [...item.assignees, ...item.followers]);
    if (requester) left.refuse([requester], item.requester ? [item.requester] : []);
    const change: ItemChange = { ...rest, tags: more.tags ?? rest.tags };
    if (more.tags && tidyTags(more.tags).length > mostTags) throw new Refusal(tooManyTags);
    if (published !== undefined && published !== item.published) await requirePublishing(ctx, item);
    if (statusId || more.state) {
      const wanted = (status: Status) => (statusId ? status.id === statusId : status.state === more.state);
      const status = (await statuses(item.typeId)).find(wanted);
      if (!status) throw new Refusal(statusNotFound);
      change.status = { id: status.id, state: status.state };
    }
    if (requester)
      change.requester = { person: requester, organizationId: people.get(requester.id)?.organizationId ?? null };
    if (dueAt !== undefined) change.dueAt = dueAt === null ? null : new Date(dueAt);
    return change;
  };
}

/** @throws Refusal `forbidden` for who may not decide what customers see */
export async function requirePublishing(ctx: Context, item: Item): Promise<void> {
  if (!allows(ctx.actor, 'item.publish', await ctx.sight(), item.accessFacts())) throw new Refusal(forbidden);
}

export const users = (assignees: CreateItem['assignees']) =>
  (assignees ?? []).filter(({ kind }) => kind === 'user').map(({ id }) => ({ kind: 'user' as const, id }));
export const teams = (assignees: CreateItem['assignees']) =>
  (assignees ?? []).filter(({ kind }) => kind === 'team').map(({ id }) => id);
