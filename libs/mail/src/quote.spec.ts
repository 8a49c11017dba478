import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { casesIn, mailCase } from './mail.builders.js';
import { splitHtml, splitText } from './quote.js';
import { htmlToText } from './text.js';

/** What the person wrote, and how the folded part begins. */
const CASES: Record<string, [visible: string, quoted: string]> = {
  'gmail-en.eml': ['Hi,\nyes, twice. Same result.\nEmma', 'On Mon, 3 Nov 2025'],
  'gmail-it.eml': ['Salve,\nsì, due volte. Stesso risultato.\nLuca', 'Il giorno lun 3 nov 2025'],
  'gmail-nb.eml': ['Hei,\nja, to ganger. Samme resultat.\nOla', 'man. 3. nov. 2025 kl. 10:12 skrev'],
  'ios-en.eml': ['Works now, thanks!\nSent from my iPhone', '> On 3 Nov 2025'],
  'ios-it.eml': ['Ora funziona, grazie!\nInviato da iPhone', '> Il giorno 3 nov 2025'],
  'ios-nb.eml': ['Nå virker den, takk!\nSendt fra min iPhone', '> 3. nov. 2025'],
  'marker-en.eml': ['Thank you, solved.', ''],
  'outlook-desktop-en.eml': ['Hello Anna,\nit still prints blank pages.\nKind regards\nJohn Smith', 'From: Anna'],
  'outlook-desktop-it.eml': [
    'Buongiorno,\nsì, il toner è nuovo, ma la stampa è ancora sbiadita.\nCordiali saluti\nGiulia',
    'Da: Anna',
  ],
  'outlook-desktop-nb.eml': [
    'Hei,\nja, men skriveren står fortsatt fast.\nMed vennlig hilsen\nKåre Østby',
    'Fra: Anna',
  ],
  'outlook-plain-it.eml': ['Perfetto, grazie.\nGiulia', '-----Messaggio originale-----'],
  'outlook-plain-nn.eml': ['Takk, no verkar han att.\nTorstein', '____'],
  'outlook-web-it.eml': ['Buongiorno Anna,\nora funziona. Grazie mille!', '----'],
  'outlook-web-nb.eml': ['Hei Anna,\nnå virker den igjen. Tusen takk!', '----'],
  'polish-other-language.eml': ['Działa, dziękuję.', 'W dniu 3 listopada'],
  'thunderbird-it-below.eml': ['Sì, ieri. Non cambia nulla.\nPaolo', 'Il 03/11/2025 10:12'],
  'thunderbird-nb-below.eml': ['Ja, i går. Det hjalp ikke.\nSiri', 'Den 03.11.2025 10:12'],
  'thunderbird-en-between.eml': [
    'On 03/11/2025 10:12, Anna via Acme wrote:\n> Did you change the toner?\nYes, yesterday.\n> Which paper do you use?\n80 g, from the old stock.',
    '> Kind regards',
  ],
  'gmail-it-between.eml': [
    'Rispondo sotto.\nIl giorno lun 3 nov 2025 alle ore 10:12 Anna via Acme <support+r.k3jq7x2mzp5w4tyv6c2dnb7hra@acme.example> ha scritto:\n> Ha cambiato il toner?\nSì, ieri.\n> Che carta usa?\n80 g.',
    '',
  ],
  'no-quote-nb.eml': [
    'Hei,\nFra: det er slik skriveren viser det når den starter.\nJeg skrev til dere på mandag: ingen svar.\nOla',
    '',
  ],
};
const withoutBlankLines = (text: string) => text.replace(/\n\s*\n/g, '\n').trim();

