import { describe, expect, it } from '@jest/globals';
import { namesPerson, tracesOf, withoutPerson } from './erasure.js';

const lisa = { name: 'Lisa D’Angelo', addresses: ['lisa.dangelo@verdi.test', 'l@old.test'] };

describe('taking a person out of what was written', () => {
  it('given her addresses in any spelling, then none is left', () => {
    const html =
      '<a href="mailto:Lisa.dAngelo@verdi.test">lisa.dangelo@verdi.test</a> lisa.dangelo%40verdi.test, l@old.test.';
    expect(withoutPerson(html, lisa, 'Erased person')).toBe(
      '<a href="mailto:Erased person">Erased person</a> Erased person, Erased person.',
    );
  });

  it('given her full name, in either order and as HTML writes it, then it is gone', () => {
    const person = { name: "Lisa D'Angelo", addresses: [] };
    expect(withoutPerson("Lisa D&#39;Angelo, LISA&nbsp;D’Angelo, D'Angelo, Lisa", person, '–')).toBe('–, –, –');
  });

  it('given somebody with a similar name or address, then they stay', () => {
    const text = 'anna-lisa.dangelo@verdi.test, lisa.dangelo@verdi.test-group, Annalisa Dangelo, Lisa';
    expect(withoutPerson(text, lisa, '–')).toBe(text);
  });

  it('given a name of one word, then only the address is taken out', () => {
    const ola = { name: 'Ola', addresses: ['ola@nord.test'] };
    expect(withoutPerson('Ola <ola@nord.test> wrote to Ola', ola, '–')).toBe('Ola <–> wrote to Ola');
  });

  it('given characters that mean something to a pattern, then they are taken as they stand', () => {
    const odd = { name: 'A.+ (B)', addresses: ['a+b@x.test'] };
    expect(withoutPerson('a+b@x.test aab@x.test A.+ (B)', odd, '–')).toBe('– aab@x.test –');
  });

  it('given nothing to look for, then nothing changes', () => {
    expect(withoutPerson('Ola', { name: 'Ola', addresses: [] }, '–')).toBe('Ola');
    expect(namesPerson('Ola', { name: 'Ola', addresses: [] })).toBe(false);
  });

  it('given any text that names her, then it contains one of her traces', () => {
    for (const text of ['LISA.dangelo@verdi.test', 'mail l@old.test', 'Lisa D&#39;Angelo']) {
      expect(namesPerson(text, lisa)).toBe(true);
      expect(tracesOf(lisa).some((trace) => text.toLowerCase().includes(trace))).toBe(true);
    }
  });
});
