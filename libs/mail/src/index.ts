/**
 * Mail without a database or a network: reading, judging, trimming, cleaning, composing.
 * What happens to a mail, in order: `steps.ts`. Where it ends up: `verdict.ts`.
 */
import { type AuthenticationSummary } from './authentication.js';
import { type Mailbox, type ParsedMail } from './mail.js';

export * from './mail.js';
export { messageKey, parseMail } from './parse.js';
export { domainOf, isPublicDomain, normaliseAddress, sameAddress } from './addresses.js';
export { classify, type Classification, type MailKind, type OwnMarks } from './automatic.js';
export { readBounce, type Bounce, type BouncedRecipient } from './bounce.js';
export { safeFilename } from './encoding.js';
export * from './subject.js';
export * from './tokens.js';
export { type AuthenticationSummary };

// ---- signatures; implementations follow file by file ----

// forwarded.ts
export interface Forwarded {
  from: Mailbox;
  subject: string;
  date: string | null;
  text: string | null;
  html: string | null;
  /** What the forwarding user wrote above. */
  comment: string;
}
export declare function readForwarded(mail: ParsedMail): Promise<Forwarded | null>;

// confirmation.ts
export interface ForwardingConfirmation {
  provider: 'gmail' | 'fastmail' | 'zoho' | 'outlook' | 'yahoo';
  code: string | null;
  link: string | null;
  forwardedAddress: string | null;
}
export declare function readConfirmation(mail: ParsedMail): ForwardingConfirmation | null;

// quote.ts
export interface SplitBody {
  visible: string;
  /** What the reply quotes; '' if nothing is folded. */
  quoted: string;
}
export declare function splitHtml(html: string): SplitBody;
export declare function splitText(text: string): SplitBody;

// clean.ts, text.ts
export interface CleanHtml {
  html: string;
  /** Images that wait for a click: their address is in `data-remote-src`. */
  remoteImages: number;
}
export declare function cleanHtml(html: string, options: { inline: Map<string, string> }): CleanHtml;
export declare function textToHtml(text: string): string;
export declare function htmlToText(html: string): string;

// authentication.ts
export declare function summariseAuthentication(
  result: unknown, // mailauth's AuthenticateResult
  options: { confirmedForwarder: boolean },
): AuthenticationSummary;

// verdict.ts
export * from './verdict.js';
import { type Verdict, type VerdictFacts } from './verdict.js';
export declare function decide(facts: VerdictFacts): Verdict;

// compose.ts
export interface OutgoingMail {
  from: Mailbox;
  to: Mailbox[];
  cc?: Mailbox[];
  replyTo: string;
  subject: string;
  /** Without angle brackets. */
  messageId: string;
  inReplyTo?: string | null;
  references?: string[];
  date: Date;
  workspaceId: string;
  /** Sent by no person's hand: an acknowledgement, a notification. */
  autoSubmitted?: 'auto-replied' | 'auto-generated';
  html: string;
  text?: string;
  /** The message answered, shown below as a quote. */
  quoted?: { attribution: string; html: string };
  attachments?: { filename: string; contentType: string; content: Buffer; contentId?: string }[];
}
export declare function composeMail(mail: OutgoingMail): Promise<Buffer>;
/** "Anna Larsen via Acme <support@acme.example>" */
export declare function viaWorkspace(person: string, workspace: string, address: string): Mailbox;
