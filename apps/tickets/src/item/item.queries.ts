import {
  badFilter,
  itemNotFound,
  type Item as ItemDto,
  type ItemDetails,
  type MailboxDto,
  type State,
  type StatusColor,
} from '@sportello/contracts';
import {
  BadFilter,
  countRows,
  listIds,
  type AccessSql,
  type FilterField,
  type ListDefinition,
  type ListRequest,
  type Sql,
} from '@sportello/listing';
import { Refusal } from '@sportello/kernel';
import { can, where, type AccessFacts, type Permission, type PersonRef } from '@sportello/permissions';
import { type Context } from '@sportello/service';
import { sql, type Kysely } from 'kysely';
import { peopleOf, personFrom, workspaceOf, type DirectoryTables } from '../directory/directory.queries.js';
import { Item } from './item.entity.js';

const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Ids of a filter. @throws BadFilter */
function ids(values: readonly string[]): string[] {
  for (const value of values) if (!idPattern.test(value)) throw new BadFilter(`"${value.slice(0, 40)}" is no id.`);
  return [...values];
}

const anyOf = (values: readonly string[]) => sql`any(${[...values]}::uuid[])`;
const related = (relation: string, values: readonly string[]): Sql => sql<boolean>`i.id in (
  select item_id from item_person where workspace_id = i.workspace_id and relation = ${relation} and person_id = ${anyOf(values)})`;

const access: AccessSql = {
  published: sql<boolean>`i.published`,
  projectId: (values) => sql<boolean>`i.project_id = ${anyOf(values)}`,
  requesterUserId: (values) => sql<boolean>`i.requester_user_id = ${anyOf(values)}`,
  requesterCustomerId: (values) => sql<boolean>`i.requester_customer_id = ${anyOf(values)}`,
  requesterOrganizationId: (values) => sql<boolean>`i.requester_organization_id = ${anyOf(values)}`,
  assignedUserId: (values) => related('assigned-user', values),
  assignedTeamId: (values) => related('assigned-team', values),
  followerCustomerId: (values) => related('following-customer', values),
};

const states: Record<string, Sql> = {
  open: sql<boolean>`i.open`,
  'not-started': sql<boolean>`i.state = 'not-started'`,
  'in-progress': sql<boolean>`i.state = 'in-progress'`,
  finished: sql<boolean>`i.state = 'finished'`,
};

/** What items can be filtered by. `me`, `mine` and `none` stand for whoever asks. */
function fieldsFor(me: PersonRef | null, teams: readonly string[]): Record<string, FilterField> {
  const either = (conditions: Sql[]): Sql =>
    sql<boolean>`(${sql.join(conditions.length ? conditions : [sql<boolean>`false`], sql` or `)})`;
  const instant = (column: string): FilterField => ({
    is: () => {
      throw new BadFilter('A date takes before and after.');
    },
    instant: sql.ref(`i.${column}`),
  });
  return {
    type: {
      is: (values) =>
        sql<boolean>`i.type_id in (select id from item_type where workspace_id = i.workspace_id and key = any(${[...values]}::text[]))`,
    },
    status: { is: (values) => sql<boolean>`i.status_id = ${anyOf(ids(values))}` },
    state: {
      is: (values) =>
        either(
          values.map((value) => {
            const condition = Object.hasOwn(states, value) ? states[value] : undefined;
            if (!condition) throw new BadFilter(`There is no state "${value.slice(0, 40)}".`);
            return condition;
          }),
        ),
    },
    assignee: {
      is: (values) => {
        const people = values
          .filter((value) => value !== 'none')
          .map((value) => (value === 'me' ? (me?.id ?? '') : value));
        const conditions: Sql[] = values.includes('none') ? [sql<boolean>`i.unassigned`] : [];
        if (people.length) conditions.push(related('assigned-user', ids(people)));
        return either(conditions);
      },
    },
    team: {
      is: (values) => {
        const all = values.flatMap((value) => (value === 'mine' ? [...teams] : [value]));
        return all.length ? related('assigned-team', ids(all)) : sql<boolean>`false`;
      },
    },
    requester: {
      is: (values) => either([access.requesterCustomerId(ids(values)), access.requesterUserId(ids(values))]),
    },
    organization: { is: (values) => access.requesterOrganizationId(ids(values)) },
    project: { is: (values) => access.projectId(ids(values)) },
    follower: {
      is: (values) => {
        const people = ids(values.map((value) => (value === 'me' ? (me?.id ?? '') : value)));
        return either([related('following-user', people), related('following-customer', people)]);
      },
    },
    tag: {
      is: (values) =>
        sql<boolean>`i.id in (select item_id from item_tag where workspace_id = i.workspace_id and tag = any(${[...values]}::text[]))`,
    },
    priority: {
      is: (values) => {
        for (const value of values) if (!/^[0-5]$/.test(value)) throw new BadFilter('A priority is 0 to 5.');
        return sql<boolean>`i.priority = any(${values.map(Number)}::smallint[])`;
      },
    },
    published: { is: (values) => sql<boolean>`i.published = ${values[0] === 'true'}` },
    createdAt: instant('created_at'),
    updatedAt: instant('updated_at'),
    finishedAt: instant('finished_at'),
    dueAt: instant('due_at'),
  };
}

