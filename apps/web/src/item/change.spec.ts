import { describe, expect, it } from '@jest/globals';
import { type Item } from '@sportello/api-client';
import { conflictsOf, inverseOf } from './change.js';

const base = {
  title: 'Printer',
  priority: 2,
  status: { id: 'new' },
  assignees: [{ kind: 'user', id: 'anna', name: 'Anna' }],
  tags: ['a'],
  requester: null,
} as unknown as Item;
const now = (more: object) => ({ ...base, ...more }) as Item;

describe('two people change one record', () => {
  it('asks nothing when they changed different fields', () => {
    expect(conflictsOf(base, { statusId: 'done' }, now({ priority: 5 }))).toEqual([]);
  });

  it('asks about the field that both changed', () => {
    expect(
      conflictsOf(base, { statusId: 'done', priority: 3 }, now({ status: { id: 'waiting' }, priority: 2 })),
    ).toEqual(['statusId']);
    expect(conflictsOf(base, { assignees: [] }, now({ assignees: [{ id: 'per' }] }))).toEqual(['assignees']);
  });

  it('asks nothing when both wanted the same', () => {
    expect(conflictsOf(base, { statusId: 'done' }, now({ status: { id: 'done' } }))).toEqual([]);
    expect(conflictsOf(base, { tags: ['b', 'a'] }, now({ tags: ['a', 'b'] }))).toEqual([]);
  });
});

describe('taking a change back', () => {
  it('sets what was there before, and only that', () => {
    expect(inverseOf(base, { statusId: 'done', priority: 5 })).toEqual({ statusId: 'new', priority: 2 });
    expect(inverseOf(base, { assignees: [] })).toEqual({ assignees: [{ kind: 'user', id: 'anna' }] });
  });
});
