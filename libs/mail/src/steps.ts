import { sameAddress } from './addresses.js';
import { type AuthenticationSummary } from './authentication.js';
import { classify, type Classification, type OwnMarks } from './automatic.js';
import { readBounce, type Bounce } from './bounce.js';
import { cleanHtml } from './clean.js';
import { readConfirmation, type ForwardingConfirmation } from './confirmation.js';
import { readForwarded, type Forwarded } from './forwarded.js';
import {
  type Attachment,
  type Envelope,
  type MailLimits,
  type Mailbox,
  type ParsedMail,
  type ParseOutcome,
  type Reason,
} from './mail.js';
import { messageKey, parseMail } from './parse.js';
import { splitHtml, splitText } from './quote.js';
import { htmlToText, textToHtml } from './text.js';
import { readTokens, splitTag, type FoundTokens } from './tokens.js';

/** What has to be looked up elsewhere, given by whoever runs the steps. Each is asked once, and only if a mail gets that far. */
export interface MailFacts {
  authentication(mail: ParsedMail): Promise<AuthenticationSummary>;
  /** Null: no such workspace, or none that takes mail. `ownAddresses`: inbound and forwarded ones, without tags. */
  workspace(): Promise<{ ownAddresses: string[] } | null>;
  sender(address: string): Promise<SenderFacts>;
  /** Where the page will find an inline image once it is stored. */
  fileUrl(file: Attachment): string;
}

/** Who an address belongs to in the workspace. */
export interface SenderFacts {
  kind: 'user' | 'customer' | 'unknown';
  id: string | null;
  organizationId: string | null;
}

/** One raw mail for one workspace. */
export interface MailInput {
  raw: Buffer;
  envelope: Envelope;
  limits: MailLimits;
  own: OwnMarks;
  facts: MailFacts;
}

/** What the page shows: own words and, folded, what they quote. Clean HTML; `text` is for search and previews. */
export interface MessageBody {
  html: string;
  quotedHtml: string;
  text: string;
  remoteImages: number;
}

/** A person's mail, ready for the operation that decides where it belongs and stores it. */
export interface Delivery {
  mail: ParsedMail;
  key: string;
  tokens: FoundTokens;
  sender: Mailbox & SenderFacts;
  authentication: AuthenticationSummary;
  /** Whether an acknowledgement may go out. */
  answerable: boolean;
  /** Set if a user forwarded somebody's mail: that person becomes the requester. */
  forwarded: Forwarded | null;
  body: MessageBody;
}

/** Where a mail's way ended. */
export type MailOutcome =
  | { outcome: 'deliver'; delivery: Delivery }
  | { outcome: 'nothing'; reason: Reason }
  | { outcome: 'quarantine'; reason: Reason }
  | { outcome: 'bounce'; reason: Reason; bounce: Bounce; tokens: FoundTokens }
  | { outcome: 'confirmation'; reason: Reason; confirmation: ForwardingConfirmation };

/** Filled step by step: each field is written by the step named in its comment and read by later ones only. */
interface MailState extends MailInput {
  parsed: ParseOutcome; // parse
  mail: ParsedMail; // limits
  classification: Classification; // own-loop
  authentication: AuthenticationSummary; // authentication
  ownAddresses: string[]; // workspace
  sender: Mailbox & SenderFacts; // sender
  forwarded: Forwarded | null; // forwarded
  split: { visible: string; quoted: string }; // trim quote: HTML that is not clean yet
  body: MessageBody; // clean HTML
}

/** A step adds to the state, or ends the mail's way. */
interface Step {
  name: string;
  run(state: MailState): Promise<Partial<MailState> | MailOutcome> | Partial<MailState> | MailOutcome;
}

/** What happens to a mail, from top to bottom. */
export const STEPS: readonly Step[] = [
  { name: 'parse', run: async ({ raw, limits }) => ({ parsed: await parseMail(raw, limits) }) },
  { name: 'limits', run: ({ parsed }) => (parsed.ok ? { mail: parsed.mail } : quarantine(parsed.code, parsed.reason)) },
  { name: 'own-loop', run: ownLoop },
  { name: 'bounce', run: bounce },
  { name: 'auto-reply', run: autoReply },
  { name: 'authentication', run: async ({ facts, mail }) => ({ authentication: await facts.authentication(mail) }) },
  { name: 'workspace', run: workspace },
  { name: 'sender', run: sender },
  { name: 'forwarded', run: forwarded },
  { name: 'trim quote', run: trimQuote },
  { name: 'clean HTML', run: cleanBody },
  { name: 'deliver', run: deliver },
];

