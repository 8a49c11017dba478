import { toMailbox } from './addresses.js';
import { plain, singleLine } from './encoding.js';
import { type ParsedMail } from './mail.js';

/** What became of one recipient of a mail of ours. */
export interface BouncedRecipient {
  /** '' where the report names nobody. */
  address: string;
  /** Enhanced status code (RFC 3463) such as 5.1.1; null where the report has none. */
  status: string | null;
  action: 'failed' | 'delayed' | 'delivered';
  /** True: writing there again will fail again. A full mailbox, a deferral and a refusal for spam are no such thing. */
  hard: boolean;
  /** What the other system said, at most 500 characters. */
  diagnostic: string;
}

/** A delivery report, read. */
export interface Bounce {
  recipients: BouncedRecipient[];
  /** Message-ID of the mail that came back, without angle brackets; null if the report does not say. */
  originalMessageId: string | null;
  /** Addresses in the To field of the mail that came back. */
  originalRecipients: string[];
}

/** The fields of one block of a delivery report, by name in lower case. */
type Fields = Map<string, string>;

/** Reads a bounce: RFC 3464 where the system speaks it, else what qmail, Exim, Postfix, Exchange and others write in words. */
export function readBounce(mail: ParsedMail): Bounce {
  const { message, original } = splitOriginal(mail);
  const reported = deliveryReports(mail).map(fromReport);
  const recipients = reported.length > 0 ? reported : fromWords(mail, message, original);
  return {
    recipients,
    originalMessageId: messageIdOf(original) ?? messageIdInWords(message),
    originalRecipients: addressesIn(original.get('to') ?? ''),
  };
}

/** The per-recipient blocks of a mail's machine-readable report; empty if it has none. */
export function deliveryReports(mail: ParsedMail): Fields[] {
  return mail.attachments
    .filter((file) => file.contentType === 'message/delivery-status')
    .flatMap((file) => decoded(file.content).split(/\n[ \t]*\n/))
    .map(readFields)
    .filter((fields) => fields.has('final-recipient') || fields.has('original-recipient') || fields.has('action'));
}

function fromReport(fields: Fields): BouncedRecipient {
  const diagnostic = (fields.get('diagnostic-code') ?? '').replace(/^[\w-]+\s*;\s*/, '');
  // The address we wrote to, not the one it was rewritten to on the way.
  const named = [fields.get('original-recipient'), fields.get('final-recipient'), fields.get('x-actual-recipient')];
  const address = named.flatMap((value) => addressesIn(value ?? ''))[0] ?? '';
  const action = (fields.get('action') ?? 'failed').toLowerCase();
  const status = preciseStatus(enhancedCode(fields.get('status') ?? ''), diagnostic);
  if (/^(delivered|relayed|expanded)/.test(action)) return recipient(address, status, 'delivered', diagnostic);
  return recipient(address, status, action.startsWith('delayed') ? 'delayed' : 'failed', diagnostic);
}

/** "5.0.0" says only that it failed; the other system's own words often hold the real code. */
function preciseStatus(status: string | null, diagnostic: string): string | null {
  const said = enhancedCode(diagnostic);
  return status === null || (/^[45]\.0\.0$/.test(status) && said?.[0] === status[0]) ? (said ?? status) : status;
}

