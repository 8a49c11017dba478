import { sql, type RawBuilder } from 'kysely';
import { BadFilter, idPattern, type Sql } from './filter.js';

/** A column that a list can be sorted by; the id decides between equals. Never null. */
export interface SortField {
  column: RawBuilder<unknown>;
  /** The cast of the cursor's text back to the column's type. */
  type: 'timestamptz' | 'integer' | 'text';
}

/** A field and a direction: `-updatedAt` falls. */
export interface Sort extends SortField {
  name: string;
  falling: boolean;
}

/** @throws BadFilter for a field that the list does not sort by */
export function readSort(text: string, fields: Readonly<Record<string, SortField>>): Sort {
  const falling = text.startsWith('-');
  const name = falling ? text.slice(1) : text;
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!field) throw new BadFilter(`This list cannot be sorted by "${name.slice(0, 60)}".`);
  return { ...field, name, falling };
}

/** The order, ids last, so that it is total. */
export function orderSql(sort: Sort, id: RawBuilder<unknown>): RawBuilder<unknown> {
  const direction = sort.falling ? sql`desc` : sql`asc`;
  return sql`${sort.column} ${direction}, ${id} ${direction}`;
}

/** Where a page ended: the last row's sort value and id. */
export interface Position {
  value: string;
  id: string;
}

/** Opaque to clients. Bound to the sort, so that one of another list or order is refused. */
export function writeCursor(sort: Sort, { value, id }: Position): string {
  return Buffer.from(JSON.stringify([sort.falling ? `-${sort.name}` : sort.name, value, id])).toString('base64url');
}

/** @throws BadFilter for a cursor of another sort, or none of ours */
export function readCursor(sort: Sort, cursor: string): Position {
  try {
    const [name, value, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const fits = name === (sort.falling ? `-${sort.name}` : sort.name);
    if (!fits || typeof value !== 'string' || typeof id !== 'string' || !idPattern.test(id)) throw new Error();
    if (!valuePatterns[sort.type].test(value)) throw new Error();
    return { value, id };
  } catch {
    throw new BadFilter(strangeCursor);
  }
}

/** The cursor of a list that is ordered by id alone. @throws BadFilter */
export function readIdCursor(cursor: string | undefined): string | undefined {
  if (cursor !== undefined && !idPattern.test(cursor)) throw new BadFilter(strangeCursor);
  return cursor;
}

const strangeCursor = 'The cursor does not belong to this list. Start again without it.';

/** Exactly what `writeCursor` was given, so that PostgreSQL never meets a value that it cannot read. */
const valuePatterns: Record<SortField['type'], RegExp> = {
  timestamptz: /^(infinity|[1-9]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z)$/,
  integer: /^-?\d{1,9}$/,
  text: /^\P{Cc}*$/u,
};

/** The rows behind a position: one row comparison, which an index answers. */
export function afterSql(sort: Sort, id: RawBuilder<unknown>, { value, id: lastId }: Position): Sql {
  const last = sql`(${value}::${sql.raw(sort.type)}, ${lastId}::uuid)`;
  return sort.falling
    ? sql<boolean>`(${sort.column}, ${id}) < ${last}`
    : sql<boolean>`(${sort.column}, ${id}) > ${last}`;
}