/** The list of items, for one actor. */
export function itemList(me: PersonRef | null, teams: readonly string[]): ListDefinition {
  return {
    from: sql`item i`,
    id: sql.ref('i.id'),
    base: (workspaceId) => sql<boolean>`i.workspace_id = ${workspaceId} and i.deleted_at is null`,
    project: sql.ref('i.project_id'),
    access,
    fields: fieldsFor(me, teams),
    sorts: {
      updatedAt: { column: sql.ref('i.updated_at'), type: 'timestamptz' },
      createdAt: { column: sql.ref('i.created_at'), type: 'timestamptz' },
      dueAt: { column: sql.ref('i.due_order'), type: 'timestamptz' },
      priority: { column: sql.ref('i.priority'), type: 'integer' },
      number: { column: sql.ref('i.number'), type: 'integer' },
    },
    defaultSort: '-updatedAt',
  };
}

/** Filters of the shipped views. */
export const shippedViews = {
  unassigned: {
    filter: {
      all: [
        { field: 'state', is: 'open' },
        { field: 'assignee', is: 'none' },
      ],
    },
    sort: '-updatedAt',
  },
  mine: {
    filter: {
      all: [
        { field: 'state', is: 'open' },
        { field: 'assignee', is: 'me' },
      ],
    },
    sort: '-updatedAt',
  },
  'my-teams': {
    filter: {
      all: [
        { field: 'state', is: 'open' },
        { field: 'team', is: 'mine' },
      ],
    },
    sort: '-updatedAt',
  },
  'all-open': { filter: { all: [{ field: 'state', is: 'open' }] }, sort: '-updatedAt' },
} as const;

/** More matches than a person looks through; the narrower the words, the better the list. */
const mostFound = 2000;

/** A question to the list as whoever asks: their sight, their `me`, their workspace's days. */
export async function askItems(
  ctx: Context,
  question: { filter?: unknown; text?: string },
): Promise<{ list: ListDefinition; request: Omit<ListRequest, 'limit'> }> {
  const { actor } = ctx;
  const teams = actor.kind === 'user' ? actor.teams : [];
  const { time_zone: timeZone } = await workspaceOf(ctx);
  const also: Sql[] = [];
  if (question.text?.trim()) {
    // Joined to a materialised set of ids: a function in the condition would be called for each row.
    also.push(
      sql<boolean>`i.id in (select item_id from search_items(${ctx.workspaceId}, ${question.text}, ${actor.kind === 'user'}, ${mostFound}))`,
    );
  }
  const request = {
    workspaceId: ctx.workspaceId,
    timeZone,
    access: where(actor, 'item.view', await ctx.sight()),
    filter: question.filter,
    also,
  };
  return { list: itemList(ctx.person, teams), request };
}

