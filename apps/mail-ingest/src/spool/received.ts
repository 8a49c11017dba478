import { createHash } from 'node:crypto';
import { type Language, type MailFile, type MailboxDto, type ReceiveMail, type Sender } from '@sportello/contracts';
import { textToHtml, type Delivery, type Mailbox } from '@sportello/mail';
import { isEmail } from 'class-validator';
import { fitHtml, fitText } from './fit.js';
import { type SpooledMail } from './spool.queries.js';

/** Who wrote it, and who forwarded it if somebody did. */
export interface Authors {
  requester: Sender;
  forwarder: Sender | null;
}

/**
 * A mail that went through its steps, as `tickets.mail.receive` takes it.
 * @param language in which it says that something was cut
 */
export function toReceived(
  mail: SpooledMail,
  { mail: parsed, key, tokens, forwarded, body, authentication, answerable }: Delivery,
  { requester, forwarder }: Authors,
  files: MailFile[],
  language: Language,
): ReceiveMail {
  return {
    mailKey: sha256(key),
    contentHash: parsed.contentHash,
    messageId: parsed.messageId && bounded(parsed.messageId),
    references: parsed.references.slice(0, 200).map(bounded),
    replyTokens: tokens.reply.slice(0, 100),
    numberTag: tokens.number,
    subject: cut(forwarded?.subject ?? parsed.fullSubject ?? parsed.subject, 4000),
    sentAt: (parsed.date ?? mail.received_at).toISOString(),
    sender: requester,
    to: mailboxes(parsed.to),
    cc: mailboxes(parsed.cc),
    body: {
      ...body,
      html: fitHtml(body.html, language),
      quotedHtml: fitHtml(body.quotedHtml, language),
      text: fitText(body.text, language),
    },
    files,
    answerable: answerable && !forwarded,
    authenticationFailed: authentication.failed,
    authentication: { ...authentication },
    rawHash: mail.raw_hash,
    forwarded: forwarded !== null,
    comment:
      forwarded && forwarder
        ? {
            html: fitHtml(textToHtml(forwarded.comment), language, () => forwarded.comment),
            text: fitText(forwarded.comment, language),
            author: forwarder,
          }
        : null,
    released: mail.released,
  };
}

/** Whether other services take it for an address: the rule of the contract's fields. */
export const isAddress = (text: string): boolean => text.length <= 320 && isEmail(text);

/** Text of at most so many units that does not end in half a character: PostgreSQL refuses that in JSON. */
export const cut = (text: string, length: number): string => text.slice(0, length).toWellFormed();

/** An index entry holds 2,704 bytes, and an id of 998 letters of another script has more: such a one is known by its hash. */
const bounded = (id: string): string => (Buffer.byteLength(id) <= 998 ? id : `sha256.${sha256(id)}`);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const mailboxes = (all: readonly Mailbox[]): MailboxDto[] =>
  all
    .filter(({ address }) => isAddress(address))
    .slice(0, 200)
    .map(({ name, address }) => ({ name: cut(name, 200), address }));
