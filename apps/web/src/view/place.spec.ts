import { describe, expect, it } from '@jest/globals';
import { sidesOf } from './place.js';

describe('a jump within a list', () => {
  it('to a day shows that day first, newest first or oldest first', () => {
    const day = '2026-03-01';
    expect(sidesOf({ day }, { field: 'updatedAt', falling: true })).toEqual({
      below: { sort: '-updatedAt', where: { field: 'updatedAt', before: '2026-03-02' } },
      above: { sort: 'updatedAt', where: { field: 'updatedAt', after: '2026-03-01' } },
    });
    expect(sidesOf({ day }, { field: 'createdAt', falling: false })).toEqual({
      below: { sort: 'createdAt', where: { field: 'createdAt', after: '2026-02-28' } },
      above: { sort: '-createdAt', where: { field: 'createdAt', before: '2026-03-01' } },
    });
  });

  it('to the end reads the list from there', () => {
    expect(sidesOf('end', { field: 'priority', falling: true })).toEqual({ below: null, above: { sort: 'priority' } });
  });
});
