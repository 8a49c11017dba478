import {
  type MailIdentity,
  type Language,
  type MailFile,
  type MintedLink,
  type PreparedMail,
  type PreparedSummary,
} from '@sportello/contracts';
import { escapeHtml, replyAddress, replySubject, textToHtml, viaWorkspace, type OutgoingMail } from '@sportello/mail';
import { frame } from '../template/frame.js';
import { summaryWords } from '../template/summary-words.js';
import { noticeWords, linkWords, stopWords, type Wording } from '../template/words.js';
import { attributionOf } from './attribution.js';
import { type OutboundMail } from './outbound.entity.js';

/** What a letter is written from. */
export interface LetterParts {
  mail: Pick<OutboundMail, 'purpose' | 'address' | 'name' | 'role' | 'userId' | 'workspaceId'>;
  prepared: PreparedMail;
  identity: MailIdentity;
  /** The rendered template of a mail that goes to a customer by itself. */
  wording: Wording | null;
  timeZone: string;
  /** `https://desk.example.com` */
  publicUrl: string;
  files: ReadonlyMap<string, Buffer>;
  /** Where whoever gets it by their own wish says that they no longer wish it. */
  stopUrl: string | null;
}

/** The mail of a message or of a change, as it is composed. Pure: the same parts make the same mail. */
export function letterOf(parts: LetterParts): OutgoingMail {
  const { mail, prepared, identity } = parts;
  const alone = [{ name: mail.name, address: mail.address }];
  const listed = mail.role === 'listed' && prepared.to.length > 0;
  const shared = {
    to: listed ? prepared.to : alone,
    cc: listed ? prepared.cc : [],
    replyTo: replyAddress({ token: prepared.replyToken, inboundAddress: identity.inboundAddress }),
    messageId: prepared.mailId,
    references: prepared.references,
    inReplyTo: prepared.references.at(-1) ?? null,
    date: new Date(prepared.date),
    workspaceId: mail.workspaceId,
    ...(parts.stopUrl && { stopUrl: parts.stopUrl }),
  };
  if (parts.wording) return { ...shared, ...automaticLetter(parts, parts.wording) };
  return mail.userId ? { ...shared, ...notice(parts) } : { ...shared, ...reply(parts) };
}

type Contents = Pick<OutgoingMail, 'from' | 'subject' | 'html' | 'text' | 'autoSubmitted' | 'quoted' | 'attachments'>;

/** What an agent wrote, as it stands: a letter from a person, without a frame. */
function reply({ prepared, identity, files, timeZone, stopUrl }: LetterParts): Contents {
  const subject = prepared.references.length
    ? replySubject(prepared.title, prepared.number)
    : `${prepared.title} [#${prepared.number}]`;
  return {
    from: viaWorkspace(prepared.authorName, identity.name, identity.replyAddress),
    subject,
    html: withInlineImages(prepared.html, prepared.files) + stopLine(stopUrl, prepared.language),
    attachments: prepared.files.map((file) => ({
      filename: file.name,
      contentType: file.contentType,
      content: files.get(file.id) as Buffer,
      ...(file.inline && { contentId: contentIdOf(file.id) }),
    })),
    ...(prepared.quoted && {
      quoted: {
        attribution: attributionOf(prepared.quoted, prepared.language, timeZone),
        html: withoutOwnImages(prepared.quoted.html),
      },
    }),
  };
}

/** A user's notification: what was written, who did it, and where an answer to this mail goes. */
function notice({ mail, prepared, identity, publicUrl, timeZone, stopUrl }: LetterParts): Contents {
  const words = noticeWords(mail.purpose, prepared);
  const { html, text } = frame({
    language: prepared.language,
    title: words.lead,
    preheader: words.lead,
    body: withoutOwnImages(prepared.html) + stopLine(stopUrl, prepared.language),
    button: { label: words.button, href: `${publicUrl}/${identity.slug}/i/${prepared.number}` },
    footer: words.footer,
  });
  return {
    from: viaWorkspace(prepared.authorName, identity.name, identity.replyAddress),
    subject: replySubject(prepared.title, prepared.number),
    html,
    text,
    autoSubmitted: 'auto-generated',
    ...(prepared.quoted && {
      quoted: {
        attribution: attributionOf(prepared.quoted, prepared.language, timeZone),
        html: withoutOwnImages(prepared.quoted.html),
      },
    }),
  };
}

