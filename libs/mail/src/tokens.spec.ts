import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OUR_ID, TOKEN, aMail, casesIn, mailCase } from './mail.builders.js';
import {
  bounceAddress,
  isOurMessageId,
  makeMessageId,
  makeToken,
  readTokens,
  replyAddress,
  splitTag,
} from './tokens.js';

const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });

describe('tokens', () => {
  it('given 16 random bytes, the token holds all 128 bits in 26 characters', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(makeToken(a)).toMatch(/^[a-z2-7]{26}$/);
        expect(makeToken(a) === makeToken(b)).toBe(Buffer.compare(a, b) === 0);
      }),
    );
    expect(() => makeToken(new Uint8Array(15))).toThrow(RangeError);
  });

  it('given an address of ours, its token is found again, in whatever case it comes back', () => {
    fc.assert(
      fc.property(bytes, (random) => {
        const token = makeToken(random);
        const address = replyAddress({ token, inboundAddress: 'support+it@acme.example' });
        expect(splitTag(address.toUpperCase())).toEqual({
          address: 'support+it@acme.example',
          tag: { kind: 'reply', token },
        });
      }),
    );
    expect(splitTag(bounceAddress({ token: TOKEN, inboundAddress: 'a@x.example' })).tag?.kind).toBe('bounce');
    expect(splitTag('anna+r.news@x.example').tag).toBeNull();
  });

  it('given an id that we made, it is known as one of ours, and others are not', () => {
    const id = makeMessageId({ random: new Uint8Array(16).fill(7), domain: 'Mail.Sportello.Example' });
    expect(isOurMessageId(id, 'mail.sportello.example')).toBe(true);
    expect(isOurMessageId(id, 'sportello.example')).toBe(false);
    expect(isOurMessageId('s.short@mail.sportello.example', 'mail.sportello.example')).toBe(false);
    expect(isOurMessageId(OUR_ID, 'mail.sportello.example')).toBe(true);
  });

  it('given tokens in the envelope and the headers, each is found once', async () => {
    const other = makeToken(new Uint8Array(16));
    const mail = await aMail({
      To: `"Acme" <support+r.${TOKEN}@acme.example>`,
      'Delivered-To': `support+r.${other}@acme.example`,
      Subject: 'Re: Printer [#1042]',
    });
    expect(readTokens(mail, [`support+r.${TOKEN}@acme.example`])).toEqual({
      reply: [TOKEN, other],
      bounce: [],
      number: 1042,
    });
  });

  it.each(casesIn('cases/trim-quote').filter((name) => name !== 'no-quote-nb.eml'))(
    '%s names the token it was sent to and our id',
    async (name) => {
      const mail = await mailCase(`cases/trim-quote/${name}`);
      expect(readTokens(mail, [])).toMatchObject({ reply: [TOKEN], number: 1042 });
      expect(mail.references).toEqual([OUR_ID]);
    },
  );
});