/** Takes a mail through the steps to its outcome. */
export async function runSteps(input: MailInput): Promise<MailOutcome & { step: string }> {
  let state = input as MailState;
  for (const step of STEPS) {
    const result = await step.run(state);
    if ('outcome' in result) return { ...result, step: step.name };
    state = { ...state, ...result };
  }
  throw new Error('The last step ends every way.');
}

function ownLoop({ mail, envelope, own }: MailState) {
  const classification = classify(mail, envelope, own);
  return classification.kind === 'own-loop' ? nothing('own_mail', classification.reason) : { classification };
}

function bounce({ mail, envelope, classification }: MailState): MailOutcome | Partial<MailState> {
  if (classification.kind !== 'bounce') return {};
  const reason = { code: 'bounce', text: classification.reason };
  return { outcome: 'bounce', reason, bounce: readBounce(mail), tokens: readTokens(mail, envelope.to) };
}

/** A provider's question about forwarding is a machine's too, but one that somebody here waits for. */
function autoReply({ mail, classification }: MailState): MailOutcome | Partial<MailState> {
  const confirmation = readConfirmation(mail);
  if (confirmation) {
    const reason = {
      code: 'forwarding_confirmation',
      text: 'A mail provider asks whether mail may be forwarded here.',
    };
    return { outcome: 'confirmation', reason, confirmation };
  }
  if (classification.kind === 'auto-reply') return nothing('auto_reply', classification.reason);
  if (classification.kind === 'report') return nothing('report', classification.reason);
  return {};
}

async function workspace({ facts }: MailState) {
  const found = await facts.workspace();
  return found ?? quarantine('no_workspace', 'No workspace takes mail at this address.');
}

/**
 * The author, or whom the author names for answers where the mail comes from an address of our own: that is how a web
 * form writes. Our own address writing on its own behalf is a copy of our mail.
 */
async function sender({ mail, envelope, ownAddresses, facts }: MailState): Promise<MailOutcome | Partial<MailState>> {
  const isOwn = ({ address }: Mailbox) => ownAddresses.some((own) => sameAddress(own, address));
  const author = mail.from ?? mail.sender ?? (envelope.from ? { name: '', address: envelope.from } : null);
  if (!author) return quarantine('no_sender', 'The mail names no sender that could be answered.');
  const person = isOwn(author) ? mail.replyTo.find((mailbox) => !isOwn(mailbox)) : author;
  if (!person) return nothing('own_mail', `It comes from the workspace's own address ${author.address}.`);
  return { sender: { ...person, ...(await facts.sender(person.address)) } };
}

/**
 * Only a user's forward speaks for somebody else: a customer who forwards a mail asks about it. And what we wrote, to a reply address or not, makes
 * nobody but the user who passes it on the requester.
 */
async function forwarded({ sender, mail, ownAddresses }: MailState): Promise<Partial<MailState>> {
  const found = sender.kind === 'user' ? await readForwarded(mail) : null;
  const author = found && splitTag(found.from.address).address;
  const isOwn = author !== null && ownAddresses.some((own) => sameAddress(own, author));
  return { forwarded: isOwn ? null : found };
}

function trimQuote({ mail, forwarded }: MailState): Partial<MailState> {
  const { html, text } = forwarded ?? mail;
  if (html !== null) return { split: splitHtml(html) };
  const { visible, quoted } = splitText(text ?? '');
  return { split: { visible: textToHtml(visible), quoted: textToHtml(quoted) } };
}

function cleanBody({ mail, forwarded, facts, split }: MailState): Partial<MailState> {
  const files = [...mail.attachments, ...(forwarded?.attachments ?? [])].filter(({ contentId }) => contentId !== null);
  const inline = new Map(files.map((file) => [file.contentId!, facts.fileUrl(file)]));
  const visible = cleanHtml(split.visible, { inline });
  const quoted = cleanHtml(split.quoted, { inline });
  const remoteImages = visible.remoteImages + quoted.remoteImages;
  return { body: { html: visible.html, quotedHtml: quoted.html, text: htmlToText(visible.html), remoteImages } };
}

function deliver({ mail, envelope, sender, authentication, classification, forwarded, body }: MailState): MailOutcome {
  const { answerable } = classification;
  const tokens = readTokens(mail, envelope.to);
  return {
    outcome: 'deliver',
    delivery: { mail, key: messageKey(mail), tokens, sender, authentication, answerable, forwarded, body },
  };
}

function nothing(code: string, text: string): MailOutcome {
  return { outcome: 'nothing', reason: { code, text } };
}

function quarantine(code: string, text: string): MailOutcome {
  return { outcome: 'quarantine', reason: { code, text } };
}
