import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { type Options as PoolOptions } from 'nodemailer/lib/smtp-pool';

/** The SMTP envelope: bounces go to `from`. */
export interface Envelope {
  from: string;
  to: string;
}

/** How a try to send went. */
export type Outcome = { kind: 'sent' } | { kind: 'later' | 'never'; detail: string };

/** Where finished mails go. */
export interface Carrier {
  /** Hands a raw mail over. Tells of every failure by its answer, never by an exception. */
  carry(id: string, envelope: Envelope, raw: Buffer): Promise<Outcome>;
  close(): void;
}

/**
 * The carrier that the settings ask for.
 * @throws Error when they ask for none: a desk whose answers go nowhere must not look healthy
 */
export function openCarrier(settings: { SMTP_URL?: string; DEV_MAILBOX_DIR?: string }): Carrier {
  if (settings.SMTP_URL) return new SmtpCarrier(settings.SMTP_URL);
  if (settings.DEV_MAILBOX_DIR) return new FolderCarrier(settings.DEV_MAILBOX_DIR);
  throw new Error('SMTP_URL is not set, so no mail could leave. Give a relay: SMTP_URL=smtp://user:password@relay:587');
}

/** By SMTP, over connections that are kept. */
class SmtpCarrier implements Carrier {
  readonly #transport;

  constructor(url: string) {
    // The worker's lease is five minutes; all of these together must end before it does.
    const waits = { connectionTimeout: 30_000, greetingTimeout: 20_000, socketTimeout: 60_000, dnsTimeout: 10_000 };
    this.#transport = createTransport({
      ...waits,
      url,
      pool: true,
      maxConnections: 4,
      disableFileAccess: true,
      disableUrlAccess: true,
    } as PoolOptions);
  }

  async carry(_id: string, { from, to }: Envelope, raw: Buffer): Promise<Outcome> {
    try {
      await this.#transport.sendMail({ envelope: { from, to: [to] }, raw });
      return { kind: 'sent' };
    } catch (error) {
      return outcomeOf(error as SmtpError);
    }
  }

  close(): void {
    this.#transport.close();
  }
}

interface SmtpError extends Error {
  code?: string;
  response?: string;
  responseCode?: number;
}

/**
 * Only a 5xx about this recipient or this mail is final. A refusal to talk to us at all (greeting, TLS, password) is ours to mend, and
 * the mail waits for it.
 */
export function outcomeOf({ code, message, response, responseCode }: SmtpError): Outcome {
  const detail = (response ?? message).replace(/\s+/g, ' ').trim();
  const aboutThisMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  return { kind: aboutThisMail && responseCode !== undefined && responseCode >= 500 ? 'never' : 'later', detail };
}

/** Into a folder, one `.eml` a mail: the development mailbox. */
class FolderCarrier implements Carrier {
  constructor(private readonly folder: string) {}

  async carry(id: string, { from, to }: Envelope, raw: Buffer): Promise<Outcome> {
    try {
      await mkdir(this.folder, { recursive: true });
      const name = join(this.folder, `${new Date().toISOString().replace(/[:.]/g, '-')}-${id}.eml`);
      // Written beside and renamed, so that whoever watches the folder never reads half a mail.
      const file = await open(`${name}.part`, 'w', 0o600);
      await file.writeFile(Buffer.concat([Buffer.from(`X-Envelope-From: ${from}\r\nX-Envelope-To: ${to}\r\n`), raw]));
      await file.close();
      await rename(`${name}.part`, name);
      return { kind: 'sent' };
    } catch (error) {
      return { kind: 'later', detail: (error as Error).message };
    }
  }

  close(): void {
    // Nothing is kept open.
  }
}
