import { isDeepStrictEqual } from 'node:util';
import { defineEntity, p } from '@mikro-orm/postgresql';
import {
  itemChanged,
  itemCreated,
  itemDeleted,
  type Announcement,
  type AssigneeRef,
  type ChangeItem,
  type ItemFacts,
  type PersonRefDto,
  type State,
} from '@sportello/contracts';
import { type App } from '@sportello/kernel';
import { type AccessFacts, type PersonRef } from '@sportello/permissions';
import { record } from '@sportello/persistence';

export const ItemSchema = defineEntity({
  name: 'Item',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    number: p.integer(),
    typeId: p.uuid(),
    app: p.string().$type<App>(),
    title: p.text(),
    statusId: p.uuid(),
    state: p.string().$type<State>(),
    priority: p.smallint(),
    projectId: p.uuid(),
    requesterUserId: p.uuid().nullable(),
    requesterCustomerId: p.uuid().nullable(),
    requesterOrganizationId: p.uuid().nullable(),
    assignedUserIds: p.array(),
    assignedTeamIds: p.array(),
    followerUserIds: p.array(),
    followerCustomerIds: p.array(),
    tags: p.array(),
    published: p.boolean(),
    dueAt: p.datetime().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    finishedAt: p.datetime().nullable(),
    lastMessageId: p.uuid().nullable(),
    deletedAt: p.datetime().nullable(),
    seq: p.integer(),
  },
});

/** Where a status change leads. */
export interface StatusTarget {
  id: string;
  state: State;
}

/** What a change may set; what is absent stays. */
export interface ItemChange {
  title?: string;
  status?: StatusTarget;
  priority?: number;
  assignees?: readonly AssigneeRef[];
  tags?: readonly string[];
  published?: boolean;
  requester?: { person: PersonRef; organizationId: string | null };
  dueAt?: Date | null;
  followers?: readonly PersonRef[];
}

/** One thing that a change changed: a line of the activity log. */
export interface Changed {
  what: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** What a new item is made of. */
export interface ItemParts {
  workspaceId: string;
  id: string;
  number: number;
  typeId: string;
  app: App;
  title: string;
  status: StatusTarget;
  priority: number;
  projectId: string;
  requester: PersonRef | null;
  organizationId: string | null;
  assignees: readonly AssigneeRef[];
  tags: readonly string[];
  published: boolean;
  now: Date;
}

/** A ticket, a task, …: one identity for life. */
export class Item extends ItemSchema.class {
  static readonly viewPermission = 'item.view' as const;

  static create(parts: ItemParts): Item {
    const { requester, status, now } = parts;
    const item = Object.assign(new Item(), {
      workspaceId: parts.workspaceId,
      id: parts.id,
      number: parts.number,
      typeId: parts.typeId,
      app: parts.app,
      title: parts.title,
      statusId: status.id,
      state: status.state,
      priority: parts.priority,
      projectId: parts.projectId,
      requesterUserId: requester?.kind === 'user' ? requester.id : null,
      requesterCustomerId: requester?.kind === 'customer' ? requester.id : null,
      requesterOrganizationId: parts.organizationId,
      assignedUserIds: idsOf(parts.assignees, 'user'),
      assignedTeamIds: idsOf(parts.assignees, 'team'),
      followerUserIds: [],
      followerCustomerIds: [],
      tags: tidyTags(parts.tags),
      published: parts.published,
      dueAt: null,
      createdAt: now,
      updatedAt: now,
      finishedAt: status.state === 'finished' ? now : null,
      lastMessageId: null,
      deletedAt: null,
      seq: 0,
    });
    record(item, itemCreated, item.facts());
    return item;
  }

  /**
   * Applies what differs, records one event, and tells what changed.
   * @param announce whether the requester may hear of a new status; not where a reply tells it anyway
   */
  change(change: ItemChange, now: Date, announce = true): Changed[] {
    const before = this.state;
    const changed = [
      this.compare(
        'title',
        change.title,
        () => ({ title: this.title }),
        (title) => (this.title = title),
      ),
      this.compare(
        'status',
        change.status,
        () => ({ statusId: this.statusId, state: this.state }),
        (status) => this.moveTo(status, now),
      ),
      this.compare(
        'priority',
        change.priority,
        () => ({ priority: this.priority }),
        (priority) => (this.priority = priority),
      ),
      this.compare(
        'assignees',
        change.assignees,
        () => ({ assignees: this.assignees }),
        (assignees) => this.assign(assignees),
      ),
      this.compare(
        'tags',
        change.tags,
        () => ({ tags: this.tags }),
        (tags) => (this.tags = tidyTags(tags)),
      ),
      this.compare(
        'published',
        change.published,
        () => ({ published: this.published }),
        (published) => (this.published = published),
      ),
      this.compare(
        'requester',
        change.requester,
        () => ({ requester: this.requester }),
        (requester) => this.ask(requester),
      ),
      this.compare(
        'dueAt',
        change.dueAt,
        () => ({ dueAt: this.dueAt ?? null }),
        (dueAt) => (this.dueAt = dueAt),
      ),
      this.compare(
        'followers',
        change.followers,
        () => ({ followers: this.followers }),
        (followers) => this.follow(followers),
      ),
    ].filter((each) => each !== null);
    if (changed.length) {
      this.updatedAt = now;
      const what = changed.map((each) => each.what);
      const news = announce && what.includes('status') ? this.newsSince(before) : null;
      record(this, itemChanged, { ...this.facts(), announce: news }, { changed: what });
    }
    return changed;
  }