describe('a reply and what it quotes', () => {
  it.each(casesIn('cases/trim-quote'))('%s shows what was written and folds the rest', async (name) => {
    const mail = await mailCase(`cases/trim-quote/${name}`);
    const [visible, quoted] = CASES[name]!;
    const { html, text } = mail;
    const splits = [
      ...(html === null ? [] : [splitHtml(html)].map((split) => [htmlToText(split.visible), htmlToText(split.quoted)])),
      ...(text === null ? [] : [splitText(text)].map((split) => [split.visible, split.quoted])),
    ];
    expect(splits.length).toBeGreaterThan(0);
    for (const [shown, folded] of splits) {
      expect(withoutBlankLines(shown!)).toBe(visible);
      expect(folded!.trim().startsWith(quoted)).toBe(true);
      if (quoted === '' && !name.startsWith('marker')) expect(folded).toBe('');
    }
  });

  it('given a forward without a word above, all of it is shown', () => {
    const html =
      '<div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: a@x.example<br>Date: today<br>To: b@x.example</div>Hello</div>';
    expect(splitHtml(html)).toEqual({ visible: html, quoted: '' });
    expect(splitText('> only\n> a quote')).toEqual({ visible: '> only\n> a quote', quoted: '' });
  });

  it('given a signature below the quote, the quote is folded all the same', () => {
    expect(splitText('Yes.\n\nOn 3 Nov 2025 Anna wrote:\n> Works?\n\n-- \nEmma').visible).toBe('Yes.');
  });

  it('given a picture of the mail itself below the quote, it was put there by a person', () => {
    const html = '<p>See below</p><blockquote type="cite">old</blockquote><p><img src="cid:a"></p>';
    expect(splitHtml(html).quoted).toBe('');
  });

  it('given a tracking pixel below the quote, the quote is folded all the same', () => {
    const html =
      '<p>Yes</p><blockquote type="cite">old</blockquote><img src="https://t.example/p.gif" width="1" height="1">';
    expect(htmlToText(splitHtml(html).visible)).toBe('Yes');
  });

  it('given preformatted text, it is cut at its lines', () => {
    const html = '<pre>Yes.\n\nOn 3 Nov 2025 Anna &lt;anna@x.example&gt; wrote:\nWorks?\n</pre>';
    expect(htmlToText(splitHtml(html).visible)).toBe('Yes.');
  });

  it('given markup nested 20,000 deep, it stays whole', () => {
    const html = `${'<div>'.repeat(20_000)}Hi<blockquote type="cite">old</blockquote>`;
    expect(splitHtml(html)).toEqual({ visible: html, quoted: '' });
  });

  it.each(['a:\n> b\n', 'From: x\nSent:\n', 'abc. 1 skrev\n', 'On 1 x wrote\n', '\n'])(
    'given %j for 300 kB, it ends, and nothing is dropped',
    (line) => {
      const text = line.repeat(300_000 / line.length);
      const { visible, quoted } = splitText(text);
      expect(`${visible}${quoted}`.replace(/\s/g, '')).toHaveLength(text.replace(/\s/g, '').length);
    },
  );

  it('given any lines, nothing is dropped', () => {
    const line = fc.constantFrom(
      'Hello',
      '> quoted',
      '',
      'On 3 Nov 2025, Anna wrote:',
      'Da: a@x.example',
      'Inviato: oggi',
      'A: b@x.example',
      '-- ',
      '_____',
      '-----Original Message-----',
    );
    const letters = (text: string) => text.replace(/\s/g, '');
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const text = lines.join('\n');
        const { visible, quoted } = splitText(text);
        expect([letters(visible + quoted), letters(quoted + visible)]).toContain(letters(text));
        if (letters(text) !== '') expect(letters(visible)).not.toBe('');
      }),
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            line,
            fc.constantFrom('p', 'div', 'blockquote type="cite"', 'div class="gmail_quote"', 'div id="appendonsend"'),
          ),
          { maxLength: 8 },
        ),
        (blocks) => {
          const html = blocks
            .map(([text, tag]) => `<${tag}>${text.replace('>', '&gt;')}</${tag.split(' ')[0]}>`)
            .join('');
          const { visible, quoted } = splitHtml(html);
          const read = (part: string) => letters(part.replace(/<[^>]*>/g, ''));
          expect([read(visible + quoted), read(quoted + visible)]).toContain(read(html));
        },
      ),
    );
  });
});
