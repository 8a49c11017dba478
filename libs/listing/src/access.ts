import { isAlways, isNever, type AccessColumns, type Condition } from '@sportello/permissions';
import { sql } from 'kysely';
import { type Sql } from './filter.js';

/** How each access fact is asked of the list's table. */
export type AccessSql = { [Fact in keyof AccessColumns]: (values: readonly string[]) => Sql } & { published: Sql };

/** A policy's condition as SQL: the same tree that `holds` answers for one record. */
export function accessSql(condition: Condition, columns: AccessSql): Sql {
  if ('always' in condition) return condition.always ? sql<boolean>`true` : sql<boolean>`false`;
  if ('published' in condition) return columns.published;
  if ('fact' in condition) return columns[condition.fact](condition.in);
  const [parts, word] = 'every' in condition ? [condition.every, sql` and `] : [condition.some, sql` or `];
  return sql<boolean>`(${sql.join(
    parts.map((each) => accessSql(each, columns)),
    word,
  )})`;
}

/** At most this many projects are walked one by one; more are compared as one array. */
const mostBranches = 50;

/**
 * The projects whose own indexes answer the condition, one keyset branch each. Null where the condition is another one.
 */
export function projectBranches(condition: Condition): readonly string[] | null {
  if (isAlways(condition) || isNever(condition)) return null;
  return 'fact' in condition && condition.fact === 'projectId' && condition.in.length <= mostBranches
    ? condition.in
    : null;
}
