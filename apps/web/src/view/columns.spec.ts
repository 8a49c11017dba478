import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { columns, layOut, standardColumns, type Column } from './columns.js';

describe('the columns of a list', () => {
  it('are those that were chosen, in their own order, where there is room', () => {
    expect(layOut(['updated', 'status'], 1200).shown).toEqual(['title', 'status', 'updated']);
  });

  it('give way where there is none, the title last of all', () => {
    const { shown } = layOut(standardColumns, 640);
    expect(shown).toContain('title');
    expect(shown).toContain('updated');
    expect(shown).not.toContain('requester');
    expect(layOut(standardColumns, 300).shown).toEqual(['title', 'status']);
  });

  it('never show what was not chosen, and never more on less room', () => {
    const chosen = fc.subarray([...columns]);
    fc.assert(
      fc.property(chosen, fc.nat(2000), fc.nat(500), (some: Column[], width, less) => {
        const wide = layOut(some, width).shown;
        expect(wide.filter((each) => each !== 'title' && !some.includes(each))).toEqual([]);
        const narrow = layOut(some, Math.max(0, width - less)).shown;
        expect(narrow.filter((each) => !wide.includes(each))).toEqual([]);
      }),
    );
  });
});
