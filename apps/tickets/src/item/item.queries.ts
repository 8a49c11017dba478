import {
  itemNotFound,
  type Item as ItemDto,
  type ItemDetails,
  type MailboxDto,
  type State,
  type StatusColor,
} from '@sportello/contracts';
import { countRows, idPattern, listIds } from '@sportello/listing';
import { Refusal, type App, type ErrorDefinition } from '@sportello/kernel';
import { can, mayUseApp, type AccessFacts, type Permission, type PersonRef } from '@sportello/permissions';
import { type Context } from '@sportello/service';
import { sql, type Kysely } from 'kysely';
import { peopleOf, personFrom, type DirectoryTables } from '../directory/directory.queries.js';
import { anyOf, askItems, refusingBadFilters } from './item-list.queries.js';
import { Item } from './item.entity.js';

/** A page of items with their count. @throws Refusal `bad_filter` */
export async function readItems(
  ctx: Context,
  question: { filter?: unknown; text?: string; sort?: string; cursor?: string; limit?: number },
): Promise<{ data: ItemDto[]; nextCursor: string | null; count: number }> {
  return refusingBadFilters(async () => {
    const { list, request } = await askItems(ctx, question);
    const db = ctx.db<never>();
    const { ids: found, nextCursor } = await listIds(db, list, {
      ...request,
      sort: question.sort,
      cursor: question.cursor,
      limit: question.limit ?? 50,
    });
    return { data: await describeItems(ctx, found), nextCursor, count: await countRows(db, list, request) };
  });
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
  app: App;
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
    select i.id, i.app, i.number, i.title, i.priority, i.tags, i.published, i.project_id, i.due_at, i.created_at, i.updated_at, i.finished_at, i.seq,
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
        // How the team sorts its work.
        tags: customer ? [] : row.tags,
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
        can: mayUseApp(ctx.actor, row.app) ? can(ctx.actor, itemPermissions, sight, factsOf(row)) : [],
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
    also: [...(request.also ?? []), sql<boolean>`i.id = ${anyOf(linked)}`],
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
  // Tags are how the team sorts its work.
  if (ctx.actor.kind === 'customer') return [];
  const { list, request } = await askItems(ctx, {});
  const { ids: visible } = await listIds(ctx.db<never>(), list, {
    ...request,
    also: [...(request.also ?? []), sql<boolean>`i.tags <> '{}'`],
    limit: 1000,
  });
  const { rows } = await sql<{ tag: string }>`
    select min(tag) as tag from item_tag where workspace_id = ${ctx.workspaceId} and item_id = ${anyOf(visible)} and tag ilike ${`${text.replace(/[\\%_]/g, '\\$&')}%`}
    group by folded order by count(*) desc, folded limit 200`.execute(ctx.db<never>());
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
  if (!idPattern.test(id)) throw new Refusal(itemNotFound);
  return loadItem(ctx, id);
}

/**
 * An item that the actor may touch with this operation.
 * @param missing what is said where there is none: what hangs on an item tells no more of it than the item itself
 * @throws Refusal `missing`, also for what was deleted
 */
export async function loadItem(ctx: Context, id: string, missing: ErrorDefinition = itemNotFound): Promise<Item> {
  const item = await ctx.load(Item, id, missing);
  if (item.deletedAt) throw new Refusal(missing);
  return item;
}

/** The next number of the workspace: rising, unique, with gaps. */
export async function nextNumber(ctx: Context): Promise<number> {
  const [row] = await ctx.em.execute<{ number: number }[]>('select tickets.next_number(?) as number', [
    ctx.workspaceId,
  ]);
  return Number(row?.number);
}
