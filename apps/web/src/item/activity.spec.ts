import { describe, expect, it } from '@jest/globals';
import { wordsOf, type Names } from './activity.js';

const names: Names = {
  of: new Map([
    ['s1', 'New'],
    ['u1', 'Anna'],
  ]),
  priority: (level) => ['None', 'Low', 'Normal'][level] ?? '?',
  flag: (on) => (on ? 'yes' : 'no'),
  date: (at) => at.slice(0, 10),
};

describe('a line of the activity log', () => {
  it('names what it can', () => {
    expect(wordsOf({ id: 's1', state: 'not-started' }, 'status', names)).toBe('New');
    expect(wordsOf({ value: [{ kind: 'user', id: 'u1' }] }, 'assignees', names)).toBe('Anna');
    expect(wordsOf({ value: 2 }, 'priority', names)).toBe('Normal');
    expect(wordsOf({ value: ['mail', 'booking'] }, 'tags', names)).toBe('mail, booking');
    expect(wordsOf({ value: true }, 'published', names)).toBe('yes');
    expect(wordsOf('2026-11-21T16:00:00.000Z', 'dueAt', names)).toBe('2026-11-21');
  });

  it('shows a dash for nothing, and no id of somebody it does not know', () => {
    expect(wordsOf(null, 'status', names)).toBe('–');
    expect(wordsOf({ value: [] }, 'tags', names)).toBe('–');
    expect(wordsOf({ kind: 'user', id: 'gone' }, 'assignees', names)).toBe('–');
  });
});
