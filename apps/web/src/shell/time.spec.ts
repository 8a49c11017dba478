import { describe, expect, it } from '@jest/globals';
import { exact, fileSize, near } from './time.js';

const now = Date.parse('2026-11-21T12:00:00Z');

describe('dates', () => {
  it('are relative near', () => {
    expect(near('2026-11-21T11:55:00Z', now, 'en', 'UTC')).toBe('5 min. ago');
    expect(near('2026-11-20T10:00:00Z', now, 'en', 'UTC')).toBe('yesterday');
    expect(near('2026-11-21T11:59:40Z', now, 'nb', 'UTC')).toBe('dette minuttet');
  });

  it('are dates further away, with the year only when it is another', () => {
    expect(near('2026-03-02T12:00:00Z', now, 'en', 'UTC')).toBe('Mar 2');
    expect(near('2024-03-02T12:00:00Z', now, 'it', 'UTC')).toBe('2 mar 2024');
  });

  it('are exact in the zone of the workspace', () => {
    expect(exact('2026-11-20T23:30:00Z', 'en', 'Europe/Oslo')).toContain('November 21, 2026');
  });
});

describe('file sizes', () => {
  it('read in the language', () => {
    expect(fileSize(1_400_000, 'en')).toBe('1.4 MB');
    expect(fileSize(1_400_000, 'it')).toBe('1,4 MB');
    expect(fileSize(900, 'en')).toBe('0.9 kB');
    expect(fileSize(5, 'en')).toBe('5 byte');
  });
});
