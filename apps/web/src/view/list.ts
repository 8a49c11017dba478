/** What a list needs to know of its rows. */
export interface Row {
  id: string;
  number: number;
  version: number;
}

/** One answer of the API. */
export interface Page<T extends Row> {
  data: T[];
  nextCursor: string | null;
  count: number;
}

/**
 * A list as somebody looks at it. The order is what they saw first; live changes never move it.
 * - `dimmed`: rows that match no longer; they stay until one leaves
 * - `waiting`: new ones behind "3 new", newest first
 * - `above`: ids of rows that were loaded upwards, where somebody jumped into the middle or to the end; `aboveCursor`: more of them
 */
export interface List<T extends Row> {
  rows: T[];
  dimmed: ReadonlySet<string>;
  waiting: T[];
  above: ReadonlySet<string>;
  aboveCursor: string | null;
  nextCursor: string | null;
  count: number;
}

const nothing = { data: [], nextCursor: null, count: 0 };

/** From the start; or from a place within, with what stands above it, nearest first. */
export function start<T extends Row>(below: Page<T> = nothing, above: Page<T> = nothing): List<T> {
  const rows = [...above.data].reverse();
  const known = new Set(rows.map(({ id }) => id));
  return {
    rows: [...rows, ...below.data.filter(({ id }) => !known.has(id))],
    dimmed: new Set(),
    waiting: [],
    above: known,
    aboveCursor: above.nextCursor,
    nextCursor: below.nextCursor,
    count: below.count + above.count,
  };
}

/** More of what stands above. */
export function prepend<T extends Row>(list: List<T>, page: Page<T>): List<T> {
  const known = new Set(list.rows.map(({ id }) => id));
  const more = page.data.filter(({ id }) => !known.has(id)).reverse();
  return {
    ...list,
    rows: [...more, ...list.rows],
    above: new Set([...list.above, ...more.map(({ id }) => id)]),
    aboveCursor: page.nextCursor,
  };
}

/** Away from its start a list changes in place only: what is new is seen when one goes back there. */
export function refresh<T extends Row>(list: List<T>, fresh: Page<T>): List<T> {
  return fresh.data.reduce((now, item) => changed(now, item), list);
}

/** The next page. What moved between the two answers is not shown twice. */
export function append<T extends Row>(list: List<T>, page: Page<T>): List<T> {
  const known = new Set(list.rows.map(({ id }) => id));
  const more = page.data.filter(({ id }) => !known.has(id));
  const shown = new Set(more.map(({ id }) => id));
  return {
    ...list,
    rows: [...list.rows, ...more],
    waiting: list.waiting.filter(({ id }) => !shown.has(id)),
    nextCursor: page.nextCursor,
  };
}

/** A row changed: in place. An answer that is older than what is shown changes nothing. */
export function changed<T extends Row>(list: List<T>, item: Partial<T> & Pick<T, 'id' | 'version'>): List<T> {
  const replace = (row: T) => (row.id === item.id && row.version <= item.version ? { ...row, ...item } : row);
  if (![...list.rows, ...list.waiting].some(({ id }) => id === item.id)) return list;
  return { ...list, rows: list.rows.map(replace), waiting: list.waiting.map(replace) };
}

/** What one may no longer see goes at once. */
export function gone<T extends Row>(list: List<T>, id: string): List<T> {
  if (![...list.rows, ...list.waiting].some((row) => row.id === id)) return list;
  const stays = (row: T) => row.id !== id;
  const dimmed = new Set([...list.dimmed].filter((each) => each !== id));
  return {
    ...list,
    rows: list.rows.filter(stays),
    waiting: list.waiting.filter(stays),
    dimmed,
    count: Math.max(0, list.count - 1),
  };
}

/**
 * Holds a fresh first page against what is shown. New ones come to the top by themselves only where no row is in use.
 * @returns the list, and the ids that should be in the fresh page by its reach and are not: they match no longer, or are gone. The
 * caller asks for each and says `changed` or `gone`.
 */
export function reconcile<T extends Row>(
  list: List<T>,
  fresh: Page<T>,
  inUse: boolean,
): { list: List<T>; missing: string[] } {
  const byId = new Map(fresh.data.map((item) => [item.id, item]));
  const shown = new Set(list.rows.map(({ id }) => id));
  // A page that is not the last reaches as far as its last row; what is shown below that says nothing about itself.
  const reach = fresh.nextCursor === null ? Infinity : lastIndex(list.rows, byId);
  const missing = list.rows.filter(({ id }, index) => index <= reach && !byId.has(id)).map(({ id }) => id);
  const rows = list.rows.map((row) => newer(row, byId.get(row.id)));
  const top = fresh.nextCursor === null ? fresh.data.length : lastIndex(fresh.data, shown) + 1 || fresh.data.length;
  const arrived = fresh.data.slice(0, top).filter(({ id }) => !shown.has(id));
  const dimmed = new Set([...list.dimmed].filter((id) => !byId.has(id)));
  for (const id of missing) dimmed.add(id);
  const next = { ...list, rows, dimmed, waiting: arrived, count: fresh.count };
  return { list: inUse ? next : admit(next), missing };
}

const newer = <T extends Row>(row: T, fresh: T | undefined): T =>
  fresh && fresh.version >= row.version ? { ...row, ...fresh } : row;

function lastIndex<T extends Row>(rows: readonly T[], known: { has(id: string): boolean }): number {
  for (let index = rows.length - 1; index >= 0; index--) if (known.has((rows[index] as T).id)) return index;
  return -1;
}

/** "3 new" was pressed: they come to the top. */
export function admit<T extends Row>(list: List<T>): List<T> {
  return { ...list, rows: [...list.waiting, ...list.rows], waiting: [] };
}

/** One leaves and comes back: dimmed rows are gone. */
export function settle<T extends Row>(list: List<T>): List<T> {
  return list.dimmed.size === 0
    ? list
    : { ...list, rows: list.rows.filter(({ id }) => !list.dimmed.has(id)), dimmed: new Set() };
}

/** The row after (1) or before (-1) one; the first or last where there is none. */
export function neighbour<T extends Row>(rows: readonly T[], id: string | null, step: 1 | -1): T | undefined {
  const index = rows.findIndex((row) => row.id === id);
  if (index < 0) return step === 1 ? rows[0] : rows.at(-1);
  return rows[index + step];
}

/** Ids from one row to another, both included: what Shift selects. */
export function between<T extends Row>(rows: readonly T[], from: string, to: string): string[] {
  const [a, b] = [rows.findIndex(({ id }) => id === from), rows.findIndex(({ id }) => id === to)];
  if (a < 0 || b < 0) return [to];
  return rows.slice(Math.min(a, b), Math.max(a, b) + 1).map(({ id }) => id);
}
