import { describe, expect, it } from '@jest/globals';
import { slugOf } from './slug.js';

describe("a workspace's address", () => {
  it('comes from its name', () => {
    expect(slugOf('Fjord & Sønner AS')).toBe('fjord-sonner-as');
    expect(slugOf('Caffè Perché')).toBe('caffe-perche');
    expect(slugOf('  --  ')).toBe('');
  });

  it('is at most 40 long and ends in no hyphen', () => {
    expect(slugOf(`${'a'.repeat(39)} b`)).toBe('a'.repeat(39));
  });
});
