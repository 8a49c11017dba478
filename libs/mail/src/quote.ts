import { attributionLength, headerBlock, isDivider, isKnownElsewhere } from './attribution.js';
import { htmlLines, splitAtLine } from './html-lines.js';
import { isTooDeep } from './text.js';

/** A body in two: what this mail says, and the older mail that it quotes, which is folded away but never dropped. */
export interface SplitBody {
  visible: string;
  /** '' if nothing is folded. */
  quoted: string;
}

/** One line of a body. `quoted`: its own marks say so (">", a blockquote); `blank`: nothing to read. */
export interface BodyLine {
  text: string;
  quoted: boolean;
  blank: boolean;
  /** The mail program says that an older mail begins here. */
  startsOlderMail?: boolean;
}

/** Splits plain text. */
export function splitText(text: string): SplitBody {
  const lines = text.split('\n');
  const fold = findFold(lines.map(textLine));
  if (!fold) return { visible: text, quoted: '' };
  const [before, after] = [lines.slice(0, fold.line).join('\n'), lines.slice(fold.line).join('\n')];
  return fold.side === 'after'
    ? { visible: before.trimEnd(), quoted: after }
    : { visible: after.replace(/^\n+/, ''), quoted: before.trimEnd() };
}

/** Splits HTML, which need not be clean yet. What it cannot take apart stays whole and visible. */
export function splitHtml(html: string): SplitBody {
  const lines = isTooDeep(html) ? [] : htmlLines(html);
  const fold = findFold(lines);
  if (!fold) return { visible: html, quoted: '' };
  const [before, after] = splitAtLine(html, fold.line);
  return fold.side === 'after' ? { visible: before, quoted: after } : { visible: after, quoted: before };
}

function textLine(text: string): BodyLine {
  return { text, quoted: /^\s{0,3}>/.test(text), blank: /^[\s>]*$/.test(text) };
}

type Fold = { line: number; side: 'before' | 'after' } | null;

/**
 * Where to fold. Own words first and a quote below: fold the quote. A quote first and own words below: fold the quote.
 * Own words between quoted lines answer those lines and need them: only a quote after the last own words is folded.
 */
function findFold(lines: BodyLine[]): Fold {
  const marks = markLines(lines);
  const firstOwn = marks.indexOf('own');
  const lastOwn = marks.lastIndexOf('own');
  const firstQuote = marks.indexOf('quote');
  const lastQuote = marks.lastIndexOf('quote');
  if (firstOwn < 0 || firstQuote < 0) return null;
  if (lastQuote > lastOwn) return { line: afterLast(marks, lines, lastOwn), side: 'after' };
  if (lastQuote < firstOwn) return { line: lastQuote + 1, side: 'before' };
  return null;
}

/** The first line below the last own one that is not a rule or blank: those belong to the quote they announce. */
function afterLast(marks: Mark[], lines: BodyLine[], lastOwn: number): number {
  let line = lastOwn + 1;
  // A signature stays with the words above it.
  while (marks[line] === 'blank' && line < lines.length - 1 && marks[line + 1] === 'own') line++;
  return line;
}

/** Nobody writes more lines above a quote; beyond, only marks of the markup count, so that no text costs seconds. */
const LINES = 5000;
const QUESTIONS = 20;

type Mark = 'own' | 'quote' | 'blank';

function markLines(lines: BodyLine[]): Mark[] {
  const texts = lines.map(({ text, quoted }) => (quoted ? '' : text));
  const marks: Mark[] = [];
  const isQuoteAt = (line: number) => {
    const next = nextWritten(lines, line);
    return next !== undefined && next.quoted;
  };
  let questions = QUESTIONS;
  const ask = (line: string) => questions-- > 0 && isKnownElsewhere(line);
  const restFrom = (line: number) => {
    while (marks.length < lines.length)
      marks.push(lines[marks.length]!.blank && marks.length < line ? 'blank' : 'quote');
  };
  while (marks.length < lines.length) {
    const at = marks.length;
    const line = lines[at]!;
    if (at > LINES) marks.push(line.quoted ? 'quote' : line.blank ? 'blank' : 'own');
    else if (line.startsOlderMail) restFrom(at);
    else if (line.quoted) marks.push('quote');
    else if (line.blank) marks.push('blank');
    else if (isRule(line.text)) marks.push('blank');
    else if (isDivider(line.text) || headerBlock(texts, at)) restFrom(at);
    else {
      const introduction = attributionLength(texts, at, isQuoteAt, ask);
      if (introduction === 0) marks.push('own');
      else if (isQuoteAt(at + introduction)) for (let index = 0; index < introduction; index++) marks.push('quote');
      else restFrom(at);
    }
  }
  return withoutFooter(marks, lines);
}

/** The next line that holds something, among the next few: a quote stands close below its introduction. */
function nextWritten(lines: BodyLine[], from: number): BodyLine | undefined {
  return lines.slice(from, from + 5).find(({ blank, quoted }) => quoted || !blank);
}

function isRule(text: string): boolean {
  return /^\s*[-_*=]{5,}\s*$/.test(text);
}

/** A signature or a list's footer below the quote is no answer to it. */
function withoutFooter(marks: Mark[], lines: BodyLine[]): Mark[] {
  const lastQuote = marks.lastIndexOf('quote');
  if (lastQuote < 0 || !marks.slice(0, lastQuote).includes('own')) return marks;
  const below = marks.findIndex((mark, line) => line > lastQuote && (mark === 'own' || isRule(lines[line]!.text)));
  if (below < 0 || !/^\s*(--\s*$|[-_*=]{5,}\s*$)/.test(lines[below]!.text)) return marks;
  return marks.map((mark, line) => (line > lastQuote && mark === 'own' ? 'quote' : mark));
}
