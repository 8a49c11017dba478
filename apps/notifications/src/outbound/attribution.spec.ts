import { describe, expect, it } from '@jest/globals';
import { languages } from '@sportello/contracts';
import { splitText } from '@sportello/mail';
import { attributionOf } from './attribution.js';

const quoted = { author: 'Lucia Bianchi', at: new Date('2025-11-03T10:12:00Z') };

describe('the line above a quote', () => {
  it("given each language, when it is written, then it names the day and time in the workspace's zone", () => {
    expect(languages.map((language) => attributionOf(quoted, language, 'Europe/Rome'))).toEqual([
      'On 3 November 2025 at 11:12, Lucia Bianchi wrote:',
      'Il giorno 3 novembre 2025 alle ore 11:12 Lucia Bianchi ha scritto:',
      '3. november 2025 kl. 11:12 skrev Lucia Bianchi:',
    ]);
  });

  it('given an answer to our own mail, when it comes in, then what is below the line is recognised as a quote, in every language', () => {
    for (const language of languages) {
      const mail = `My answer.\n\n${attributionOf(quoted, language, 'Europe/Rome')}\n> What we wrote.\n`;
      expect(splitText(mail).visible.trim()).toBe('My answer.');
    }
  });
});
