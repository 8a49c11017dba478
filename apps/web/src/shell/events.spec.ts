import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { backoffMs, eventReader, touchedBy, type WireEvent } from './events.js';

const wire =
  ': hello\n\nid: 7-1\nevent: change\ndata: {"type":"x"}\n\nevent: presence\ndata: a\ndata: b\n\nid: 7-2\r\nevent: reset\r\ndata: {}\r\n\r\n';
const expected: WireEvent[] = [
  { id: '7-1', event: 'change', data: '{"type":"x"}' },
  { id: '7-1', event: 'presence', data: 'a\nb' },
  { id: '7-2', event: 'reset', data: '{}' },
];

describe('live updates', () => {
  it('are read the same wherever the network cuts them', () => {
    const text = wire.replaceAll('\r\n', '\n');
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
        const events: WireEvent[] = [];
        const read = eventReader((event) => events.push(event));
        const edges = [0, ...cuts.sort((a, b) => a - b), text.length];
        edges.slice(1).forEach((edge, index) => read(text.slice(edges[index], edge)));
        expect(events).toEqual(expected);
      }),
    );
  });

  it('understand both kinds of line ends', () => {
    const events: WireEvent[] = [];
    eventReader((event) => events.push(event))(wire);
    expect(events).toEqual(expected);
  });

  it('touch the conversation when somebody writes, and the item and lists when it changes', () => {
    expect(touchedBy({ type: 'tickets.item.message-added', id: 'i', version: 2 })).toEqual({
      item: 'i',
      conversation: 'i',
      lists: true,
      kinds: [],
    });
    expect(touchedBy({ type: 'tickets.item.changed', id: 'i', version: 2 })).toEqual({
      item: 'i',
      lists: true,
      kinds: [],
    });
  });

  it('take away at once what is gone', () => {
    expect(touchedBy({ type: 'tickets.item.changed', id: 'i', version: 3, gone: true }).gone).toBe('i');
    expect(touchedBy({ type: 'tickets.item.deleted', id: 'i', version: 3 }).gone).toBe('i');
  });

  it('say nothing about what they do not know', () => {
    expect(touchedBy({ type: 'robots.arm.moved', id: 'i', version: 3 })).toEqual({ kinds: [] });
  });

  it('come back later and later, at most every 25 s', () => {
    expect(backoffMs(0, 0.5)).toBe(500);
    expect(backoffMs(3, 0.5)).toBe(4000);
    expect(backoffMs(30, 1)).toBe(25_000);
  });
});
