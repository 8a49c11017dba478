import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cleanHtml } from './clean.js';
import { htmlToText, textToHtml } from './text.js';

describe('HTML as text', () => {
  it.each([
    ['<p>One</p><p>Two<br>lines</p>', 'One\n\nTwo\nlines'],
    ['<div>One</div><div>Two</div>', 'One\nTwo'],
    ['<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li></ul>', '- a\n- b\n  1. c\n  2. d'],
    ['<p>Hi</p><blockquote><p>old</p><blockquote>older</blockquote></blockquote>', 'Hi\n\n> old\n\n> > older'],
    [
      '<a href="https://x.example/a">the page</a> and <a href="https://x.example">https://x.example</a>',
      'the page (https://x.example/a) and https://x.example',
    ],
    ['<pre>a\n  b</pre>', 'a\n  b'],
    ['<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>', 'a b\nc'],
    ['<style>p{}</style><script>x()</script><p>&lt;b&gt; &amp; &aring;</p>', '<b> & å'],
    ['<img src="x" alt="Logo"> x', '[Logo] x'],
    ['a &nbsp; b\n\n c', 'a b c'],
    ['', ''],
  ])('given %s', (html, text) => {
    expect(htmlToText(html)).toBe(text);
  });

  it('given markup nested 50,000 deep, it is read', () => {
    expect(htmlToText(`${'<div>'.repeat(50_000)}deep`)).toBe('deep');
  });
});

describe('text as HTML', () => {
  it.each([
    ['a\nb\n\nc', '<p>a<br>b</p>\n<p>c</p>'],
    ['<script>&"', '<p>&lt;script&gt;&amp;&quot;</p>'],
    [
      'see https://x.example/a?b=1&c=2.',
      '<p>see <a href="https://x.example/a?b=1&amp;c=2">https://x.example/a?b=1&amp;c=2</a>.</p>',
    ],
    ['(https://x.example/a)', '<p>(<a href="https://x.example/a">https://x.example/a</a>)</p>'],
    ['write to emma@contoso.example', '<p>write to <a href="mailto:emma@contoso.example">emma@contoso.example</a></p>'],
    ['a  b', '<p>a&nbsp;&nbsp;b</p>'],
    ['', ''],
  ])('given %j', (text, html) => {
    expect(textToHtml(text)).toBe(html);
  });

  it('given any text, it comes back as it was, and no markup comes out of it', () => {
    const line = fc.stringMatching(/^[ -~æøåàèìòù]{0,40}$/);
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.join('\n');
        const html = textToHtml(text);
        const squeeze = (value: string) => value.replace(/\s+/g, ' ').trim();
        expect(squeeze(htmlToText(html))).toBe(squeeze(text));
        expect(squeeze(htmlToText(cleanHtml(html, { inline: new Map() }).html))).toBe(squeeze(text));
      }),
    );
  });
});
