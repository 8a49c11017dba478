import {
  type Attachment,
  type Delivery,
  type MailboxDto,
  type Message as MessageDto,
  type ThreadKind,
} from '@sportello/contracts';
import { allows, type Permission, type Sight } from '@sportello/permissions';
import { type Context } from '@sportello/service';
import { peopleOf, personFrom } from '../directory/directory.queries.js';
import { type Item } from '../item/item.entity.js';
import { Thread, type MailRecord } from './conversation.entity.js';

interface MessageRow {
  workspace_id: string;
  id: string;
  item_id: string;
  thread_id: string;
  thread: ThreadKind;
  author_kind: 'user' | 'customer';
  author_id: string;
  via: 'mail' | 'web' | 'api';
  subject: string | null;
  to_mailboxes: MailboxDto[];
  cc_mailboxes: MailboxDto[];
  html: string;
  quoted_html: string | null;
  plain: string;
  remote_images: number;
  new_here: boolean;
  mail: MailRecord | null;
  created_at: Date;
  edited_at: Date | null;
  deleted_at: Date | null;
}
interface FileRow {
  workspace_id: string;
  id: string;
  name: string;
  content_type: string;
  size: string;
  inline: boolean;
  message_id: string | null;
}
interface DeliveryRow {
  workspace_id: string;
  message_id: string | null;
  address: string;
  state: Delivery['state'];
  detail: string | null;
  at: Date;
}
export interface ConversationTables {
  message: MessageRow;
  file: FileRow;
  delivery: DeliveryRow;
}

/** A page of 500 kB at most crosses the bus; longer conversations come in pages. */
const pageBytes = 400_000;

/**
 * The messages of an item that the actor may read, oldest first. Nothing internal is read for a customer.
 * @param after the last message of the page before
 */
export async function readMessages(
  ctx: Context,
  item: Item,
  { after, thread, limit = 100, only }: { after?: string; thread?: ThreadKind; limit?: number; only?: string },
): Promise<{ data: MessageDto[]; nextCursor: string | null }> {
  const customer = ctx.actor.kind === 'customer';
  let query = ctx
    .db<ConversationTables>()
    .selectFrom('message')
    .selectAll()
    .where('workspace_id', '=', ctx.workspaceId)
    .where('item_id', '=', item.id)
    .orderBy('id')
    .limit(limit + 1);
  if (customer) query = query.where('thread', '=', 'customer');
  if (thread) query = query.where('thread', '=', thread);
  if (after) query = query.where('id', '>', after);
  if (only) query = query.where('id', '=', only);
  const rows = await query.execute();
  const page: MessageRow[] = [];
  let bytes = 0;
  for (const row of rows.slice(0, limit)) {
    bytes += Buffer.byteLength(row.html) + Buffer.byteLength(row.quoted_html ?? '');
    if (page.length && bytes > pageBytes) break;
    page.push(row);
  }
  const data = await describe(ctx, item, page);
  return { data, nextCursor: rows.length > page.length ? (page.at(-1)?.id ?? null) : null };
}

async function describe(ctx: Context, item: Item, rows: readonly MessageRow[]): Promise<MessageDto[]> {
  const ids = rows.map(({ id }) => id);
  const [people, files, deliveries] = await Promise.all([
    peopleOf(
      ctx,
      rows.map((row) => ({ kind: row.author_kind, id: row.author_id })),
    ),
    ids.length
      ? ctx
          .db<ConversationTables>()
          .selectFrom('file')
          .selectAll()
          .where('workspace_id', '=', ctx.workspaceId)
          .where('message_id', 'in', ids)
          .orderBy('id')
          .execute()
      : [],
    ids.length
      ? ctx
          .db<ConversationTables>()
          .selectFrom('delivery')
          .selectAll()
          .where('workspace_id', '=', ctx.workspaceId)
          .where('message_id', 'in', ids)
          .orderBy('address')
          .execute()
      : [],
  ]);
  const sight = await ctx.sight();
  const { actor } = ctx;
  return rows.map((row) => {
    const deleted = row.deleted_at !== null;
    const written = { authorId: row.author_id, via: row.via, thread: row.thread };
    const editable = !deleted && row.author_kind === 'user' && mayEdit(ctx, sight, item, written);
    const can: Permission[] = editable ? ['message.edit'] : [];
    return {
      id: row.id,
      thread: row.thread,
      threadId: row.thread_id,
      author: personFrom(people, { kind: row.author_kind, id: row.author_id }),
      via: row.via,
      subject: row.subject,
      to: row.to_mailboxes,
      cc: row.cc_mailboxes,
      html: deleted ? '' : row.html,
      quotedHtml: deleted ? null : row.quoted_html,
      remoteImages: row.remote_images,
      attachments: deleted ? [] : files.filter((file) => file.message_id === row.id).map(attachment),
      newHere: row.new_here,
      createdAt: row.created_at,
      editedAt: row.edited_at,
      deletedAt: row.deleted_at,
      mail: actor.kind === 'customer' ? null : row.mail,
      // Of a customer's own message our mails are acknowledgements and notices: not what became of the message.
      delivery:
        actor.kind === 'customer' || row.author_kind === 'customer'
          ? []
          : deliveries.filter((delivery) => delivery.message_id === row.id),
      can,
    };
  });
}

