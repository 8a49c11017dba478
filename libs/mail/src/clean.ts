import { createRequire } from 'node:module';
import 'htmlparser2';
import type SanitizeHtml from 'sanitize-html';
import { isTooDeep, textToHtml, withoutTags } from './text.js';

// Loaded after htmlparser2, which it requires and we import: Jest cannot load an ES module by both ways at once.
const sanitizeHtml = createRequire(import.meta.url)('sanitize-html') as typeof SanitizeHtml;

/** HTML that may stand in a page. */
export interface CleanHtml {
  html: string;
  /** Images that wait for a click: their address stands in `data-remote-src`. */
  remoteImages: number;
}

const TAGS =
  'a abbr address b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var wbr';

/** No class, id or name: they would reach into the page's own style sheets, scripts and anchors. */
const ATTRIBUTES: Record<string, string[]> = {
  '*': ['align', 'bgcolor', 'dir', 'lang', 'style', 'title', 'valign'],
  a: ['href', 'rel', 'target'],
  col: ['span', 'width'],
  colgroup: ['span', 'width'],
  font: ['color', 'face', 'size'],
  img: ['alt', 'data-remote-src', 'height', 'src', 'width'],
  ol: ['start', 'type'],
  table: ['border', 'cellpadding', 'cellspacing', 'height', 'width'],
  td: ['colspan', 'height', 'nowrap', 'rowspan', 'width'],
  th: ['colspan', 'height', 'nowrap', 'rowspan', 'width'],
};

/** What our own editor writes besides: a mention. From outside it would pass a stranger's words off as one. */
const OWN_ATTRIBUTES: SanitizeHtml.IOptions['allowedAttributes'] = {
  ...ATTRIBUTES,
  span: [{ name: 'data-type', values: ['mention'] }, 'data-id', 'data-label'],
};

/** Looks only: nothing that can leave its place (position, float, transform, z-index) or load (background, content). */
const STYLES =
  /^(color|background-color|direction|display|font(-family|-size|-style|-variant|-weight)?|height|letter-spacing|line-height|list-style-type|(max|min)-(height|width)|text-(align|decoration|indent|transform)|vertical-align|white-space|width|word-break|overflow-wrap|border(-(bottom|collapse|color|left|radius|right|spacing|style|top|width)){0,2}|(margin|padding)(-(bottom|left|right|top))?)$/;
const LINK = /^(https?:\/\/|mailto:|tel:)/i;
/** Words, numbers, colours and lists of fonts. No function but colours: url() loads, expression() once ran. */
const STYLE_VALUE = /^(?:[\w\s#%.,'"!-]|rgba?\([\d\s.,%/]+\)|hsla?\([\d\s.,%/a-z]+\))+$/i;

/**
 * Makes the HTML of a stranger fit for our page: an allow list of tags, attributes and style properties; no script, form,
 * frame, foreign markup or data address. `inline` maps the content ids of the mail's own images to where they are served;
 * images from elsewhere, tracking pixels among them, wait in `data-remote-src`.
 * @param own written in our own editor, whose mentions stay
 */
export function cleanHtml(
  html: string,
  { inline, own = false }: { inline: Map<string, string>; own?: boolean },
): CleanHtml {
  if (isTooDeep(html)) return { html: textToHtml(withoutTags(html)), remoteImages: 0 };
  let remoteImages = 0;
  const clean = sanitizeHtml(html, {
    allowedTags: TAGS.split(' '),
    allowedAttributes: own ? OWN_ATTRIBUTES : ATTRIBUTES,
    allowedSchemes: ['http', 'https', 'mailto', 'tel'],
    allowedSchemesByTag: { img: ['http', 'https'] },
    allowProtocolRelative: false,
    nonTextTags: ['script', 'style', 'textarea', 'option', 'title', 'template'],
    // Styles are filtered below: the library would parse each attribute by PostCSS, which costs more than all the rest.
    parseStyleAttributes: false,
    transformTags: {
      '*': (tagName, attributes) => ({ tagName, attribs: withSafeStyle(attributes) }),
      // A relative address would lead into our own pages.
      a: (tagName, { href = '', target: _target, rel: _rel, ...attributes }) => ({
        tagName,
        attribs: LINK.test(href.trim())
          ? { ...attributes, href: href.trim(), target: '_blank', rel: 'noopener noreferrer nofollow' }
          : attributes,
      }),
      img: (tagName, { src = '', ...attributes }) => {
        // The sender must not fill in our own attribute.
        delete attributes['data-remote-src'];
        const address = src.trim();
        const contentId = /^cid:(.+)$/is.exec(address)?.[1];
        const served = contentId && inline.get(decodeContentId(contentId));
        if (served) return { tagName, attribs: { ...attributes, src: served } };
        const remote = /^(https?:)?\/\/\S+$/i.exec(address);
        if (!remote) return { tagName, attribs: attributes };
        remoteImages++;
        return { tagName, attribs: { ...attributes, 'data-remote-src': remote[1] ? address : `https:${address}` } };
      },
    },
  });
  return { html: clean, remoteImages };
}

function withSafeStyle({ style, ...attributes }: SanitizeHtml.Attributes): SanitizeHtml.Attributes {
  const safe = style === undefined ? '' : safeStyle(style);
  return safe === '' ? attributes : { ...attributes, style: safe };
}

function safeStyle(style: string): string {
  return style
    .slice(0, 10_000)
    .split(';')
    .map((declaration) => {
      const colon = declaration.indexOf(':');
      return [declaration.slice(0, colon).trim().toLowerCase(), declaration.slice(colon + 1).trim()] as const;
    })
    .filter(([name, value]) => STYLES.test(name) && isSafeValue(name, value))
    .map(([name, value]) => `${name}:${value.replace(/\s*!important/i, '')}`)
    .join(';');
}

function isSafeValue(name: string, value: string): boolean {
  if (value.length > 200 || !STYLE_VALUE.test(value)) return false;
  // A negative margin or indent pulls text over what stands beside it.
  if (/^(margin|padding|text-indent|letter-spacing)/.test(name) && /(^|\s)-[\d.]/.test(value)) return false;
  return name !== 'display' || /^(none|inline|block|inline-block|table|table-row|table-cell|list-item)$/i.test(value);
}

function decodeContentId(contentId: string): string {
  try {
    return decodeURIComponent(contentId).trim();
  } catch {
    return contentId.trim();
  }
}
