import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { choiceFields, dateFields, filterOf, queryOf, searchOf, withChip, type Chip } from './filter.js';

const value = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
const chip = fc.oneof(
  fc.record({
    field: fc.constantFrom(...choiceFields),
    op: fc.constantFrom('is' as const, 'not' as const),
    values: fc.array(value, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    field: fc.constantFrom(...dateFields),
    op: fc.constantFrom('before' as const, 'after' as const),
    values: fc.constantFrom<[string]>(['2026-02-28'], ['2027-12-01']),
  }),
);
const chips = fc.uniqueArray(chip, { selector: ({ field, op }) => `${field}.${op}`, maxLength: 6 });

describe('the filter in the address', () => {
  it('comes back from the address as it went in', () => {
    fc.assert(
      fc.property(chips, fc.option(value, { nil: undefined }), (given, text) => {
        const search = searchOf(
          queryOf({ chips: given as Chip[], text, sort: '-updatedAt', layout: 'inbox', open: '1042' }),
        );
        expect(search.chips).toEqual(given);
        expect(search.text).toBe(text);
        expect(search).toMatchObject({ sort: '-updatedAt', layout: 'inbox', open: '1042' });
      }),
    );
  });

  it('leaves out what it does not know, so that an old link still opens', () => {
    expect(
      searchOf({ colour: 'red', layout: 'globe', sort: 'mood', 'createdAt.after': 'yesterday', priority: '4,5' }),
    ).toEqual({
      chips: [{ field: 'priority', op: 'is', values: ['4', '5'] }],
    });
  });

  it('is written as a person would read it', () => {
    const query = queryOf({ chips: [{ field: 'tag', op: 'not', values: ['spam', 'ads'] }] });
    expect(query).toEqual({ 'tag.not': 'spam,ads' });
  });
});

describe('chips', () => {
  it('become one condition each', () => {
    expect(
      filterOf([
        { field: 'priority', op: 'is', values: ['4', '5'] },
        { field: 'createdAt', op: 'after', values: ['2026-01-01'] },
      ]),
    ).toEqual({
      all: [
        { field: 'priority', is: ['4', '5'] },
        { field: 'createdAt', after: '2026-01-01' },
      ],
    });
    expect(filterOf([])).toBeUndefined();
  });

  it('replace the one about the same field, and keep a range of dates as two', () => {
    const is: Chip = { field: 'tag', op: 'is', values: ['a'] };
    const not: Chip = { field: 'tag', op: 'not', values: ['b'] };
    expect(withChip([is], not)).toEqual([not]);
    const after: Chip = { field: 'dueAt', op: 'after', values: ['2026-01-01'] };
    const before: Chip = { field: 'dueAt', op: 'before', values: ['2026-02-01'] };
    expect(withChip([after], before)).toEqual([after, before]);
  });

  it('go when their last value goes', () => {
    expect(withChip([{ field: 'tag', op: 'is', values: ['a'] }], { field: 'tag', op: 'is', values: [] })).toEqual([]);
  });
});