/** One's own words that were written here, as far as one may still write there; others' with the right to. */
export function mayEdit(
  ctx: Context,
  sight: Sight,
  item: Item,
  { authorId, via, thread }: { authorId: string; via: string; thread: ThreadKind },
): boolean {
  const may = (permission: Permission) => allows(ctx.actor, permission, sight, item.accessFacts());
  const own = authorId === ctx.person?.id && via !== 'mail';
  return may('message.edit') || (own && may(thread === 'internal' ? 'message.note' : 'message.reply'));
}

/** The newest message of an item but one; null where there is no other. */
export async function lastMessageId(ctx: Context, itemId: string, but: string): Promise<string | null> {
  const last = await ctx
    .db<ConversationTables>()
    .selectFrom('message')
    .select('id')
    .where('workspace_id', '=', ctx.workspaceId)
    .where('item_id', '=', itemId)
    .where('id', '<>', but)
    .where('deleted_at', 'is', null)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last?.id ?? null;
}

const attachment = ({ id, name, content_type: contentType, size, inline }: FileRow): Attachment => ({
  id,
  name,
  contentType,
  size: Number(size),
  inline,
});

/** The thread of that kind that a message goes into; made on the first. Null for an internal thread that is not there. */
export async function threadFor(
  ctx: Context,
  item: Item,
  kind: ThreadKind,
  id?: string | null,
): Promise<Thread | null> {
  const where = { workspaceId: ctx.workspaceId, itemId: item.id, kind, ...(id ? { id } : {}) };
  const found = await ctx.em.findOne(Thread, where, { orderBy: { id: 'asc' } });
  if (found || id) return found;
  return ctx.add(Thread.of(item, ctx.newId(), kind, ctx.now));
}

/** Every From, To and Cc of the customer thread: who takes part. */
export async function participantsOf(ctx: Context, itemIds: readonly string[]): Promise<Map<string, Set<string>>> {
  const participants = new Map<string, Set<string>>(itemIds.map((id) => [id, new Set()]));
  if (!itemIds.length) return participants;
  const rows = await ctx
    .db<ConversationTables & { person: { workspace_id: string; id: string; email: string | null } }>()
    .selectFrom('message as m')
    .leftJoin('person as p', (join) =>
      join.onRef('p.id', '=', 'm.author_id').onRef('p.workspace_id', '=', 'm.workspace_id'),
    )
    .select(['m.item_id', 'm.to_mailboxes', 'm.cc_mailboxes', 'm.new_here', 'p.email'])
    .where('m.workspace_id', '=', ctx.workspaceId)
    .where('m.item_id', 'in', [...itemIds])
    .where('m.thread', '=', 'customer')
    .execute();
  for (const row of rows) {
    // Whoever is new here brings nobody along until a user has confirmed them.
    if (row.new_here) continue;
    const known = participants.get(row.item_id) as Set<string>;
    if (row.email) known.add(row.email);
    for (const { address } of [...row.to_mailboxes, ...row.cc_mailboxes]) known.add(address);
  }
  return participants;
}
