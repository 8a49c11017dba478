import { describe, expect, it } from '@jest/globals';
import {
  addressees,
  addressesIn,
  afterSending,
  emptyDraft,
  imagesIn,
  isBlank,
  isEmptyDraft,
  mentionsIn,
  type Draft,
} from './draft.js';

const person = (name: string, email: string) => ({ kind: 'customer' as const, id: `id-${name}`, name, email });
const ola = person('Ola Nordmann', 'ola@fjord.example');
const kari = person('Kari', 'kari@fjord.example');

describe('a draft', () => {
  const both: Draft = { ...emptyDraft, html: { reply: '<p>Hi</p>', note: '<p>Careful</p>' }, to: ['x@y.example'] };

  it('loses only the side that was sent', () => {
    const left = afterSending(both, 'reply');
    expect(left.html).toEqual({ reply: '', note: '<p>Careful</p>' });
    expect(left.to).toBeNull();
    expect(afterSending(both, 'note').to).toEqual(['x@y.example']);
  });

  it('is empty when nobody would see anything in it', () => {
    expect(isEmptyDraft(emptyDraft)).toBe(true);
    expect(isBlank('<p> &nbsp;<br></p>')).toBe(true);
    expect(isBlank('<p><img src="/api/v1/files/1"></p>')).toBe(false);
    expect(isEmptyDraft(both)).toBe(false);
  });

  it('names whom it mentions, each once', () => {
    const tag = (id: string) => `<span class="m" data-type="mention" data-id="${id}">@A</span>`;
    const id = '0193a1b2-0000-7000-8000-000000000001';
    expect(mentionsIn(`<p>${tag(id)} and ${tag(id)}</p>`)).toEqual([id]);
  });
});

describe('images in a text', () => {
  it('are files of the message, each once; an image from elsewhere is none', () => {
    const id = '0193a1b2-0000-7000-8000-000000000001';
    const image = (src: string) => `<img class="x" src="${src}" alt="a">`;
    expect(
      imagesIn(image(`/api/v1/files/${id}`) + image(`/api/v1/files/${id}`) + image('https://x.example/a.png')),
    ).toEqual([id]);
  });
});

describe('who gets a reply', () => {
  it('is said on the button', () => {
    expect(addressees(['ola@fjord.example'], ['kari@fjord.example'], [ola, kari])).toEqual({ first: 'Ola', more: 1 });
    expect(addressees(['new@x.example'], [], [ola])).toEqual({ first: 'new@x.example', more: 0 });
  });

  it('can be pasted from a mail program', () => {
    expect(addressesIn('Ola <ola@fjord.example>; kari@fjord.example, "X" <ola@fjord.example>')).toEqual([
      'ola@fjord.example',
      'kari@fjord.example',
    ]);
  });
});
