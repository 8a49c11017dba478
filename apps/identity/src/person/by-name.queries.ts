import { invalidInput, Refusal } from '@sportello/kernel';
import { afterSql, BadFilter, orderSql, readCursor, readSort, writeCursor, type Sql } from '@sportello/listing';
import { type Context } from '@sportello/service';
import { sql } from 'kysely';

const nameKey = sql.ref('name_key');
const byName = readSort('name', { name: { column: nameKey, type: 'text' } });
const id = sql.ref('id');

/** Which rows of which table, by whom. */
export interface NameList {
  table: 'account' | 'customer' | 'organization';
  workspaceId: string;
  conditions: readonly Sql[];
  cursor?: string;
  limit?: number;
}

/** A page of ids in the order of names, which every list of people has. */
export async function pageByName(
  ctx: Context,
  list: Omit<NameList, 'workspaceId'>,
): Promise<{ ids: string[]; nextCursor: string | null }> {
  const { workspaceId } = ctx;
  const { limit = 50 } = list;
  const { rows } = await nameQuery({ ...list, workspaceId, limit: limit + 1 }).execute(ctx.db<never>());
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    ids: page.map((row) => row.id),
    nextCursor: last ? writeCursor(byName, { value: last.name_key, id: last.id }) : null,
  };
}

/** The statement behind `pageByName`; public for the test that explains it. */
export function nameQuery({ table, workspaceId, conditions, cursor, limit = 50 }: NameList) {
  const after = cursor ? [afterSql(byName, id, positionOf(cursor))] : [];
  const all = [sql<boolean>`workspace_id = ${workspaceId}`, ...conditions, ...after];
  return sql<{ id: string; name_key: string }>`
    select id, name_key from ${sql.table(table)} where ${sql.join(all, sql` and `)}
    order by ${orderSql(byName, id)} limit ${limit}`;
}

function positionOf(cursor: string) {
  try {
    return readCursor(byName, cursor);
  } catch (error) {
    if (error instanceof BadFilter)
      throw new Refusal(invalidInput, { errors: [{ field: 'cursor', message: error.message }] });
    throw error;
  }
}

/** Records in the order of the page that they were read for. */
export function inOrder<T extends { id: string }>(ids: readonly string[], records: readonly T[]): T[] {
  const byId = new Map(records.map((record) => [record.id, record]));
  return ids.flatMap((each) => byId.get(each) ?? []);
}
