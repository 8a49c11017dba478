import { readFileSync } from 'node:fs';
import { type Language } from '@sportello/contracts';
import { escapeHtml, htmlToText } from '@sportello/mail';

/** What stands in the frame of a mail that no person wrote. Only `body` is HTML, and clean already. */
export interface Framed {
  language: Language;
  /** Empty for none. */
  title: string;
  /** What a list of mails shows beside the subject. */
  preheader: string;
  body: string;
  /** The body as text, where it was text at first. */
  text?: string;
  button: { label: string; href: string } | null;
  footer: string;
}

/**
 * `frame.mjml`, compiled: the result is kept beside it (a spec says when it is stale) because the compiler takes 73 MB
 * of memory (tried) that only this one page needs.
 */
const compiled = readFileSync(new URL('./frame.compiled', import.meta.url), 'utf8');

const without = (html: string, part: string): string =>
  html.replace(new RegExp(`%%${part}:start%%[^]*?%%${part}:end%%`), '');

/** A whole mail, as HTML and as text. */
export function frame({ language, title, preheader, body, text, button, footer }: Framed): {
  html: string;
  text: string;
} {
  let html = compiled;
  if (!title) html = without(html, 'title');
  if (!button) html = without(html, 'button');
  const values: Record<string, string> = {
    language,
    title: escapeHtml(title),
    preheader: escapeHtml(preheader.replace(/\s+/g, ' ').slice(0, 140)),
    body,
    'button:href': escapeHtml(button?.href ?? ''),
    'button:label': escapeHtml(button?.label ?? ''),
    footer: escapeHtml(footer),
  };
  // One pass, so that what a person wrote is never read as a place in the frame.
  html = html.replace(/%%([a-z:]+)%%/g, (_place, name: string) => values[name] ?? '');
  const plain = [
    title,
    text ?? htmlToText(body),
    button && `${button.label}: ${button.href}`,
    footer && `-- \n${footer}`,
  ];
  return { html, text: plain.filter(Boolean).join('\n\n') };
}
