import { type Language } from '@sportello/contracts';
import { type PersonRef } from '@sportello/permissions';
import { type Context } from '@sportello/service';

/** The columns that every service's copy of a person has. */
export interface PersonCopy {
  workspace_id: string;
  kind: 'user' | 'customer';
  id: string;
  name: string;
  email: string | null;
  language: Language | null;
  active: boolean;
  seq: number;
}

/** The columns that every service's copy of the workspace has. */
export interface WorkspaceCopy {
  workspace_id: string;
  name: string;
  language: Language;
  time_zone: string;
  inbound_address: string;
  reply_address: string | null;
  seq: number;
}

/**
 * The workspace, with the columns that this service keeps.
 * @throws Error before the copy has come: the caller tries again
 */
export async function copiedWorkspace<Row extends WorkspaceCopy = WorkspaceCopy>(ctx: Context): Promise<Row> {
  const row = await ctx
    .db<{ workspace: WorkspaceCopy }>()
    .selectFrom('workspace')
    .selectAll()
    .where('workspace_id', '=', ctx.workspaceId)
    .executeTakeFirstOrThrow();
  return row as Row;
}

/** People by id, with the columns that this service keeps. */
export async function copiedPeople<Row extends PersonCopy = PersonCopy>(
  ctx: Context,
  refs: readonly (PersonRef | null)[],
): Promise<Map<string, Row>> {
  const ids = [...new Set(refs.flatMap((ref) => (ref ? [ref.id] : [])))];
  if (!ids.length) return new Map();
  const rows = await ctx
    .db<{ person: PersonCopy }>()
    .selectFrom('person')
    .selectAll()
    .where('workspace_id', '=', ctx.workspaceId)
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.id, row as Row]));
}
