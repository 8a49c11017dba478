import { describe, expect, it } from '@jest/globals';
import { blockAfter } from './failed-sign-in.js';

const now = new Date('2026-03-01T08:00:00Z');
const secondsAfter = (failures: number, everywhere = false) => {
  const until = blockAfter(failures, everywhere, now);
  return until && (until.getTime() - now.getTime()) / 1000;
};

describe('wrong passwords', () => {
  it('given up to four of them, then nobody waits', () => {
    expect([1, 2, 3, 4].map((failures) => secondsAfter(failures))).toEqual([null, null, null, null]);
  });

  it('given more, then each doubles the wait', () => {
    expect([5, 6, 7, 8, 9].map((failures) => secondsAfter(failures))).toEqual([2, 4, 8, 16, 32]);
  });

  it('given ten, then it is fifteen minutes, and stays so', () => {
    expect([10, 11, 1000].map((failures) => secondsAfter(failures))).toEqual([900, 900, 900]);
  });

  it('given an address that is tried in many workspaces, then three times as many are let through', () => {
    expect([14, 15, 30].map((failures) => secondsAfter(failures, true))).toEqual([null, 2, 900]);
  });
});
