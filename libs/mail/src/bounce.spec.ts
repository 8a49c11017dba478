import { describe, expect, it } from '@jest/globals';
import { classify } from './automatic.js';
import { readBounce } from './bounce.js';
import { OUR_ID, OWN, TOKEN, casesIn, mailCase, rawCase } from './mail.builders.js';
import { readTokens } from './tokens.js';

interface Expected {
  kind: string;
  originalMessageId?: string | null;
  /** "address status action hard|soft" */
  recipients?: string[];
}
const expected = JSON.parse(rawCase('automatic/expected.json').toString()) as Record<string, Expected>;
const inWords = ({ recipients }: ReturnType<typeof readBounce>) =>
  recipients.map(
    ({ address, status, action, hard }) => `${address} ${status ?? ''} ${action} ${hard ? 'hard' : 'soft'}`,
  );

describe('what came back', () => {
  it.each(casesIn('automatic').filter((name) => expected[name]!.kind === 'bounce'))(
    '%s: whom, why, for good or not, and which mail',
    async (name) => {
      const bounce = readBounce(await mailCase(`automatic/${name}`));
      expect(inWords(bounce)).toEqual(expected[name]!.recipients);
      expect(bounce.originalMessageId).toBe(expected[name]!.originalMessageId);
      expect(bounce.recipients.every(({ diagnostic }) => diagnostic !== '' || name === 'lhost-x5-01.eml')).toBe(true);
    },
  );

  it('given a report on five recipients, each is there', async () => {
    const bounce = readBounce(await mailCase('wild/multipart_report_emails--multi_address_bounce1.eml'));
    expect(inWords(bounce)).toHaveLength(5);
    expect(inWords(bounce).every((line) => line.endsWith('@gmail.com 5.1.1 failed hard'))).toBe(true);
    expect(bounce.originalRecipients).toHaveLength(5);
  });

  it.each([
    ['exchange-nb-hard', 'kari@nordvik.example 5.1.10 failed hard'],
    ['exchange-it-full', 'kari@nordvik.example 5.2.2 failed soft'],
    ['postfix-en-delayed', 'kari@nordvik.example 4.4.1 delayed soft'],
  ])('given a mail of ours, %s names it by id and by the bounce address', async (name, line) => {
    const mail = await mailCase(`cases/bounce/${name}.eml`);
    expect(classify(mail, { from: null, to: [] }, OWN).kind).toBe('bounce');
    expect(inWords(readBounce(mail))).toEqual([line]);
    expect(readBounce(mail).originalMessageId).toBe(OUR_ID);
    expect(readTokens(mail, []).bounce).toEqual([TOKEN]);
  });
});