  /** The change that takes others back; null where one of the same fields changed since. */
  inverse(changes: readonly Changed[]): Omit<ChangeItem, 'id'> | null {
    const { title, statusId, priority, assignees, tags, published, dueAt } = this;
    const present: Record<string, unknown> = { title, statusId, priority, assignees, tags, published, dueAt };
    // The state is the status's, and may have become another meanwhile.
    const own = (values: Record<string, unknown> | null) =>
      Object.entries(values ?? {}).filter(([name]) => name in present);
    const after = changes.flatMap((change) => own(change.after));
    if (!after.every(([name, value]) => isDeepStrictEqual(present[name], value))) return null;
    return Object.fromEntries(changes.flatMap(({ before }) => own(before)));
  }

  /** A message came: the item rises in lists. */
  touch(messageId: string, now: Date): void {
    this.lastMessageId = messageId;
    this.updatedAt = now;
  }

  delete(now: Date): void {
    this.deletedAt = now;
    record(this, itemDeleted, this.facts());
  }

  restore(now: Date): void {
    this.deletedAt = null;
    this.updatedAt = now;
    record(this, itemChanged, this.facts(), { changed: ['deleted'] });
  }

  get requester(): PersonRef | null {
    if (this.requesterUserId) return { kind: 'user', id: this.requesterUserId };
    return this.requesterCustomerId ? { kind: 'customer', id: this.requesterCustomerId } : null;
  }

  get assignees(): AssigneeRef[] {
    return [
      ...this.assignedUserIds.map((id) => ({ kind: 'user' as const, id })),
      ...this.assignedTeamIds.map((id) => ({ kind: 'team' as const, id })),
    ];
  }

  get followers(): PersonRef[] {
    return [
      ...this.followerUserIds.map((id) => ({ kind: 'user' as const, id })),
      ...this.followerCustomerIds.map((id) => ({ kind: 'customer' as const, id })),
    ];
  }

  accessFacts(): AccessFacts {
    return {
      projectId: this.projectId,
      requester: this.requester,
      requesterOrganizationId: this.requesterOrganizationId ?? null,
      assignedUserIds: [...this.assignedUserIds],
      assignedTeamIds: [...this.assignedTeamIds],
      followers: this.followers,
      published: this.published,
    };
  }

  /** The item as its events carry it. */
  facts(): ItemFacts {
    const { id, number, typeId, app, title, statusId, state, priority, tags, published, projectId } = this;
    const people = {
      requester: this.requester,
      assignees: this.assignees,
      followers: this.followers as PersonRefDto[],
      announce: null,
    };
    return { id, number, typeId, app, title, statusId, state, priority, tags, published, projectId, ...people };
  }

  private newsSince(before: State): Announcement {
    if (this.state === 'finished') return 'finished';
    return before === 'finished' ? 'reopened' : 'status-changed';
  }

  private compare<T>(
    what: string,
    value: T | undefined,
    read: () => Record<string, unknown>,
    write: (value: T) => void,
  ): Changed | null {
    if (value === undefined) return null;
    const before = read();
    write(value);
    const after = read();
    return JSON.stringify(before) === JSON.stringify(after) ? null : { what, before, after };
  }

  private moveTo(status: StatusTarget, now: Date): void {
    this.statusId = status.id;
    if (status.state === 'finished' && this.state !== 'finished') this.finishedAt = now;
    if (status.state !== 'finished') this.finishedAt = null;
    this.state = status.state;
  }

  private assign(assignees: readonly AssigneeRef[]): void {
    this.assignedUserIds = idsOf(assignees, 'user');
    this.assignedTeamIds = idsOf(assignees, 'team');
  }

  private follow(followers: readonly PersonRef[]): void {
    this.followerUserIds = idsOf(followers, 'user');
    this.followerCustomerIds = idsOf(followers, 'customer');
  }

  private ask({ person, organizationId }: { person: PersonRef; organizationId: string | null }): void {
    this.requesterUserId = person.kind === 'user' ? person.id : null;
    this.requesterCustomerId = person.kind === 'customer' ? person.id : null;
    this.requesterOrganizationId = organizationId;
  }
}
ItemSchema.setClass(Item);

const idsOf = (refs: readonly { kind: string; id: string }[], kind: string): string[] => [
  ...new Set(refs.filter((ref) => ref.kind === kind).map(({ id }) => id)),
];

/** Trimmed, without repeats; the case is kept as it was first written. */
export function tidyTags(tags: readonly string[]): string[] {
  const byKey = new Map<string, string>();
  for (const tag of tags.map((each) => each.trim().replace(/\s+/g, ' ')).filter(Boolean)) {
    if (!byKey.has(tag.toLowerCase())) byKey.set(tag.toLowerCase(), tag);
  }
  return [...byKey.values()];
}
