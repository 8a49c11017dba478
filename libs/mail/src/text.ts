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

const DEPTH = 1000;

/**
 * Whether elements are nested more than a thousand deep, as no mail of a person is. The parser takes quadratic time on
 * such markup (40 s for a megabyte) and its trees overflow the stack, so it is stopped there and never given any.
 */
export function isTooDeep(html: string): boolean {
  if (html.split('<', DEPTH + 1).length <= DEPTH) return false;
  let depth = 0;
  const parser = new Parser({
    onopentag() {
      if (++depth > DEPTH) parser.pause();
    },
    onclosetag() {
      depth--;
    },
  });
  parser.write(html);
  return depth > DEPTH;
}

/** What is left of HTML that nobody can read as such: its text, without any order. */
export function withoutTags(html: string): string {
  return html.replace(/<[^<>]*>?/g, ' ').trim();
}

/**
 * HTML as plain text, for the text part of what we send and for search: lines and paragraphs kept, lists with dashes or
 * numbers, quotes with ">", a link's address behind its words.
 */
export function htmlToText(html: string): string {
  if (isTooDeep(html)) return withoutTags(html);
  const page = new TextPage();
  const lists: { ordered: boolean; next: number }[] = [];
  const links: { href: string; label: string }[] = [];
  let silent = 0;
  let preformatted = 0;

  const startsParagraph = (name: string) => PARAGRAPHS.has(name) && lists.length === 0;
  const breakAround = (name: string) => {
    if (startsParagraph(name)) page.breakParagraph();
    else if (BLOCKS.has(name)) page.breakLine();
  };
  const write = (text: string) => {
    page.write(text);
    if (links.length > 0) links.at(-1)!.label += text;
  };

  const parser = new Parser({
    onopentag(name, attributes) {
      if (SILENT.has(name)) silent++;
      if (silent > 0) return;
      breakAround(name);
      if (name === 'blockquote') page.quoteDepth++;
      else if (name === 'pre') preformatted++;
      else if (name === 'ul' || name === 'ol') lists.push({ ordered: name === 'ol', next: 1 });
      else if (name === 'li') page.write(bullet(lists));
      else if (name === 'br') page.endLine();
      else if (name === 'hr') {
        page.write('-'.repeat(20));
        page.endLine();
      } else if (name === 'img' && attributes.alt?.trim()) write(`[${attributes.alt.trim()}]`);
      else if ((name === 'td' || name === 'th') && !page.atLineStart) page.write(' ');
      else if (name === 'a') links.push({ href: attributes.href ?? '', label: '' });
    },
    ontext(text) {
      if (silent > 0) return;
      if (preformatted > 0) {
        const [first = '', ...rest] = text.split(/\r?\n/);
        page.write(first);
        for (const line of rest) {
          page.endLine();
          page.write(line);
        }
        return;
      }
      const words = text.replace(/[\s\u00A0]+/g, ' ');
      write(page.atLineStart || page.afterSpace ? words.replace(/^ /, '') : words);
    },
    onclosetag(name) {
      if (SILENT.has(name)) silent = Math.max(0, silent - 1);
      if (silent > 0) return;
      if (name === 'a') {
        const { href = '', label = '' } = links.pop() ?? {};
        const says = label.includes(href.replace(/\/$/, ''));
        if (/^https?:/i.test(href) && label.trim() !== '' && !says) page.write(` (${href})`);
      }
      if (name === 'blockquote') {
        page.breakLine();
        page.quoteDepth = Math.max(0, page.quoteDepth - 1);
      }
      if (name === 'pre') preformatted = Math.max(0, preformatted - 1);
      if (name === 'ul' || name === 'ol') lists.pop();
      breakAround(name);
    },
  });
  parser.end(html);
  return page.toString();
}

function bullet(lists: { ordered: boolean; next: number }[]): string {
  const list = lists.at(-1);
  // Ten levels are more than anyone reads; without a bound a nested bomb would be indented quadratically.
  return '  '.repeat(Math.min(10, Math.max(0, lists.length - 1))) + (list?.ordered ? `${list.next++}. ` : '- ');
}

/** Lines as they are written. It knows where it stands without looking back, so that a line may be a million letters long. */
class TextPage {
  quoteDepth = 0;
  /** Nothing but blanks stands on the line. */
  atLineStart = true;
  afterSpace = false;
  private readonly lines: string[] = [];
  private line = '';
  private blankLines = 1;

  write(text: string): void {
    if (text === '') return;
    if (this.line === '') this.line = '> '.repeat(Math.min(10, this.quoteDepth));
    this.line += text;
    this.atLineStart &&= text.trim() === '';
    this.afterSpace = text.endsWith(' ');
  }

  endLine(): void {
    this.blankLines = this.atLineStart ? this.blankLines + 1 : 0;
    if (this.blankLines <= 1) this.lines.push(this.atLineStart ? '' : this.line.trimEnd());
    this.line = '';
    this.atLineStart = true;
    this.afterSpace = false;
  }

  breakLine(): void {
    if (!this.atLineStart) this.endLine();
    else this.line = '';
  }

  breakParagraph(): void {
    this.breakLine();
    if (this.blankLines === 0) this.endLine();
  }

  toString(): string {
    this.breakLine();
    return this.lines.join('\n').trim();
  }
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
