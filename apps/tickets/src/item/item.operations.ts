import { Controller } from '@nestjs/common';
import {
  badFilter,
  changeItem,
  createItem,
  deleteItem,
  followItem,
  getItem,
  itemNotFound,
  listActivity,
  listItems,
  listTags,
  markSeen,
  messageNotFound,
  personNotFound,
  projectNotFound,
  restoreItem,
  type ById,
  type ByIdOrNumber,
  type ChangeItem,
  type CreateItem,
  type Follow,
  type ListActivity,
  type ListItems,
  type ListTags,
  type MarkSeen,
} from '@sportello/contracts';
import { appDisabled, forbidden, Refusal } from '@sportello/kernel';
import { mayUseApp } from '@sportello/permissions';
import { Handles, type Context } from '@sportello/service';
import { readIdCursor } from '@sportello/listing';
import { mayUseProject, routeFor } from '../access/access.queries.js';
import { Message } from '../conversation/conversation.entity.js';
import { writeMessage } from '../conversation/conversation.operations.js';
import { requireAll } from '../directory/directory.queries.js';
import { type Status } from '../lifecycle/lifecycle.entity.js';
import { typeByKey } from '../lifecycle/lifecycle.queries.js';
import { logActivity } from './activity.entity.js';
import { readActivity } from './activity.queries.js';
import { changeResolver, requirePublishing, teams, users } from './change.js';
import { Item } from './item.entity.js';
import { rememberSeen } from './seen.queries.js';
import { refusingBadFilters, shippedViews } from './item-list.queries.js';
import { loadByIdOrNumber, loadItem, nextNumber, readItem, readItems, readTags } from './item.queries.js';

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
    if (!mayUseApp(ctx.actor, type.app)) throw new Refusal(appDisabled);
    const byCustomer = ctx.actor.kind === 'customer';
    if (byCustomer) refuseTeamFields(input);
    const requester = input.requester ?? ctx.person;
    if (!requester) throw new Refusal(personNotFound);
    const named = [requester, ...users(input.assignees)];
    const { people, left } = await requireAll(ctx, named, teams(input.assignees));
    left.refuse([requester, ...(input.assignees ?? [])]);
    const organizationId = people.get(requester.id)?.organizationId ?? null;
    const route = await routeFor(ctx, byCustomer ? organizationId : null);
    const projectId = input.projectId ?? route.projectId;
    if (!byCustomer && !(await mayUseProject(ctx, projectId))) throw new Refusal(projectNotFound);
    const item = Item.create({
      workspaceId: ctx.workspaceId,
      id: ctx.newId(),
      number: await nextNumber(ctx),
      typeId: type.id,
      app: type.app,
      title: input.title,
      status: statuses.find(({ state }) => state !== 'finished') as Status,
      priority: input.priority ?? 2,
      projectId,
      requester,
      organizationId,
      assignees: input.assignees ?? route.assignees,
      tags: input.tags ?? [],
      // What a customer creates is published; what a user creates is if they say so, or if its type does.
      published: byCustomer || (input.published ?? type.publishedByDefault),
      now: ctx.now,
    });
    if (!byCustomer && item.published && !type.publishedByDefault) await requirePublishing(ctx, item);
    ctx.add(item);
    logActivity(ctx, item, [{ what: 'created', before: null, after: null }]);
    if (input.html || input.attachments?.length) {
      const { thread = 'customer', html = '', attachments } = input;
      await writeMessage(ctx, item, { thread, html, attachments });
    }
    return () => readItem(ctx, item);
  }

  @Handles(changeItem)
  async change({ id, ...input }: ChangeItem, ctx: Context) {
    const item = await loadItem(ctx, id);
    const resolve = await changeResolver(ctx, input);
    logActivity(ctx, item, item.change(await resolve(item), ctx.now));
    return () => readItem(ctx, item);
  }

  @Handles(deleteItem)
  async delete({ id }: ById, ctx: Context) {
    const item = await loadItem(ctx, id);
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
    await loadItem(ctx, id);
    return refusingBadFilters(() => readActivity(ctx, id, readIdCursor(cursor), limit ?? 50));
  }

  @Handles(markSeen)
  async seen({ id, messageId }: MarkSeen, ctx: Context) {
    await loadItem(ctx, id);
    if (messageId && !(await ctx.em.count(Message, { workspaceId: ctx.workspaceId, id: messageId, itemId: id })))
      throw new Refusal(messageNotFound);
    await rememberSeen(ctx, id, messageId);
    return { id };
  }

  @Handles(followItem)
  async follow({ id, following }: Follow, ctx: Context) {
    const item = await loadItem(ctx, id);
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

/** What a customer asks for is a title, words and files; whose it becomes and where it goes is the team's. */
function refuseTeamFields({ requester, projectId, assignees, tags, published, thread }: CreateItem): void {
  const given = { requester, projectId, assignees, tags, published, internal: thread === 'internal' || undefined };
  const names = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (names.length) throw new Refusal(forbidden, { detail: `Only the team sets ${names.join(', ')}.` });
}