/** A mail that the product writes to a customer by itself. The number stands in the subject whatever the template says. */
function automaticLetter({ mail, prepared, identity }: LetterParts, { subject, html, text }: Wording): Contents {
  const tag = `[#${prepared.number}]`;
  const { language } = prepared;
  const framed = frame({ language, title: '', preheader: text, body: html, text, button: null, footer: '' });
  return {
    from: { name: identity.name, address: identity.replyAddress },
    subject: subject.includes(tag) ? subject : `${subject} ${tag}`,
    ...framed,
    autoSubmitted: mail.purpose === 'acknowledgement' ? 'auto-replied' : 'auto-generated',
  };
}

/** One mail about all that a bulk change did: a line each, and for the team a way there. */
export function summaryLetterOf(
  {
    purpose,
    name,
    address,
    userId,
    workspaceId,
  }: Pick<OutboundMail, 'purpose' | 'name' | 'address' | 'userId' | 'workspaceId'>,
  summary: PreparedSummary,
  identity: MailIdentity,
  { messageId, publicUrl, date }: { messageId: string; publicUrl: string; date: Date },
): OutgoingMail {
  const { language } = summary;
  const words = summaryWords(purpose, summary, { name, workspace: identity.name });
  const lines = summary.items.map(({ number, title, statusName }) => {
    const line = `#${number} ${title}${purpose === 'status-changed' ? `: ${statusName}` : ''}`;
    const href = userId && `${publicUrl}/${identity.slug}/i/${number}`;
    return { text: href ? `${line}\n${href}` : line, html: href ? `<a href="${escapeHtml(href)}">${escapeHtml(line)}</a>` : escapeHtml(line) }; // prettier-ignore
  });
  if (words.more) lines.push({ text: words.more, html: escapeHtml(words.more) });
  const html = [
    textToHtml(words.before),
    `<ul>${lines.map((line) => `<li>${line.html}</li>`).join('')}</ul>`,
    textToHtml(words.after),
  ].join('');
  const text = [words.before, lines.map((line) => `- ${line.text}`).join('\n'), words.after]
    .filter(Boolean)
    .join('\n\n');
  return {
    from: { name: identity.name, address: identity.replyAddress },
    to: [{ name, address }],
    replyTo: identity.replyAddress,
    messageId,
    date,
    workspaceId,
    autoSubmitted: 'auto-generated',
    subject: words.subject,
    ...frame({ language, title: '', preheader: words.subject, body: html, text, button: null, footer: '' }),
  };
}

/** A mail that lets somebody in: invitation, new password, list of workspaces. Its ids are ours to give. */
export function linkLetterOf(
  { purpose, workspaceId }: Pick<OutboundMail, 'purpose' | 'workspaceId'>,
  link: MintedLink,
  identity: MailIdentity,
  { messageId, publicUrl, date }: { messageId: string; publicUrl: string; date: Date },
): OutgoingMail {
  const words = linkWords(purpose, link, publicUrl);
  return {
    from: { name: identity.name, address: identity.replyAddress },
    to: [{ name: link.toName, address: link.to }],
    replyTo: identity.replyAddress,
    messageId,
    date,
    workspaceId,
    autoSubmitted: 'auto-generated',
    subject: words.subject,
    ...frame({
      language: link.language,
      title: words.title,
      preheader: words.title,
      body: words.html,
      button: words.button,
      footer: words.footer,
    }),
  };
}

/** A small line at the end of the text. */
const stopLine = (url: string | null, language: Language): string =>
  url ? `<p style="font-size:12px"><a href="${escapeHtml(url)}">${stopWords[language]}</a></p>` : '';

const contentIdOf = (id: string): string => `${id}@sportello`;
const ownImage = /(\bsrc\s*=\s*["'])\/api\/v1\/files\/([0-9a-f-]{36})(["'])/gi;

/** Images of the message travel with the mail; one that is no file of it is left out. */
function withInlineImages(html: string, files: readonly MailFile[]): string {
  const inline = new Set(files.filter((file) => file.inline).map(({ id }) => id));
  return html.replace(ownImage, (_all, before: string, id: string, after: string) =>
    inline.has(id.toLowerCase()) ? `${before}cid:${contentIdOf(id.toLowerCase())}${after}` : `${before}${after}`,
  );
}

/** In a quote, and in a notification, images stay where they are: behind the sign-in. */
function withoutOwnImages(html: string): string {
  return html.replace(/<img\b[^>]*\bsrc\s*=\s*["']\/api\/v1\/files\/[^>]*>/gi, '');
}
