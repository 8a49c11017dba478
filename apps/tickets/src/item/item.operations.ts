import { Controller } from '@nestjs/common';
import {
  badFilter,
  changeItem,
  changeItems,
  createItem,
  deleteItem,
  followItem,
  getItem,
  itemNotFound,
  listActivity,
  listItems,
  listTags,
  markSeen,
  personNotFound,
  projectNotFound,
  restoreItem,
  statusNotFound,
  type ById,
  type ByIdOrNumber,
  type ChangeItem,
  type ChangeItems,
  type CreateItem,
  type Follow,
  type ListActivity,
  type ListItems,
  type ListTags,
  type MarkSeen,
} from '@sportello/contracts';
import { forbidden, Refusal } from '@sportello/kernel';
import { allows } from '@sportello/permissions';
import { Handles, type Context } from '@sportello/service';
import { writeMessage } from '../conversation/conversation.operations.js';
import { requirePeople, requireTeams, workspaceOf } from '../directory/directory.queries.js';
import { Status } from '../lifecycle/lifecycle.entity.js';
import { statusesOf, typeByKey } from '../lifecycle/lifecycle.queries.js';
import { logActivity } from './activity.entity.js';
import { readActivity } from './activity.queries.js';
import { Item, type ItemChange } from './item.entity.js';
import { loadByIdOrNumber, nextNumber, readItem, readItems, readTags, shippedViews } from './item.queries.js';

@Controller()
export class ItemOperations {
  @Handles(listItems)
  async list({ view, filter, sort, ...rest }: ListItems, ctx: Context) {
    if (!view) return readItems(ctx, { ...rest, filter, sort });
    if (!Object.hasOwn(shippedViews, view)) throw new Refusal(badFilter, { detail: 'There is no such view.' });
    const shipped = shippedViews[view as keyof typeof shippedViews];
    const both = filter ? { all: [shipped.filter, filter] } : shipped.filter;
    return readItems(ctx, { ...rest, filter: both, sort: sort ?? shipped.sort });
  }

  @Handles(getItem)
  async get({ id }: ByIdOrNumber, ctx: Context) {
    return readItem(ctx, await loadByIdOrNumber(ctx, id));
  }

  @Handles(createItem)
  async create(input: CreateItem, ctx: Context) {
    const { type, statuses } = await typeByKey(ctx, input.type ?? 'ticket');
    const { support_project_id: support } = await workspaceOf(ctx);
    const projectId = input.projectId ?? support;
    if (
      ctx.actor.kind === 'user' &&
      ctx.actor.role !== 'administrator' &&
      !(await ctx.sight()).projects.has(projectId)
    ) {
      throw new Refusal(projectNotFound);
    }
    const requester = ctx.actor.kind === 'customer' || !input.requester ? ctx.person : input.requester;
    if (!requester) throw new Refusal(personNotFound);
    const people = await requirePeople(ctx, [requester, ...users(input.assignees)]);
    await requireTeams(ctx, teams(input.assignees));
    const item = Item.create({
      workspaceId: ctx.workspaceId,
      id: ctx.newId(),
      number: await nextNumber(ctx),
      typeId: type.id,
      title: input.title,
      status: statuses.find(({ state }) => state !== 'finished') as Status,
      priority: input.priority ?? 2,
      projectId,
      requester,
      organizationId: people.get(requester.id)?.organizationId ?? null,
      assignees: input.assignees ?? [],
      tags: input.tags ?? [],
      // What a customer creates is published; what a user creates is if they say so, or if its type does.
      published: ctx.actor.kind === 'customer' || (input.published ?? type.publishedByDefault),
      now: ctx.now,
    });
    ctx.add(item);
    logActivity(ctx, item, [{ what: 'created', before: null, after: null }]);
    if (input.html) {
      const thread = ctx.actor.kind === 'customer' ? 'customer' : (input.thread ?? 'customer');
      await writeMessage(ctx, item, { thread, html: input.html, attachments: input.attachments });
    }
    return () => readItem(ctx, item);
  }

  @Handles(changeItem)
  async change({ id, ...input }: ChangeItem, ctx: Context) {
    const item = await ctx.load(Item, id, itemNotFound);
    if (item.deletedAt) throw new Refusal(itemNotFound);
    logActivity(ctx, item, item.change(await resolveChange(ctx, item, input), ctx.now));
    return () => readItem(ctx, item);
  }

