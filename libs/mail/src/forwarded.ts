import { toMailbox } from './addresses.js';
import { headerBlock, isForwardDivider, type HeaderField } from './attribution.js';
import { htmlLines, splitAtLine } from './html-lines.js';
import { type Attachment, type Mailbox, type ParsedMail } from './mail.js';
import { parseMail } from './parse.js';
import { baseSubject, isForwardSubject } from './subject.js';
import { htmlToText, isTooDeep } from './text.js';

/** A mail that somebody forwarded, as it was before. */
export interface Forwarded {
  from: Mailbox;
  subject: string;
  /** As the forwarding program wrote it, in its language; null if it did not. */
  date: string | null;
  text: string | null;
  html: string | null;
  /** Files of an original that was forwarded as an attachment; those of one forwarded in the text stay with the mail. */
  attachments: Attachment[];
  /** What the forwarding person wrote above, as text. */
  comment: string;
}

/**
 * Finds the original in a mail that a person of the team forwards to us: attached, or in the text below the small
 * header of Gmail, Outlook, Apple Mail or Thunderbird. Null if it is no forward or names no address of the first sender.
 */
export async function readForwarded(mail: ParsedMail): Promise<Forwarded | null> {
  return (
    (await attachedOriginal(mail)) ??
    (mail.html === null || isTooDeep(mail.html) ? originalInText(mail) : originalInHtml(mail, mail.html))
  );
}

async function attachedOriginal(mail: ParsedMail): Promise<Forwarded | null> {
  const attached = mail.attachments.filter((file) => file.contentType === 'message/rfc822');
  const comment = (mail.text ?? htmlToText(mail.html ?? '')).trim();
  if (attached.length !== 1 || !(isForwardSubject(mail.subject) || comment === '')) return null;
  const original = await parseMail(attached[0]!.content);
  if (!original.ok || !original.mail.from) return null;
  const { from, subject, headers, text, html, attachments } = original.mail;
  return { from, subject: baseSubject(subject), date: headers.get('date') ?? null, text, html, attachments, comment };
}

function originalInHtml(mail: ParsedMail, html: string): Forwarded | null {
  const lines = htmlLines(html);
  const found = findHeader(
    mail,
    lines.map(({ text }) => text),
  );
  if (!found) return null;
  const [comment] = splitAtLine(html, found.start);
  const body = found.end < lines.length ? splitAtLine(html, found.end)[1] : '';
  return {
    ...found.original,
    text: unquoted(htmlToText(body)),
    html: body,
    attachments: [],
    comment: htmlToText(comment),
  };
}

function originalInText(mail: ParsedMail): Forwarded | null {
  const lines = (mail.text ?? '').split('\n');
  const found = findHeader(mail, lines);
  if (!found) return null;
  const text = unquoted(lines.slice(found.end).join('\n'));
  return {
    ...found.original,
    text,
    html: null,
    attachments: [],
    comment: lines.slice(0, found.start).join('\n').trim(),
  };
}

/** A divider says "forwarded"; the small header alone says so only with the subject, for Outlook puts it above quotes too. */
function findHeader(mail: ParsedMail, lines: string[]) {
  const divider = lines.findIndex(isForwardDivider);
  const from = divider < 0 ? 0 : divider + 1;
  if (divider < 0 && !isForwardSubject(mail.subject)) return null;
  for (let at = from; at < lines.length; at++) {
    const block = headerBlock(lines, at);
    const sender = block && senderOf(block.fields);
    if (!sender) continue;
    const subject = baseSubject(block.fields.subject ?? mail.subject);
    return {
      start: divider < 0 ? withoutRule(lines, at) : divider,
      end: block.end,
      original: { from: sender, subject, date: block.fields.date ?? null },
    };
  }
  return null;
}

/** Apple Mail sets the whole original as a quote. */
function unquoted(text: string): string {
  const lines = text.trim().split('\n');
  const allQuoted = lines.every((line) => line.trim() === '' || line.startsWith('>'));
  return (allQuoted ? lines.map((line) => line.replace(/^> ?/, '')).join('\n') : text).trim();
}

/** The rule that Outlook draws above the small header. */
function withoutRule(lines: string[], at: number): number {
  let start = at;
  while (start > 0 && /^[\s_-]*$/.test(lines[start - 1]!)) start--;
  return start;
}

/** "Anna Larsen <anna@x.example>", "Anna [mailto:anna@x.example]", "anna@x.example". */
function senderOf({ from = '' }: Partial<Record<HeaderField, string>>): Mailbox | null {
  const address = /[^\s<>()[\]"',;:]+@[^\s<>()[\]"',;:]+/.exec(from.replace(/mailto:/gi, ''))?.[0];
  const name = from.split(/[<[(]/)[0]!.replace(/["*]/g, '').trim();
  return address ? toMailbox(name.includes('@') ? '' : name, address) : null;
}