/** A page of items with their count. @throws Refusal `bad_filter` */
export async function readItems(
  ctx: Context,
  question: { filter?: unknown; text?: string; sort?: string; cursor?: string; limit?: number },
): Promise<{ data: ItemDto[]; nextCursor: string | null; count: number }> {
  try {
    const { list, request } = await askItems(ctx, question);
    const db = ctx.db<never>();
    const { ids: found, nextCursor } = await listIds(db, list, {
      ...request,
      sort: question.sort,
      cursor: question.cursor,
      limit: question.limit ?? 50,
    });
    return { data: await describeItems(ctx, found), nextCursor, count: await countRows(db, list, request) };
  } catch (error) {
    if (error instanceof BadFilter) throw new Refusal(badFilter, { detail: error.message });
    throw error;
  }
}

interface ItemRow {
  id: string;
  number: number;
  title: string;
  priority: number;
  tags: string[];
  published: boolean;
  project_id: string;
  due_at: Date | null;
  created_at: Date;
  updated_at: Date;
  finished_at: Date | null;
  seq: number;
  type_id: string;
  type_key: string;
  type_name: string;
  type_icon: string;
  status_id: string;
  status_name: string;
  status_customer_name: string;
  status_state: State;
  status_color: StatusColor;
  requester_user_id: string | null;
  requester_customer_id: string | null;
  requester_organization_id: string | null;
  organization_name: string | null;
  assigned_user_ids: string[];
  assigned_team_ids: string[];
  follower_user_ids: string[];
  follower_customer_ids: string[];
  message_id: string | null;
  message_thread: 'customer' | 'internal' | null;
  message_plain: string | null;
  message_at: Date | null;
  message_author_kind: 'user' | 'customer' | null;
  message_author_id: string | null;
  seen_message_id: string | null;
}

const itemPermissions: readonly Permission[] = [
  'item.edit',
  'item.publish',
  'item.delete',
  'item.follow',
  'message.note',
  'message.reply',
];

/** Items as lists show them, in the order of the ids. */
export async function describeItems(ctx: Context, found: readonly string[]): Promise<ItemDto[]> {
  if (!found.length) return [];
  const customer = ctx.actor.kind === 'customer';
  // A customer's last message is the last of the customer thread; nothing internal is read.
  const { rows } = await sql<ItemRow>`
    select i.id, i.number, i.title, i.priority, i.tags, i.published, i.project_id, i.due_at, i.created_at, i.updated_at, i.finished_at, i.seq,
           t.id as type_id, t.key as type_key, t.name as type_name, t.icon as type_icon,
           s.id as status_id, s.name as status_name, s.customer_name as status_customer_name, s.state as status_state, s.color as status_color,
           i.requester_user_id, i.requester_customer_id, i.requester_organization_id, o.name as organization_name,
           i.assigned_user_ids, i.assigned_team_ids, i.follower_user_ids, i.follower_customer_ids,
           m.id as message_id, m.thread as message_thread, left(m.plain, 200) as message_plain, m.created_at as message_at,
           m.author_kind as message_author_kind, m.author_id as message_author_id, seen.message_id as seen_message_id
      from item i
      join item_type t on t.workspace_id = i.workspace_id and t.id = i.type_id
      join status s on s.workspace_id = i.workspace_id and s.id = i.status_id
      left join organization o on o.workspace_id = i.workspace_id and o.id = i.requester_organization_id
      left join item_seen seen on seen.workspace_id = i.workspace_id and seen.item_id = i.id and seen.user_id = ${ctx.person?.id ?? null}
      left join lateral (
        select * from message m
         where m.workspace_id = i.workspace_id and m.item_id = i.id and m.deleted_at is null ${customer ? sql`and m.thread = 'customer'` : sql``}
         order by m.id desc limit 1
      ) m on true
     where i.workspace_id = ${ctx.workspaceId} and i.id = ${anyOf(found)}`.execute(ctx.db<never>());
  const refs = rows.flatMap((row) => [requesterOf(row), ...row.assigned_user_ids.map(user), authorOf(row)]);
  const [people, teams, sight] = await Promise.all([
    peopleOf(ctx, refs),
    teamNames(
      ctx.db(),
      ctx.workspaceId,
      rows.flatMap((row) => row.assigned_team_ids),
    ),
    ctx.sight(),
  ]);
  const byId = new Map(
    rows.map((row) => {
      const requester = requesterOf(row);
      const author = authorOf(row);
      const item: ItemDto = {
        id: row.id,
        number: row.number,
        type: { id: row.type_id, key: row.type_key, name: row.type_name, icon: row.type_icon },
        title: row.title,
        status: {
          id: row.status_id,
          name: row.status_name,
          customerName: row.status_customer_name,
          state: row.status_state,
          color: row.status_color,
        },
        priority: row.priority,
        requester: requester && personFrom(people, requester),
        organization: row.requester_organization_id
          ? { id: row.requester_organization_id, name: row.organization_name ?? '' }
          : null,
        assignees: [
          ...row.assigned_user_ids.map((id) => ({ kind: 'user' as const, id, name: people.get(id)?.name ?? '' })),
          ...row.assigned_team_ids.map((id) => ({ kind: 'team' as const, id, name: teams.get(id) ?? '' })),
        ],
        tags: row.tags,
        published: row.published,
        projectId: row.project_id,
        dueAt: row.due_at,
        createdAt: row.created_at,
        updatedAt: row.updated_at,
        finishedAt: row.finished_at,
        lastMessage:
          row.message_id && row.message_at && author
            ? {
                id: row.message_id,
                author: people.get(author.id)?.name ?? '',
                thread: row.message_thread ?? 'customer',
                excerpt: (row.message_plain ?? '').replace(/\s+/g, ' ').trim(),
                at: row.message_at,
              }
            : null,
        // What I wrote myself is not new to me.
        unread:
          row.message_id !== null &&
          author?.id !== ctx.person?.id &&
          (row.seen_message_id === null || row.seen_message_id < row.message_id),
        version: row.seq,
        can: can(ctx.actor, itemPermissions, sight, factsOf(row)),
      };
      return [row.id, item] as const;
    }),
  );
  return found.flatMap((id) => byId.get(id) ?? []);
}

