import { sql, type RawBuilder } from 'kysely';

/** A filter as it comes over the wire: nested `all` and `any`, leaves that compare one field. */
export type Filter =
  | { all: readonly Filter[] }
  | { any: readonly Filter[] }
  | { field: string; is: FilterValue }
  | { field: string; not: FilterValue }
  | { field: string; before: string }
  | { field: string; after: string };

/** One value, or several of which any counts. */
export type FilterValue = string | readonly string[];

/** A condition in SQL. */
export type Sql = RawBuilder<boolean>;

/** A field that a list can be filtered by. */
export interface FilterField {
  /** The condition that the field is one of these values. @throws BadFilter for a value that it does not know */
  is(values: readonly string[]): Sql;
  /** For dates: the instant column that `before` and `after` compare. */
  instant?: RawBuilder<unknown>;
}

/** The filter is not one that this list knows. The message says what is wrong. */
export class BadFilter extends Error {}

/** Deeper than anybody nests by hand, and wider than any URL that a browser sends. */
const maxDepth = 6;
const maxLeaves = 100;
const maxValues = 200;

/** How an id is written. */
export const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const always = sql<boolean>`true`;
const never = sql<boolean>`false`;

/**
 * Turns a filter into SQL. Values are always parameters; fields are those declared, never text of the caller's.
 * @param timeZone where a day of `before` and `after` begins
 * @throws BadFilter
 */
export function filterSql(filter: unknown, fields: Readonly<Record<string, FilterField>>, timeZone: string): Sql {
  let leaves = 0;
  const read = (node: unknown, depth: number): Sql => {
    if (depth > maxDepth) throw new BadFilter('The filter is nested too deeply.');
    if (node === null || typeof node !== 'object') throw new BadFilter('A filter is an object.');
    const given = node as Record<string, unknown>;
    if ('all' in given)
      return joined(
        children(given.all).map((each) => read(each, depth + 1)),
        'and',
      );
    if ('any' in given)
      return joined(
        children(given.any).map((each) => read(each, depth + 1)),
        'or',
      );
    leaves += 1;
    if (leaves > maxLeaves) throw new BadFilter('The filter has too many conditions.');
    return leaf(given, fields, timeZone);
  };
  return read(filter, 0);
}

function children(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new BadFilter('`all` and `any` take a list.');
  return value;
}

function joined(conditions: readonly Sql[], word: 'and' | 'or'): Sql {
  if (conditions.length === 0) return word === 'and' ? always : never;
  return sql<boolean>`(${sql.join(conditions, word === 'and' ? sql` and ` : sql` or `)})`;
}

function leaf(given: Record<string, unknown>, fields: Readonly<Record<string, FilterField>>, timeZone: string): Sql {
  const name = String(given.field);
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!field) throw new BadFilter(`There is no field "${name.slice(0, 60)}" to filter by.`);
  if ('is' in given) return field.is(values(given.is));
  if ('not' in given) return sql<boolean>`not coalesce(${field.is(values(given.not))}, false)`;
  for (const side of ['before', 'after'] as const) {
    if (!(side in given)) continue;
    if (!field.instant) throw new BadFilter(`"${name}" is no date.`);
    const day = String(given[side]);
    if (!isDay(day)) throw new BadFilter(`"${day.slice(0, 40)}" is no day; write 2026-11-21.`);
    const start = sql`((${day}::date + ${side === 'after' ? 1 : 0}::integer)::timestamp at time zone ${timeZone})`;
    return side === 'before' ? sql<boolean>`${field.instant} < ${start}` : sql<boolean>`${field.instant} >= ${start}`;
  }
  throw new BadFilter(`"${name}" needs is, not, before or after.`);
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  // PostgreSQL knows no year 0.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && !text.startsWith('0000');
}

function values(given: unknown): readonly string[] {
  const all = Array.isArray(given) ? given : [given];
  if (all.length > maxValues) throw new BadFilter('Too many values.');
  return all.map((value) => {
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (typeof value !== 'string' || value.includes('\u0000')) throw new BadFilter('Values are text.');
    return value;
  });
}
