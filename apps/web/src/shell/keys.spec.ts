import { describe, expect, it } from '@jest/globals';
import { bindings, capsOf, press, type Stroke } from './keys.js';

const stroke = (key: string, more: Partial<Stroke> = {}): Stroke => ({
  key,
  ctrl: false,
  meta: false,
  alt: false,
  typing: false,
  onControl: false,
  ...more,
});

describe('keys', () => {
  it('runs the command of a single key', () => {
    expect(press(stroke('e'), null, 0, true).command).toBe('finish');
  });

  it('runs a sequence when the second key comes in time, and forgets the first when it does not', () => {
    const first = press(stroke('g'), null, 0, true);
    expect(first.command).toBeNull();
    expect(press(stroke('n'), first.pending, 800, true).command).toBe('go.notifications');
    expect(press(stroke('n'), first.pending, 5000, true).command).toBe('note');
  });

  it('leaves letters alone while somebody types, but not Escape and Ctrl combinations', () => {
    expect(press(stroke('r', { typing: true }), null, 0, true).command).toBeNull();
    expect(press(stroke('Escape', { typing: true }), null, 0, true).command).toBe('close');
    expect(press(stroke('Enter', { typing: true, ctrl: true }), null, 0, true).command).toBe('send');
    expect(press(stroke('K', { typing: true, meta: true }), null, 0, true).command).toBe('palette');
  });

  it('does nothing on letters where keys are switched off', () => {
    expect(press(stroke('c'), null, 0, false).command).toBeNull();
    expect(press(stroke('k', { ctrl: true }), null, 0, false).command).toBe('palette');
  });

  it('lets Enter press the button that has the focus', () => {
    expect(press(stroke('Enter', { onControl: true }), null, 0, true).command).toBeNull();
    expect(press(stroke('Enter'), null, 0, true).command).toBe('open');
  });

  it('gives no key two meanings', () => {
    const keys = bindings.map((binding) => binding.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('shows the caps of the machine at hand', () => {
    expect(capsOf('palette', true)).toEqual(['⌘', 'K']);
    expect(capsOf('go.home', false)).toEqual(['G', 'M']);
  });
});
