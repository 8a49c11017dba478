import { describe, expect, it } from '@jest/globals';
import { baseSubject, isForwardSubject, replySubject, subjectChanged } from './subject.js';

describe('subjects', () => {
  it.each([
    'Re: Printer',
    'RE: Re: Printer [#1042]',
    'SV: Printer',
    'R: I: Printer',
    'AW: WG: Printer',
    'RIF: Printer',
    'Re[2]: Printer',
    'Fwd: Printer',
    'VS : Printer',
    'Videresendt: Printer',
    '[#1042] Printer',
    'Re：Printer',
  ])('%s is about Printer', (subject) => {
    expect(baseSubject(subject)).toBe('Printer');
    expect(subjectChanged('Printer', subject)).toBe(false);
    expect(replySubject(subject, 1042)).toBe('Re: Printer [#1042]');
  });

  it.each(['Is: it a printer?', 'Report: printer', 'Italy: printer', 'RMA: printer', 'Various: printer'])(
    '%s keeps its first word',
    (subject) => {
      expect(baseSubject(subject)).toBe(subject);
    },
  );

  it('given another subject, it changed; given none, it did not', () => {
    expect(subjectChanged('Printer', 'Re: Scanner [#1042]')).toBe(true);
    expect(subjectChanged('Printer', 'Re: [#1042]')).toBe(false);
    expect(replySubject('', 7)).toBe('Re: [#7]');
  });

  it.each([
    ['Fwd: x', true],
    ['I: x', true],
    ['VS: x', true],
    ['[#7] Videresendt: x', true],
    ['Re: x', false],
    ['SV: x', false],
    ['R: x', false],
  ])('%s is a forward: %s', (subject, forward) => {
    expect(isForwardSubject(subject)).toBe(forward);
  });
});
