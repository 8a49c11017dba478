import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type AddressObject, type AttachmentCommon, type EmailAddress } from 'mailparser';
import { toMailbox } from './addresses.js';
import { attachmentName, decodeWords, plain, singleLine, utf8 } from './encoding.js';
import {
  DEFAULT_LIMITS,
  type Attachment,
  type MailHeaders,
  type MailLimits,
  type Mailbox,
  type ParsedMail,
  type ParseOutcome,
  type ParseRefusal,
} from './mail.js';
import { Refused, readMimeTree, type MimeTree } from './mime-tree.js';

/** The longest line of a header (RFC 5322 2.1.1): no title needs more. */
const SUBJECT_CHARACTERS = 998;
const REFERENCES = 100;

/**
 * Reads one raw mail. Never throws, and never spends more than its limits allow: size and header are checked before
 * anything is parsed, parts and depth as they are met, so a mail of 5,000 parts costs no more than one of 1,000.
 */
export async function parseMail(raw: Buffer, limits: MailLimits = DEFAULT_LIMITS): Promise<ParseOutcome> {
  const refuse = (code: ParseRefusal, reason: string): ParseOutcome => ({ ok: false, code, reason });
  const headersTooBig = () =>
    refuse('headers_too_big', `A header of the mail is over ${Math.round(limits.headerBytes / 1024)} kB.`);

  if (raw.length > limits.bytes) {
    return refuse('too_big', `The mail has ${megabytes(raw.length)} MB; the limit is ${megabytes(limits.bytes)} MB.`);
  }
  if (raw.toString('latin1', 0, 4096).trim() === '') return refuse('empty', 'The mail is empty.');
  const bodyStart = headerLength(raw);
  if (bodyStart > limits.headerBytes) return headersTooBig();
  try {
    const tree = await readMimeTree(withUnicodeHeader(raw, bodyStart), limits);
    if (!tree.text && !tree.html && tree.attachments.length === 0) tree.text = utf8(raw.subarray(bodyStart)).trim();
    const files = tree.attachments.length;
    return files > limits.attachments
      ? refuse('too_many_attachments', `The mail has ${files} files; the limit is ${limits.attachments}.`)
      : { ok: true, mail: toMail(tree, limits) };
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    if (error instanceof Refused) return refuse(error.code, message);
    if (code !== 'EMAXLEN') return refuse('unreadable', `The mail could not be read: ${message}.`);
    return message.includes('child nodes')
      ? refuse('too_many_parts', `The mail has more than ${limits.parts} parts.`)
      : headersTooBig();
  }
}

/**
 * What makes two deliveries one message: Message-ID and Date, or the content where either is missing. Where the key is
 * known, compare `contentHash` too: the same key with other content is not the same message.
 */
export function messageKey(mail: ParsedMail): string {
  const date = mail.headers.get('date');
  return mail.messageId && date ? sha256(mail.messageId, date) : mail.contentHash;
}

function toMail(tree: MimeTree, limits: MailLimits): ParsedMail {
  const headers = toHeaders(tree.lines);
  const mailboxes = (name: string) =>
    toMailboxes(tree.headers.get(name) as AddressObject | AddressObject[] | undefined);
  const wholeSubject = singleLine(tree.headers.get('subject') as string | undefined);
  const authors = mailboxes('from');
  const to = mailboxes('to');
  const cc = mailboxes('cc');
  const bodies = boundedBodies(tree, limits.bodyCharacters);
  const mail = {
    messageId: messageIds(headers.get('message-id'))[0] ?? null,
    date: toDate(headers.get('date')),
    subject: cut(wholeSubject, SUBJECT_CHARACTERS),
    fullSubject: wholeSubject.length > SUBJECT_CHARACTERS ? wholeSubject : null,
    from: authors[0] ?? null,
    severalAuthors: authors.length > 1 || headers.all('from').length > 1,
    sender: mailboxes('sender')[0] ?? null,
    replyTo: mailboxes('reply-to'),
    to: to.slice(0, limits.recipients),
    cc: cc.slice(0, Math.max(0, limits.recipients - to.length)),
    recipientsLeftOut: Math.max(0, to.length + cc.length - limits.recipients),
    references: references(headers),
    headers,
    text: bodies.text,
    html: bodies.html,
    attachments: [...tree.attachments.map(toAttachment), ...bodies.asFiles],
  };
  return { ...mail, contentHash: contentHash(mail) };
}