/** One item with what its panel shows. */
export async function readItem(ctx: Context, item: Item): Promise<ItemDetails> {
  const [described] = await describeItems(ctx, [item.id]);
  if (!described) throw new Error(`item ${item.id} is not in its table`);
  const [people, links, seen] = await Promise.all([
    peopleOf(ctx, [...item.followers, item.requester]),
    readLinks(ctx, item.id),
    sql<{
      message_id: string | null;
    }>`select message_id from item_seen where workspace_id = ${ctx.workspaceId} and user_id = ${ctx.person?.id ?? null} and item_id = ${item.id}`.execute(
      ctx.db<never>(),
    ),
  ]);
  return {
    ...described,
    followers: item.followers.map((ref) => personFrom(people, ref)),
    links,
    following: item.followers.some(({ id }) => id === ctx.person?.id),
    seenMessageId: seen.rows[0]?.message_id ?? null,
    defaultRecipients: defaultRecipients(item, people),
  };
}

/** A reply goes to the requester; followers of the same organization are in Cc, other followers get their own mail. */
export function defaultRecipients(
  item: Pick<Item, 'requester' | 'followers' | 'requesterOrganizationId'>,
  people: ReadonlyMap<string, { name: string; email: string | null; organizationId: string | null }>,
): { to: MailboxDto[]; cc: MailboxDto[] } {
  const mailbox = ({ id }: PersonRef): MailboxDto[] => {
    const person = people.get(id);
    return person?.email ? [{ name: person.name, address: person.email }] : [];
  };
  const { requester, requesterOrganizationId: organization } = item;
  const colleagues = item.followers.filter(
    ({ kind, id }) =>
      kind === 'customer' &&
      id !== requester?.id &&
      organization !== null &&
      people.get(id)?.organizationId === organization,
  );
  return { to: requester?.kind === 'customer' ? mailbox(requester) : [], cc: colleagues.flatMap(mailbox) };
}

