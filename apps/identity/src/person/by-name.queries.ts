import { invalidInput, Refusal } from '@sportello/kernel';
import { afterSql, BadFilter, orderSql, readCursor, readSort, writeCursor, type Sql } from '@sportello/listing';
import { type Context } from '@sportello/service';
import { sql } from 'kysely';

const nameKey = sql.ref('name_key');
const byName = readSort('name', { name: { column: nameKey, type: 'text' } });
const id = sql.ref('id');

/** A page of ids in the order of names, which every list of people has. */
export async function pageByName(
  ctx: Context,
  table: 'account' | 'customer' | 'organization',
  { cursor, limit = 50 }: { cursor?: string; limit?: number },
  conditions: readonly Sql[],
): Promise<{ ids: string[]; nextCursor: string | null }> {
  const after = cursor ? [afterSql(byName, id, positionOf(cursor))] : [];
  const all = [sql<boolean>`workspace_id = ${ctx.workspaceId}`, ...conditions, ...after];
  const { rows } = await sql<{ id: string; name_key: string }>`
    select id, name_key from ${sql.table(table)} where ${sql.join(all, sql` and `)}
    order by ${orderSql(byName, id)} limit ${limit + 1}`.execute(ctx.db<never>());
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    ids: page.map((row) => row.id),
    nextCursor: last ? writeCursor(byName, { value: last.name_key, id: last.id }) : null,
  };
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
