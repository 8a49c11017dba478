import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { compileFrame } from './frame.compile.js';
import { frame } from './frame.js';

const given = { language: 'it' as const, title: '', preheader: '', body: '<p>Ciao</p>', button: null, footer: '' };

describe('the frame of generated mails', () => {
  it('given frame.mjml, when it is compiled, then the result is what lies beside it', async () => {
    const compiled = readFileSync(new URL('./frame.compiled', import.meta.url), 'utf8');
    expect(await compileFrame()).toBe(compiled);
  });

  it('given no title and no button, when a mail is framed, then there is no hole for them', () => {
    const { html, text } = frame(given);
    expect(html).not.toMatch(/%%|<a /);
    expect(html).toContain('lang="it"');
    expect(text).toBe('Ciao');
  });

  it('given words that look like markup or like a place in the frame, when a mail is framed, then they stay words', () => {
    const button = { label: '<b>', href: 'https://x.test/?a="b' };
    const { html } = frame({ ...given, title: '%%body%% <script>', button, footer: "it's" });
    expect(html).toContain('%%body%% &lt;script&gt;');
    expect(html.match(/<p>Ciao<\/p>/g)).toHaveLength(1);
    expect(html).toContain('href="https://x.test/?a=&quot;b"');
  });
});