async function readLinks(ctx: Context, itemId: string): Promise<ItemDetails['links']> {
  const { rows } = await sql<{ id: string; relation: ItemDetails['links'][number]['relation'] }>`
    select other_id as id, relation from item_link where workspace_id = ${ctx.workspaceId} and item_id = ${itemId}
    union select item_id, relation from item_link where workspace_id = ${ctx.workspaceId} and other_id = ${itemId}`.execute(
    ctx.db<never>(),
  );
  // A link shows its other end only to who may see that end.
  const { list, request } = await askItems(ctx, {});
  const linked = rows.map(({ id }) => id);
  if (!linked.length) return [];
  const { ids: visible } = await listIds(ctx.db<never>(), list, {
    ...request,
    also: [sql<boolean>`i.id = ${anyOf(linked)}`],
    limit: 100,
  });
  const items = await describeItems(ctx, visible);
  return items.map(({ id, number, title }) => ({
    id,
    number,
    title,
    relation: rows.find((row) => row.id === id)?.relation ?? 'related',
  }));
}

async function teamNames(
  db: Kysely<DirectoryTables>,
  workspaceId: string,
  teamIds: readonly string[],
): Promise<Map<string, string>> {
  if (!teamIds.length) return new Map();
  const rows = await db
    .selectFrom('team')
    .select(['id', 'name'])
    .where('workspace_id', '=', workspaceId)
    .where('id', 'in', [...teamIds])
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

const user = (id: string): PersonRef => ({ kind: 'user', id });
const customerRef = (id: string): PersonRef => ({ kind: 'customer', id });

function requesterOf(row: ItemRow): PersonRef | null {
  if (row.requester_user_id) return user(row.requester_user_id);
  return row.requester_customer_id ? customerRef(row.requester_customer_id) : null;
}

function authorOf(row: ItemRow): PersonRef | null {
  return row.message_author_id && row.message_author_kind
    ? { kind: row.message_author_kind, id: row.message_author_id }
    : null;
}

function factsOf(row: ItemRow): AccessFacts {
  return {
    projectId: row.project_id,
    requester: requesterOf(row),
    requesterOrganizationId: row.requester_organization_id,
    assignedUserIds: row.assigned_user_ids,
    assignedTeamIds: row.assigned_team_ids,
    followers: [...row.follower_user_ids.map(user), ...row.follower_customer_ids.map(customerRef)],
    published: row.published,
  };
}

/** Tags in use on items that whoever asks may see, the most used first. */
export async function readTags(ctx: Context, text: string): Promise<string[]> {
  const { list, request } = await askItems(ctx, {});
  const { ids: visible } = await listIds(ctx.db<never>(), list, {
    ...request,
    also: [sql<boolean>`i.tags <> '{}'`],
    limit: 1000,
  });
  const { rows } = await sql<{ tag: string }>`
    select tag from item_tag where workspace_id = ${ctx.workspaceId} and item_id = ${anyOf(visible)} and tag ilike ${`${text.replace(/[\\%_]/g, '\\$&')}%`}
    group by tag order by count(*) desc, tag limit 200`.execute(ctx.db<never>());
  return rows.map(({ tag }) => tag);
}

/** One item by id or number. @throws Refusal `not_found`, also for what was deleted */
export async function loadByIdOrNumber(ctx: Context, idOrNumber: string): Promise<Item> {
  let id = idOrNumber;
  if (/^\d+$/.test(idOrNumber)) {
    const number = Number(idOrNumber);
    const found = number <= 2_147_483_647 ? await ctx.em.findOne(Item, { workspaceId: ctx.workspaceId, number }) : null;
    if (!found) throw new Refusal(itemNotFound);
    ctx.em.clear();
    id = found.id;
  }
  const item = await ctx.load(Item, id, itemNotFound);
  if (item.deletedAt) throw new Refusal(itemNotFound);
  return item;
}

/** The next number of the workspace: rising, unique, with gaps. */
export async function nextNumber(ctx: Context): Promise<number> {
  const [row] = await ctx.em.execute<{ number: number }[]>('select tickets.next_number(?) as number', [
    ctx.workspaceId,
  ]);
  return Number(row?.number);
}
