import { createHash } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer';
import { singleLine, safeFilename } from './encoding.js';
import { type Mailbox } from './mail.js';
import { escapeHtml, htmlToText } from './text.js';
import { WORKSPACE_HEADER } from './tokens.js';

/** A mail that we send. Ids have no angle brackets; HTML is taken as it is, so it must have been cleaned. */
export interface OutgoingMail {
  from: Mailbox;
  to: Mailbox[];
  cc?: Mailbox[];
  /** Where answers go, with its token. */
  replyTo: string;
  subject: string;
  messageId: string;
  inReplyTo?: string | null;
  /** Oldest first, as the header has them. */
  references?: string[];
  date: Date;
  workspaceId: string;
  /** Set where no person wrote it: `auto-replied` answers a mail (an acknowledgement), `auto-generated` does not. */
  autoSubmitted?: 'auto-replied' | 'auto-generated';
  /** Where a mail program may stop such mails by itself, by POST (RFC 8058). */
  stopUrl?: string;
  html: string;
  /** Left out, it is made from the HTML. */
  text?: string;
  /** The message that is answered, shown below as a quote under a line such as "On 3 November 2025, Anna wrote:". */
  quoted?: { attribution: string; html: string };
  /** A file with a content id is shown where the HTML has `cid:`. */
  attachments?: { filename: string; contentType: string; content: Buffer; contentId?: string }[];
}

/** Header lines get unreadable to some servers beyond this, and twenty ids thread as well as two hundred. */
const REFERENCES = 20;

/**
 * Builds the raw mail, ready for DATA. The same input makes the same bytes, so a mail sent again after a crash is the
 * same mail. Throws RangeError for an address or an id that is none; nothing in a field can begin another header.
 */
export async function composeMail(mail: OutgoingMail): Promise<Buffer> {
  const composer = new MailComposer({
    from: checked(mail.from),
    to: mail.to.map(checked),
    cc: (mail.cc ?? []).map(checked),
    replyTo: checked({ name: '', address: mail.replyTo }),
    subject: singleLine(mail.subject),
    messageId: inBrackets(mail.messageId),
    ...(mail.inReplyTo && { inReplyTo: inBrackets(mail.inReplyTo) }),
    references: shortened(mail.references ?? []).map(inBrackets),
    date: mail.date,
    headers: {
      [WORKSPACE_HEADER]: singleLine(mail.workspaceId),
      // RFC 3834, and what Exchange asks for: neither their vacation program nor another desk should answer.
      ...(mail.autoSubmitted && { 'Auto-Submitted': mail.autoSubmitted, 'X-Auto-Response-Suppress': 'All' }),
      ...(mail.stopUrl && {
        'List-Unsubscribe': `<${singleLine(mail.stopUrl)}>`,
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      }),
    },
    text: textBody(mail),
    html: htmlBody(mail),
    textEncoding: 'quoted-printable',
    attachments: (mail.attachments ?? []).map(({ filename, contentType, content, contentId }) => ({
      filename: safeFilename(filename) || 'attachment',
      contentType: /^[\w.+-]+\/[\w.+-]+$/.test(contentType) ? contentType : 'application/octet-stream',
      content,
      ...(contentId && { cid: singleLine(contentId).replace(/[<>\s]/g, ''), contentDisposition: 'inline' as const }),
    })),
    baseBoundary: createHash('sha256').update(mail.messageId).digest('hex').slice(0, 24),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}

/** The sender of an agent's answer: "Anna Larsen via Acme" at the workspace's address. */
export function viaWorkspace(person: string, workspace: string, address: string): Mailbox {
  return { name: [person, workspace].map(singleLine).filter(Boolean).join(' via '), address };
}

/** Marked as Gmail marks its quotes, which every mail program knows how to fold. */
function htmlBody({ html, quoted }: OutgoingMail): string {
  if (!quoted) return html;
  return `${html}
<div class="gmail_quote"><div class="gmail_attr">${escapeHtml(singleLine(quoted.attribution))}<br></div>
<blockquote class="gmail_quote" type="cite" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">${quoted.html}</blockquote></div>`;
}

function textBody({ html, text, quoted }: OutgoingMail): string {
  const own = text ?? htmlToText(html);
  if (!quoted) return own;
  const lines = htmlToText(quoted.html).split('\n');
  return [own, '', singleLine(quoted.attribution), ...lines.map((line) => `> ${line}`.trimEnd())].join('\n');
}

/** The first id is the root of the thread and the last ones are the nearest: these are what programs thread by. */
function shortened(ids: string[]): string[] {
  return ids.length <= REFERENCES ? ids : [ids[0]!, ...ids.slice(1 - REFERENCES)];
}

function inBrackets(id: string): string {
  // eslint-disable-next-line no-control-regex
  if (!/^[^\s<>\x00-\x1F\x7F]+$/.test(id)) throw new RangeError(`"${singleLine(id)}" is no Message-ID.`);
  return `<${id}>`;
}

function checked({ name, address }: Mailbox): Mailbox {
  // eslint-disable-next-line no-control-regex
  if (!/^[^\s<>,;:()"\x00-\x1F\x7F]+@[^\s<>,;:()"@\x00-\x1F\x7F]+$/.test(address)) {
    throw new RangeError(`"${singleLine(address)}" is no mail address.`);
  }
  return { name: singleLine(name), address };
}
