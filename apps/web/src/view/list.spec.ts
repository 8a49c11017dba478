import { describe, expect, it } from '@jest/globals';
import {
  admit,
  append,
  between,
  changed,
  gone,
  neighbour,
  prepend,
  reconcile,
  refresh,
  settle,
  start,
  type Row,
} from './list.js';

const row = (number: number, version = 1): Row => ({ id: `id-${number}`, number, version });
const page = (numbers: number[], nextCursor: string | null = null, version = 1) => ({
  data: numbers.map((number) => row(number, version)),
  nextCursor,
  count: numbers.length,
});
const numbers = (rows: Row[]) => rows.map(({ number }) => number);

describe('a list that somebody looks at', () => {
  it('keeps new rows behind the pill while a row is in use', () => {
    const { list } = reconcile(start(page([1, 2, 3])), page([9, 1, 2, 3]), true);
    expect(numbers(list.rows)).toEqual([1, 2, 3]);
    expect(numbers(list.waiting)).toEqual([9]);
    expect(list.count).toBe(4);
    expect(numbers(admit(list).rows)).toEqual([9, 1, 2, 3]);
  });

  it('shows them at once while nothing is in use', () => {
    const { list } = reconcile(start(page([1, 2])), page([9, 2]), false);
    expect(numbers(list.rows)).toEqual([9, 1, 2]);
    expect(list.waiting).toEqual([]);
    expect([...list.dimmed]).toEqual(['id-1']);
  });

  it('does not move a row whose place changed', () => {
    const { list } = reconcile(start(page([1, 2, 3])), page([3, 1, 2], null, 2), true);
    expect(numbers(list.rows)).toEqual([1, 2, 3]);
    expect(list.waiting).toEqual([]);
    expect(list.rows.every(({ version }) => version === 2)).toBe(true);
  });

  it('dims a row that matches no longer, names it, and drops it when one leaves', () => {
    const { list, missing } = reconcile(start(page([1, 2, 3])), page([1, 3]), true);
    expect(missing).toEqual(['id-2']);
    expect(numbers(list.rows)).toEqual([1, 2, 3]);
    expect([...list.dimmed]).toEqual(['id-2']);
    expect(numbers(settle(list).rows)).toEqual([1, 3]);
  });

  it('lights a dimmed row again when it matches again', () => {
    const dimmed = reconcile(start(page([1, 2])), page([1]), true).list;
    expect(reconcile(dimmed, page([1, 2]), true).list.dimmed.size).toBe(0);
  });

  it('does not suspect rows below the reach of the fresh page', () => {
    const long = append(start(page([1, 2], 'c')), page([3, 4]));
    const { list, missing } = reconcile(long, page([9, 1], 'c'), true);
    expect(missing).toEqual([]);
    expect(numbers(list.waiting)).toEqual([9]);
    expect(numbers(list.rows)).toEqual([1, 2, 3, 4]);
  });

  it('does not take for new what merely moved up into the fresh page from below', () => {
    const first = start(page([1, 2, 3], 'c'));
    const { list } = reconcile(first, page([1, 3, 4], 'c'), true);
    expect(numbers(list.waiting)).toEqual([]);
  });

  it('removes at once what one may no longer see', () => {
    const list = gone(start(page([1, 2])), 'id-1');
    expect(numbers(list.rows)).toEqual([2]);
    expect(list.count).toBe(1);
  });

  it('changes a row in place and ignores an answer that is older', () => {
    const list = changed(start(page([1, 2], null, 5)), row(2, 6));
    expect(list.rows[1]?.version).toBe(6);
    expect(changed(list, row(2, 4)).rows[1]?.version).toBe(6);
  });

  it('shows no row twice when pages overlap', () => {
    expect(numbers(append(start(page([1, 2], 'c')), page([2, 3])).rows)).toEqual([1, 2, 3]);
  });
});

describe('a list that somebody jumped into', () => {
  const there = start(page([5, 6], 'down'), page([4, 3], 'up'));

  it('shows what stands above the place in the list’s own order', () => {
    expect(numbers(there.rows)).toEqual([3, 4, 5, 6]);
    expect(there.count).toBe(4);
  });

  it('loads ahead both ways', () => {
    const longer = append(prepend(there, page([2, 1], null)), page([7], null));
    expect(numbers(longer.rows)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect([longer.aboveCursor, longer.nextCursor]).toEqual([null, null]);
    expect(longer.above.size).toBe(4);
  });

  it('changes in place and takes in nothing new', () => {
    const { rows, waiting } = refresh(there, page([9, 5], 'down', 2));
    expect(numbers(rows)).toEqual([3, 4, 5, 6]);
    expect(rows[2]?.version).toBe(2);
    expect(waiting).toEqual([]);
  });
});

describe('walking through a list', () => {
  const { rows } = start(page([1, 2, 3]));

  it('goes to the next and previous, and starts at the ends', () => {
    expect(neighbour(rows, 'id-2', 1)?.number).toBe(3);
    expect(neighbour(rows, 'id-2', -1)?.number).toBe(1);
    expect(neighbour(rows, null, 1)?.number).toBe(1);
    expect(neighbour(rows, 'id-3', 1)).toBeUndefined();
  });

  it('selects a range in either direction', () => {
    expect(between(rows, 'id-3', 'id-1')).toEqual(['id-1', 'id-2', 'id-3']);
  });
});
