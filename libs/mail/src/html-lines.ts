import { DomUtils, ElementType, parseDocument } from 'htmlparser2';
import { type BodyLine } from './quote.js';
import { isBlock } from './text.js';

type Document = ReturnType<typeof parseDocument>;
type Node = Document['children'][number];
type Element = Extract<Node, { attribs: unknown }>;
type TextNode = Extract<Node, { nodeType: 3 }>;

/** A line of HTML, and the first node of it. */
type HtmlLine = BodyLine & { node: Node };

/** HTML as the lines a reader sees, each with what its markup says of it. */
export function htmlLines(html: string): BodyLine[] {
  return readLines(parseDocument(html));
}

/** Cuts HTML in two before a line. No text is lost; elements that the cut goes through are closed and opened again. */
export function splitAtLine(html: string, line: number): [before: string, after: string] {
  const [before, after] = [parseDocument(html), parseDocument(html)];
  keepBefore(readLines(before)[line]!.node);
  keepFrom(readLines(after)[line]!.node);
  return [serialize(before), serialize(after)];
}

const SILENT = new Set(['head', 'script', 'style', 'title', 'template']);
/** What holds an older mail: classes and ids of Gmail, Yahoo, Thunderbird, Proton, Zoho, Tuta and Outlook for phones. */
const QUOTE_CLASS =
  /\b(gmail_quote|gmail_attr|yahoo_quoted|moz-cite-prefix|protonmail_quote|zmail_extra|tutanota_quote|ms-outlook-mobile-reference-message)\b/;
/** After which everything is an older mail: Outlook on the web and on the desktop, new Outlook, Outlook for Mac. */
const OLDER_MAIL_ID =
  /^(x_)*(appendonsend|divRplyFwdMsg|reply-intro|mail-editor-reference-message-container|OLK_SRC_BODY_SECTION|stopSpelling)$/i;

function readLines(document: Document): HtmlLine[] {
  const lines: HtmlLine[] = [];
  let line: HtmlLine | null = null;
  let olderMailNext = false;

  const endLine = () => (line = null);
  const add = (node: Node, quoted: boolean, text: string) => {
    if (!line) {
      line = { text: '', quoted, blank: true, node, startsOlderMail: olderMailNext };
      olderMailNext = false;
      lines.push(line);
    }
    line.text += text;
    line.blank &&= /^[\s\u00A0\u200B-\u200F\uFEFF]*$/.test(text);
  };
  const visit = (node: Node, quoted: boolean, preformatted: boolean): void => {
    if (isText(node)) {
      const pieces = preformatted ? splitAtLineBreaks(node) : [node];
      for (const [index, piece] of pieces.entries()) {
        if (index > 0) endLine();
        add(piece, quoted, piece.data.replace(/\s+/g, ' '));
      }
    } else if (isElement(node) && !SILENT.has(node.name)) {
      if (OLDER_MAIL_ID.test(node.attribs.id ?? '')) {
        endLine();
        olderMailNext = true;
      }
      if (node.name === 'br') {
        add(node, quoted, '');
        endLine();
      } else if (node.name === 'img') {
        // Only a picture of the mail's own is something that a person put there; others are logos and trackers.
        add(node, quoted, '');
        if (/^cid:/i.test(node.attribs.src ?? '')) line!.blank = false;
      } else {
        const block = isBlock(node.name);
        if (block) endLine();
        if (node.name === 'hr') add(node, quoted, '');
        const inside = quoted || isQuote(node);
        // A copy: splitting a text adds siblings.
        for (const child of [...node.children]) visit(child, inside, preformatted || node.name === 'pre');
        if (block) endLine();
      }
    }
  };
  for (const child of [...document.children]) visit(child, false, false);
  return lines;
}

function isText(node: Node): node is TextNode {
  return node.type === ElementType.Text;
}

function isElement(node: Node): node is Element {
  return ElementType.isTag(node);
}

function isQuote(element: Element): boolean {
  const { class: classes = '', type = '', style = '' } = element.attribs;
  if (element.name === 'blockquote') {
    // A blockquote without such marks is an indentation that the person chose.
    return type.toLowerCase() === 'cite' || QUOTE_CLASS.test(classes) || /border-left/i.test(style);
  }
  // Gmail wraps introduction and quote in one element; what stands in it beside these was written between quotes.
  const wrapsQuote =
    /\bgmail_quote\b/.test(classes) && DomUtils.existsOne((child) => child.name === 'blockquote', element.children);
  return QUOTE_CLASS.test(classes) && !wrapsQuote;
}

/** In preformatted text a line break ends a line, so each line becomes a node of its own that can be cut before. */
function splitAtLineBreaks(node: TextNode): TextNode[] {
  const Text = node.constructor as new (data: string) => TextNode;
  const [first = '', ...rest] = node.data.split(/(?<=\n)/);
  node.data = first;
  const pieces = [node];
  for (const data of rest) {
    const piece = new Text(data);
    DomUtils.append(pieces.at(-1)!, piece);
    pieces.push(piece);
  }
  return pieces;
}

/** Cut lists, not nodes taken out one by one: that is quadratic, and only the lists are written out again. */
function keepBefore(node: Node): void {
  const first = outermost(node);
  for (let level = first; level.parent; level = level.parent as Node) {
    const { children } = level.parent;
    level.parent.children = children.slice(0, children.indexOf(level) + (level === first ? 0 : 1));
  }
}

function keepFrom(node: Node): void {
  for (let level = outermost(node); level.parent; level = level.parent as Node) {
    const { children } = level.parent;
    level.parent.children = children.slice(children.indexOf(level));
  }
}

/** The widest element that begins with this node, so that no empty shell of it stays above the cut. */
function outermost(node: Node): Node {
  let outer = node;
  while (outer.parent && outer.parent.parent && !outer.prev) outer = outer.parent as Node;
  return outer;
}

function serialize(document: Document): string {
  return DomUtils.getInnerHTML(document, { encodeEntities: 'utf8' });
}