/** Author, subject and date count too: two people who write "thanks" from a device that makes no ids wrote two mails. */
function contentHash(mail: Omit<ParsedMail, 'contentHash'>): string {
  const files = mail.attachments.flatMap((file) => [file.filename, file.contentType, file.content]);
  return sha256(
    mail.from?.address ?? '',
    mail.fullSubject ?? mail.subject,
    mail.headers.get('date') ?? '',
    mail.text ?? '',
    mail.html ?? '',
    ...files,
  );
}

function sha256(...parts: (string | Buffer)[]): string {
  const hash = createHash('sha256');
  // The length before each part: "a" + "bc" must not be "ab" + "c".
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
}

function toHeaders(lines: MimeTree['lines']): MailHeaders {
  const fields = lines.map(({ key, line }) => {
    const value = utf8(Buffer.from(line.slice(line.indexOf(':') + 1), 'binary'));
    return [key, singleLine(value)] as const;
  });
  const all = (name: string) => fields.filter(([key]) => key === name).map(([, value]) => value);
  return { fields, all, get: (name) => all(name)[0], has: (name) => all(name).length > 0 };
}

function toMailboxes(value: AddressObject | AddressObject[] | undefined): Mailbox[] {
  const flat = (address: EmailAddress): EmailAddress[] => address.group?.flatMap(flat) ?? [address];
  return [value ?? []]
    .flat()
    .flatMap((list) => list.value.flatMap(flat))
    .map((address) => toMailbox(singleLine(address.name), singleLine(address.address)))
    .filter((found) => found !== null);
}

/** Nearest first: the mail it answers, then the thread upwards. */
function references(headers: MailHeaders): string[] {
  const thread = headers.all('references').flatMap(messageIds).reverse();
  return [...new Set([...headers.all('in-reply-to').flatMap(messageIds), ...thread])].slice(0, REFERENCES);
}

/** Ids in angle brackets; where there are none, bare words with an @ (some mailers leave the brackets out, or one of the two). */
function messageIds(value: string | undefined): string[] {
  if (!value) return [];
  const decoded = decodeWords(value);
  const bracketed = [...decoded.matchAll(/<([^<>]{1,998})>/g)].map((match) => match[1]!.replace(/\s+/g, ''));
  const ids = bracketed.length > 0 ? bracketed : decoded.split(/[\s,<>]+/).filter((word) => /.@./.test(word));
  return ids.filter((id) => id !== '').map((id) => cut(id, 998));
}

function toDate(value: string | undefined): Date | null {
  // Without a clock time it is no date of a mail, though JavaScript would read "0" as the year 2000.
  const date = new Date(value && /\d:\d/.test(value) ? value : Number.NaN);
  return date.getUTCFullYear() >= 1970 && date.getUTCFullYear() <= 2100 ? date : null;
}

function toAttachment(part: AttachmentCommon & { content: Buffer }): Attachment {
  return {
    filename: attachmentName(part),
    contentType: part.contentType.toLowerCase(),
    size: part.content.length,
    contentId: part.cid ? singleLine(part.cid) : null,
    inline: part.contentDisposition !== 'attachment' && Boolean(part.cid),
    content: part.content,
  };
}

/** A body over the limit is shown in part and kept whole as a file: nothing is lost, and no page or search index chokes. */
function boundedBodies(
  tree: MimeTree,
  limit: number,
): { text: string | null; html: string | null; asFiles: Attachment[] } {
  const asFiles: Attachment[] = [];
  const bounded = (body: string, filename: string, contentType: string) => {
    const clean = plain(body);
    if (clean.length <= limit) return clean.trim() === '' ? null : clean;
    const content = Buffer.from(clean);
    asFiles.push({ filename, contentType, size: content.length, contentId: null, inline: false, content });
    return cut(clean, limit);
  };
  return {
    text: bounded(tree.text, 'message.txt', 'text/plain'),
    html: bounded(tree.html, 'message.html', 'text/html'),
    asFiles,
  };
}

/** Cuts by characters without leaving half of one (a lone surrogate cannot be stored as UTF-8). */
function cut(value: string, characters: number): string {
  return value.length > characters ? value.slice(0, characters).replace(/[\uD800-\uDBFF]$/, '') : value;
}

/** Raw 8-bit headers that are no UTF-8 come from old Western mailers; mailparser would turn each such letter into U+FFFD. */
function withUnicodeHeader(raw: Buffer, bodyStart: number): Buffer {
  const header = raw.subarray(0, bodyStart);
  return isUtf8(header) ? raw : Buffer.concat([Buffer.from(utf8(header)), raw.subarray(bodyStart)]);
}

function headerLength(raw: Buffer): number {
  const ends = [raw.indexOf('\r\n\r\n'), raw.indexOf('\n\n')].filter((end) => end >= 0);
  return Math.min(raw.length, ...ends);
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1024 / 1024);
}
