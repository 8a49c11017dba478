import { Parser } from 'htmlparser2';

const BLOCKS = new Set(
  'address article aside blockquote center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody tfoot thead tr ul'.split(
    ' ',
  ),
);
/** A blank line goes before and after these. */
const PARAGRAPHS = new Set('blockquote h1 h2 h3 h4 h5 h6 ol p pre table ul'.split(' '));
const SILENT = new Set(['head', 'script', 'style', 'title', 'template', 'textarea', 'select', 'noembed', 'noframes']);

/** Whether a tag starts a line of its own. */
export function isBlock(tag: string): boolean {
  return BLOCKS.has(tag);
}

/**
 * HTML as plain text, for the text part of what we send and for search: lines and paragraphs kept, lists with dashes or
 * numbers, quotes with ">", a link's address behind its words. Streams, so that no depth of nesting can overflow it.
 */
export function htmlToText(html: string): string {
  const lines: string[] = [''];
  const lists: { ordered: boolean; next: number }[] = [];
  const links: { href: string; start: number }[] = [];
  let quoteDepth = 0;
  let silent = 0;
  let preformatted = 0;

  const prefix = () => '> '.repeat(quoteDepth);
  const current = () => lines.at(-1)!;
  const isFresh = () => current().trim() === '' || current() === prefix();
  const write = (text: string) => {
    lines[lines.length - 1] = (current() === '' ? prefix() : current()) + text;
  };
  const breakLine = () => {
    if (!isFresh()) lines.push('');
  };
  const breakParagraph = () => {
    breakLine();
    if (lines.length > 1 && lines.at(-2)!.trim() !== '') lines.push('');
  };

  const parser = new Parser({
    onopentag(name, attributes) {
      if (SILENT.has(name)) silent++;
      if (silent > 0) return;
      if (PARAGRAPHS.has(name) && lists.length === 0) breakParagraph();
      else if (BLOCKS.has(name)) breakLine();
      if (name === 'blockquote') quoteDepth++;
      if (name === 'pre') preformatted++;
      if (name === 'ul' || name === 'ol') lists.push({ ordered: name === 'ol', next: 1 });
      if (name === 'li') {
        const list = lists.at(-1);
        write('  '.repeat(Math.max(0, lists.length - 1)) + (list?.ordered ? `${list.next++}. ` : '- '));
      }
      if (name === 'br') lines.push('');
      if (name === 'hr') {
        write('-'.repeat(20));
        lines.push('');
      }
      if (name === 'img' && attributes.alt?.trim()) write(`[${attributes.alt.trim()}]`);
      if (name === 'td' || name === 'th') if (!isFresh()) write(' ');
      if (name === 'a') links.push({ href: attributes.href ?? '', start: current().length });
    },
    ontext(text) {
      if (silent > 0) return;
      if (preformatted > 0) {
        const [first = '', ...rest] = text.split(/\r?\n/);
        write(first);
        lines.push(...rest.map((line) => prefix() + line));
        return;
      }
      const collapsed = text.replace(/[\s\u00A0]+/g, ' ');
      const atStart = isFresh() || current().endsWith(' ');
      const words = atStart ? collapsed.replace(/^ /, '') : collapsed;
      if (words !== '') write(words);
    },
    onclosetag(name) {
      if (SILENT.has(name)) silent = Math.max(0, silent - 1);
      if (silent > 0) return;
      if (name === 'a') {
        const link = links.pop();
        const label = current()
          .slice(link?.start ?? 0)
          .trim();
        if (link && /^https?:/i.test(link.href) && !label.includes(link.href.replace(/\/$/, '')) && label !== '')
          write(` (${link.href})`);
      }
      if (name === 'blockquote') {
        breakLine();
        quoteDepth = Math.max(0, quoteDepth - 1);
        if (quoteDepth === 0) breakParagraph();
      }
      if (name === 'pre') preformatted = Math.max(0, preformatted - 1);
      if (name === 'ul' || name === 'ol') lists.pop();
      if (PARAGRAPHS.has(name) && lists.length === 0) breakParagraph();
      else if (BLOCKS.has(name)) breakLine();
    },
  });
  parser.end(html);
  return lines
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Plain text as HTML: escaped, paragraphs and line breaks kept, web and mail addresses made into links. */
export function textToHtml(text: string): string {
  const paragraphs =
    text.trim() === ''
      ? []
      : text
          .replace(/\r\n?/g, '\n')
          .trim()
          .split(/\n{2,}/);
  return paragraphs.map((paragraph) => `<p>${paragraph.split('\n').map(lineToHtml).join('<br>')}</p>`).join('\n');
}

/** Escapes what has a meaning in HTML text and attributes. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

/** Bounded repetitions: without them a line of a million letters would be matched in quadratic time. */
const LINK = /\bhttps?:\/\/[^\s<>"']{1,2000}|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g;

function lineToHtml(line: string): string {
  const html: string[] = [];
  let end = 0;
  for (const match of line.matchAll(LINK)) {
    // What ends a sentence does not belong to the address; a closing bracket does if it was opened within.
    let address = match[0].replace(/[.,;:!?]+$/, '');
    if (address.endsWith(')') && !address.includes('(')) address = address.slice(0, -1);
    const href = address.includes('://') ? address : `mailto:${address}`;
    html.push(spaces(line.slice(end, match.index)), `<a href="${escapeHtml(href)}">${escapeHtml(address)}</a>`);
    end = match.index + address.length;
  }
  return html.join('') + spaces(line.slice(end));
}

/** Runs of blanks and leading blanks mean something in plain text (columns, indents). */
function spaces(text: string): string {
  return escapeHtml(text).replace(/^ | {2}/g, (run) => '&nbsp;'.repeat(run.length));
}