function fromWords(mail: ParsedMail, message: string, original: Fields): BouncedRecipient[] {
  const status = enhancedCode(message) ?? statusOfWords(`${mail.subject}\n${message}`);
  const delayed = /\b(delayed|will (be retried|retry)|not yet been delivered|warning: could not send)\b/i.test(
    `${mail.subject}\n${message}`,
  );
  const sender = mail.to.map(({ address }) => address.toLowerCase());
  const candidates = [
    addressesIn(mail.headers.all('x-failed-recipients').join(', ')),
    // qmail, Postfix, sendmail: the address in brackets at the start of a line.
    [...message.matchAll(/^\W{0,8}<([^<>\s]+@[^<>\s]+)>/gm)].flatMap((match) => addressesIn(match[1]!)),
    // Exim, Exchange, Domino, Gmail: the address alone, or first, on its line.
    [...message.matchAll(/^\s*([^\s<>@:;"(]+@[^\s<>@:;"()]+\.[^\s<>@:;"()]+)(?:[\s:]|$)/gm)].flatMap((match) =>
      addressesIn(match[1]!),
    ),
    [...message.matchAll(/(?:RCPT TO:|to:?|--) <?([^\s<>]+@[^\s<>]+)/gi)].flatMap((match) => addressesIn(match[1]!)),
    addressesIn(original.get('to') ?? ''),
  ].map((list) => list.filter((address) => !sender.includes(address.toLowerCase())));
  const addresses = candidates.find((list) => list.length > 0) ?? [''];
  const diagnostic = diagnosticOf(message) || mail.subject;
  return [...new Set(addresses)].map((address) =>
    recipient(address, status, delayed ? 'delayed' : 'failed', diagnostic),
  );
}

/**
 * Hard: writing there again will fail again. That is what the other side calls permanent (5.x.x), unless the reason lies
 * in the moment or the mail: 5.2.2 a full mailbox, 5.3.4 too big, 5.4.x the way there, 5.6.x content, 5.7.x policy.
 * Codes are used loosely (5.0.0 for everything, 5.1.1 for spam), so the words decide where they are clear.
 */
function recipient(
  address: string,
  status: string | null,
  action: BouncedRecipient['action'],
  words: string,
): BouncedRecipient {
  const aboutTheMail =
    /^5\.(2\.[23]|3\.[134]|4\.|6\.|7\.)/.test(status ?? '') || FULL.test(words) || UNWELCOME.test(words);
  const permanent = status?.startsWith('5') ?? false;
  const hard =
    action === 'failed' && !status?.startsWith('4') && (NO_SUCH_ADDRESS.test(words) || (permanent && !aboutTheMail));
  return { address, status, action, hard, diagnostic: singleLine(words).slice(0, 500) };
}

const NO_SUCH_ADDRESS = new RegExp(
  [
    'user unknown|unknown user|unknown (recipient|address|e-?mail|local)|no such (user|person|recipient)|no mailbox here',
    '(mailbox|user|address|recipient)[^\\n]{0,60}(not found|does not exist|doesn.t (exist|have)|not listed|not recognized|is disabled)',
    'invalid (user|recipient|address)|no longer (on server|exists|valid)|possibly incorrect',
    'recipient address rejected: access denied', // Exchange Online for an address it does not know
    'host or domain name not found|domain (not found|does not exist)',
  ].join('|'),
  'i',
);
const FULL =
  /mailbox (is |size )?(full|limit|exceed)|over ?quota|quota exceed|exceeded (the|its|his|local|storage)[^.\n]{0,20}(limit|quota)|not enough disk/i;
const UNWELCOME =
  /sender (address )?rejected|spam|block ?list|black ?list|blocked|banned|frequency|network not allowed|smtp authentication/i;

function statusOfWords(message: string): string | null {
  if (FULL.test(message)) return '5.2.2';
  if (NO_SUCH_ADDRESS.test(message)) return '5.1.1';
  const reply = /(?:^|[\s:>[(])([45])\d\d[\s-]/m.exec(message)?.[1];
  return reply ? `${reply}.0.0` : null;
}

function enhancedCode(text: string): string | null {
  return /(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)/.exec(text)?.[1] ?? null;
}

/** The line that says why: the one with a reply code, else the one that names the trouble. */
function diagnosticOf(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  return (
    lines.find((line) => /(?:^|[\s:>[(])[45]\d\d[\s-]/.test(line) || enhancedCode(line)) ??
    lines.find((line) => NO_SUCH_ADDRESS.test(line) || FULL.test(line)) ??
    lines.find((line) => /fail|error|refus|reject|exceed|not be delivered|undeliver/i.test(line)) ??
    lines.find((line) => line !== '') ??
    ''
  );
}

/** The report's own words, and the header of the mail that it returns: attached, or below in the text. */
function splitOriginal(mail: ParsedMail): { message: string; original: Fields } {
  const text = mail.text ?? mail.html?.replace(/<[^>]+>/g, ' ') ?? '';
  const attached = mail.attachments.find(
    (file) => /^(message\/(rfc822|partial)|text\/rfc822-headers)/.test(file.contentType) && file.size > 0,
  );
  if (attached) return { message: text, original: readFields(decoded(attached.content)) };
  const headersFile = mail.attachments.find((file) => /^received:/im.test(file.content.toString('latin1', 0, 200)));
  if (headersFile) return { message: text, original: readFields(decoded(headersFile.content)) };
  const start = text.search(
    /^[ \t>|]*(return-path|received|x-\S+|from|date|message-id|dkim-signature|mime-version):[^\n]*\n(?:[ \t>|]*(?:[\w-]+:|[ \t])[^\n]*\n){2}/im,
  );
  if (start < 0) return { message: text, original: new Map() };
  return { message: text.slice(0, start), original: readFields(text.slice(start)) };
}

/** Field lines up to the first blank one, unfolded; the first of a name wins. */
function readFields(block: string): Fields {
  const header = block.replace(/^\s+/, '').split(/\n[ \t]*\n/)[0]!;
  const fields: Fields = new Map();
  for (const line of header.replace(/\n[ \t]+/g, ' ').split('\n')) {
    const [, name, value] = /^[ \t>|]*([\w-]+)[ \t]*:(.*)$/.exec(line) ?? [];
    if (name && !fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), value!.trim());
  }
  return fields;
}

function messageIdOf(original: Fields): string | null {
  return /<?([^<>\s]+@[^<>\s]+)>?/.exec(original.get('message-id') ?? '')?.[1] ?? null;
}

function messageIdInWords(message: string): string | null {
  return /message-?id:?\s*<([^<>\s]+@[^<>\s]+)>/i.exec(message)?.[1] ?? null;
}

function addressesIn(text: string): string[] {
  return [...text.matchAll(/[^\s<>()[\]"',;:]+@[^\s<>()[\]"',;:]+/g)]
    .map((match) => toMailbox('', match[0].replace(/[.>]+$/, ''))?.address)
    .filter((address) => address !== undefined);
}

function decoded(content: Buffer): string {
  return plain(content.toString());
}
