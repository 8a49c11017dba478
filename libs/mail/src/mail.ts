/** A name and an address of a From, To, Cc … field. `address` is trimmed, its domain in lower case; never empty. */
export interface Mailbox {
  name: string;
  address: string;
}

/**
 * What the transport said about a mail, which its headers cannot be trusted for.
 * `from`: MAIL FROM; null for the empty return path `<>`; undefined where no transport told (a file, IMAP without Return-Path).
 * `to`: the RCPT TO addresses that led here.
 */
export interface Envelope {
  from: string | null | undefined;
  to: string[];
}

/** Bounds of one mail. Whatever is over them is refused with a reason, except `recipients` and `bodyCharacters`, which are cut and said so. */
export interface MailLimits {
  bytes: number;
  headerBytes: number;
  parts: number;
  depth: number;
  attachments: number;
  recipients: number;
  bodyCharacters: number;
}

/**
 * 50 MB is twice what Gmail and Outlook let through, 512 kB of header is 20,000 recipients; the rest is some ten times
 * what a person's mail ever holds. The worst mail within these limits takes two seconds to read.
 */
export const DEFAULT_LIMITS: MailLimits = {
  bytes: 50 * 1024 * 1024,
  headerBytes: 512 * 1024,
  parts: 1000,
  depth: 50,
  attachments: 250,
  recipients: 1000,
  bodyCharacters: 1_000_000,
};

/** A file of a mail. `filename` is safe to show and to store; `contentId` has no angle brackets; `inline` is shown within the HTML. */
export interface Attachment {
  filename: string;
  contentType: string;
  size: number;
  contentId: string | null;
  inline: boolean;
  content: Buffer;
}

/** The raw header fields in their order. Names are given in lower case; values are unfolded and decoded from UTF-8. */
export interface MailHeaders {
  /** The first field of that name, or undefined. */
  get(name: string): string | undefined;
  all(name: string): string[];
  has(name: string): boolean;
  /** Name and value of every field. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** One mail, read. No string holds NUL or other control characters than line breaks and tabs. */
export interface ParsedMail {
  /** Without angle brackets; null if the mail has none. */
  messageId: string | null;
  /** Null if absent, unreadable or outside 1970 to 2100. */
  date: Date | null;
  /** Decoded, on one line, at most 998 characters. */
  subject: string;
  /** The whole subject where `subject` had to be cut, else null. */
  fullSubject: string | null;
  /** Null where no address can be made out. */
  from: Mailbox | null;
  /** More than one author: nobody can be held to have signed it (authentication counts that as failed). */
  severalAuthors: boolean;
  sender: Mailbox | null;
  replyTo: Mailbox[];
  to: Mailbox[];
  cc: Mailbox[];
  /** Recipients beyond the limit that `to` and `cc` leave out. */
  recipientsLeftOut: number;
  /** Ids of In-Reply-To and References without angle brackets, nearest first, unique, at most 100. */
  references: string[];
  headers: MailHeaders;
  text: string | null;
  html: string | null;
  attachments: Attachment[];
  /** SHA-256 (hex) over author, subject, date, decoded bodies and files: what makes two mails the same without an id. */
  contentHash: string;
}

/** A plain fact about why something happened: a stable code, and a sentence for a person. */
export interface Reason {
  code: string;
  text: string;
}

export type ParseRefusal =
  'too_big' | 'too_many_parts' | 'too_deep' | 'headers_too_big' | 'too_many_attachments' | 'empty' | 'unreadable';

/** A mail, or why it is none of which anything can be made; `reason` is a sentence for the quarantine page. */
export type ParseOutcome = { ok: true; mail: ParsedMail } | { ok: false; code: ParseRefusal; reason: string };
