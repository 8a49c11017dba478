import { describe, expect, it } from '@jest/globals';
import { longestMailBody } from '@sportello/contracts';
import { fitHtml, fitText } from './fit.js';

/** What is left when everything that belongs there is taken away. */
const broken = (html: string) =>
  html.replace(/<\/?p>|<br>|<a href="[^"<>]*">|<\/a>|&(amp|lt|gt|quot|nbsp|#39);/g, '').match(/[<>&"]/g);

describe('what a mail says', () => {
  it('given that it is not too long, stays as it is', () => {
    const html = `<p>${'x'.repeat(longestMailBody - 7)}</p>`;
    expect([fitHtml(html, 'en'), fitText(html, 'en')]).toEqual([html, html]);
  });

  it.each([
    ['marks', `<p>${'&gt;'.repeat(1_000_000)}</p>`],
    ['marks at the end', `<p>${'x '.repeat(400_000)}${'&quot;'.repeat(1_000_000)}</p>`],
    ['addresses', `<p>${'emma@contoso.test '.repeat(200_000)}</p>`],
    ['quotes within quotes', `${'<blockquote>'.repeat(3000)}${'line<br>'.repeat(400_000)}`],
    ['pictures of two units each', `<p>${'🖨️'.repeat(900_000)}</p>`],
  ])('given too many %s, is cut as text, in whole tags and letters, and says where the rest is', (_what, html) => {
    const fitted = fitHtml(html, 'en');
    expect(fitted.length).toBeLessThanOrEqual(longestMailBody);
    expect(fitted.length).toBeGreaterThan(longestMailBody / 5);
    expect([broken(fitted), fitted.isWellFormed()]).toEqual([null, true]);
    expect(fitted).toMatch(/<p>\[The rest is in the raw mail\.\]<\/p>$/);
  });

  it('given too long a text, is cut in whole letters', () => {
    const fitted = fitText('🖨'.repeat(longestMailBody), 'nb');
    expect(fitted.length).toBeLessThanOrEqual(longestMailBody);
    expect(fitted).toMatch(/\n\n\[Resten står i den opprinnelige e-posten\.\]$/);
    expect(fitted.isWellFormed()).toBe(true);
  });
});
