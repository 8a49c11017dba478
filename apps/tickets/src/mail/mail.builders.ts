import { createHash } from 'node:crypto';
import {
  prepareMail,
  receiveMail,
  type MailReceived,
  type PreparedMail,
  type PrepareMail,
  type ReceiveMail,
  type Sender,
} from '@sportello/contracts';
import { htmlToText, messageKey, parseMail, readTokens, splitText, textToHtml } from '@sportello/mail';
import { newId, type World } from '@sportello/testing';

/** A small mail as it comes over the wire; headers in place of its own, null for none. */
export function aRawMail(headers: Record<string, string | null> = {}, body = 'Hello\n'): string {
  const fields = {
    From: 'Emma Jones <emma@contoso.test>',
    To: 'support@rossi.test',
    Subject: 'Printer on floor 2',
    Date: 'Mon, 3 Nov 2025 14:00:00 +0000',
    'Message-ID': `<${newId()}@contoso.test>`,
    ...headers,
  };
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}\r\n`]));
  return `${lines.join('')}Content-Type: text/plain; charset=utf-8\r\n\r\n${body}`;
}

/** What mail-ingest and notifications ask of this service, for one workspace. */
export class MailDesk {
  readonly #senders = new Map<string, Sender>();

  constructor(
    private readonly world: World,
    readonly workspace: string,
  ) {}

  /** Somebody as identity would know them: a customer without organization unless said otherwise. */
  sender(email: string, given: Partial<Sender> = {}): Sender {
    const known = this.#senders.get(email) ?? {
      ...{ kind: 'customer' as const, id: newId(), name: email.split('@')[0] as string, email },
      ...{ organizationId: null, organizationName: null, defaultProjectId: null, defaultTeamId: null, language: null },
    };
    const sender = { ...known, ...given };
    this.#senders.set(email, sender);
    return sender;
  }

  /** The input of `receiveMail` for a raw mail. */
  async read(raw: string | Buffer, given: Partial<ReceiveMail> = {}): Promise<ReceiveMail> {
    const outcome = await parseMail(Buffer.from(raw));
    if (!outcome.ok) throw new Error(outcome.reason);
    const { mail } = outcome;
    const tokens = readTokens(mail, []);
    const split = splitText(mail.text ?? htmlToText(mail.html ?? ''));
    return {
      mailKey: createHash('sha256').update(messageKey(mail)).digest('hex'),
      contentHash: mail.contentHash,
      messageId: mail.messageId,
      references: mail.references,
      replyTokens: tokens.reply,
      numberTag: tokens.number,
      subject: mail.subject,
      sentAt: (mail.date ?? new Date()).toISOString(),
      sender: this.sender(mail.from?.address ?? ''),
      to: mail.to,
      cc: mail.cc,
      body: {
        ...{ html: textToHtml(split.visible), quotedHtml: textToHtml(split.quoted) },
        ...{ text: split.visible, remoteImages: 0 },
      },
      files: [],
      answerable: true,
      authenticationFailed: false,
      authentication: null,
      rawHash: createHash('sha256').update(raw).digest('hex'),
      ...given,
    };
  }

  /** Delivers a mail as mail-ingest does. */
  async receives(raw: string | Buffer, given: Partial<ReceiveMail> = {}): Promise<MailReceived> {
    return this.#as('mail-ingest').call(receiveMail, await this.read(raw, given));
  }

  /** Makes the mail that goes out for a message, as notifications does. */
  sends(given: Pick<PrepareMail, 'itemId' | 'recipient'> & Partial<PrepareMail>): Promise<PreparedMail> {
    const usual = { messageId: null, purpose: 'reply' as const, userId: null };
    return this.#as('notifications').call(prepareMail, { ...usual, ...given });
  }

  #as(service: 'mail-ingest' | 'notifications') {
    return this.world.as({ kind: 'service', service, workspace: this.workspace, onBehalfOf: null });
  }
}