  @Handles(changeItems)
  async changeMany({ ids, state, addTags = [], removeTags = [], ...rest }: ChangeItems, ctx: Context) {
    const data: { id: string; changed: boolean; code: string | null }[] = [];
    // In the order of their ids, so that two bulk changes cannot wait for each other.
    for (const id of [...new Set(ids)].sort()) {
      try {
        const item = await ctx.load(Item, id, itemNotFound);
        const tags =
          addTags.length || removeTags.length
            ? [...item.tags.filter((tag) => !removeTags.includes(tag)), ...addTags]
            : undefined;
        const statusId = state
          ? (await statusesOf(ctx, item.typeId)).find((status) => status.state === state)?.id
          : rest.statusId;
        const changed = item.change(await resolveChange(ctx, item, { ...rest, statusId, tags }), ctx.now);
        logActivity(ctx, item, changed);
        data.push({ id, changed: changed.length > 0, code: null });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        data.push({ id, changed: false, code: error.definition.code });
      }
    }
    return { data };
  }

  @Handles(deleteItem)
  async delete({ id }: ById, ctx: Context) {
    const item = await ctx.load(Item, id, itemNotFound);
    if (item.deletedAt) throw new Refusal(itemNotFound);
    item.delete(ctx.now);
    logActivity(ctx, item, [{ what: 'deleted', before: null, after: null }]);
    return item.facts();
  }

  @Handles(restoreItem)
  async restore({ id }: ById, ctx: Context) {
    const item = await ctx.load(Item, id, itemNotFound);
    if (item.deletedAt) {
      item.restore(ctx.now);
      logActivity(ctx, item, [{ what: 'restored', before: null, after: null }]);
    }
    return () => readItem(ctx, item);
  }

  @Handles(listActivity)
  async activity({ id, cursor, limit }: ListActivity, ctx: Context) {
    await ctx.load(Item, id, itemNotFound);
    return readActivity(ctx, id, cursor, limit ?? 50);
  }

  @Handles(markSeen)
  async seen({ id, messageId }: MarkSeen, ctx: Context) {
    await ctx.load(Item, id, itemNotFound);
    if (ctx.actor.kind !== 'user') return { id };
    const row = {
      workspace_id: ctx.workspaceId,
      user_id: ctx.actor.id,
      item_id: id,
      message_id: messageId,
      seen_at: ctx.now,
    };
    await ctx
      .db<{ item_seen: typeof row }>()
      .insertInto('item_seen')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['workspace_id', 'user_id', 'item_id'])
          .doUpdateSet({ message_id: messageId, seen_at: ctx.now }),
      )
      .execute();
    return { id };
  }

  @Handles(followItem)
  async follow({ id, following }: Follow, ctx: Context) {
    const item = await ctx.load(Item, id, itemNotFound);
    const me = ctx.person;
    if (!me) throw new Refusal(forbidden);
    const others = item.followers.filter((follower) => follower.id !== me.id);
    logActivity(ctx, item, item.change({ followers: following ? [...others, me] : others }, ctx.now));
    return () => readItem(ctx, item);
  }

  @Handles(listTags)
  async tags({ text }: ListTags, ctx: Context) {
    return { data: await readTags(ctx, text ?? '') };
  }
}

/** Looks up what a change names. @throws Refusal for a status of another type, somebody unknown, or publishing without the right */
async function resolveChange(ctx: Context, item: Item, input: Omit<ChangeItem, 'id'>): Promise<ItemChange> {
  const { statusId, requester, dueAt, assignees, followers, ...rest } = input;
  const change: ItemChange = { ...rest, assignees, followers };
  if (input.published !== undefined && input.published !== item.published) {
    if (!allows(ctx.actor, 'item.publish', await ctx.sight(), item.accessFacts())) throw new Refusal(forbidden);
  }
  if (statusId) {
    const status = await ctx.em.findOne(Status, { workspaceId: ctx.workspaceId, id: statusId, typeId: item.typeId });
    if (!status) throw new Refusal(statusNotFound);
    change.status = { id: status.id, state: status.state };
  }
  const people = await requirePeople(ctx, [
    ...users(assignees),
    ...(followers ?? []),
    ...(requester ? [requester] : []),
  ]);
  await requireTeams(ctx, teams(assignees));
  if (requester)
    change.requester = { person: requester, organizationId: people.get(requester.id)?.organizationId ?? null };
  if (dueAt !== undefined) change.dueAt = dueAt === null ? null : new Date(dueAt);
  return change;
}

const users = (assignees: CreateItem['assignees']) =>
  (assignees ?? []).filter(({ kind }) => kind === 'user').map(({ id }) => ({ kind: 'user' as const, id }));
const teams = (assignees: CreateItem['assignees']) =>
  (assignees ?? []).filter(({ kind }) => kind === 'team').map(({ id }) => id);
