import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleParser, type AddressObject, type ParsedMail } from 'mailparser';

/** A mail in the development mailbox. */
export interface Letter {
  /** Its file's name without the ending; rises with time. */
  id: string;
  /** From the envelope. */
  to: string;
  mail: ParsedMail;
}

const mostKept = 2000;

/** The folder of `.eml` files that outgoing mail becomes. A file never changes, so each is parsed once. */
export class Letters {
  readonly #parsed = new Map<string, Promise<Letter>>();

  constructor(private readonly folder: string) {}

  /** Mails to one address, newest first. */
  async to(address: string): Promise<Letter[]> {
    const letters = await this.all();
    return letters.filter(({ to }) => to.toLowerCase() === address.toLowerCase());
  }

  /** Every address that a mail went to. */
  async addresses(): Promise<string[]> {
    return [...new Set((await this.all()).map(({ to }) => to.toLowerCase()))].sort();
  }

  async find(id: string): Promise<Letter | null> {
    return (await this.ids()).includes(id) ? this.read(id) : null;
  }

  private async all(): Promise<Letter[]> {
    return Promise.all((await this.ids()).map((id) => this.read(id)));
  }

  private async ids(): Promise<string[]> {
    const names = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      // The folder comes with the first mail.
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const mails = names.filter((name) => /^[\w-]+\.eml$/.test(name)).map((name) => name.slice(0, -'.eml'.length));
    return mails.sort().reverse().slice(0, mostKept);
  }

  private read(id: string): Promise<Letter> {
    let letter = this.#parsed.get(id);
    if (!letter) {
      letter = this.parse(id);
      this.#parsed.set(id, letter);
      letter.catch(() => this.#parsed.delete(id));
    }
    return letter;
  }

  private async parse(id: string): Promise<Letter> {
    const mail = await simpleParser(await readFile(join(this.folder, `${id}.eml`)));
    const envelope = mail.headers.get('x-envelope-to');
    return { id, to: typeof envelope === 'string' ? envelope : (mailboxes(mail.to)[0]?.address ?? ''), mail };
  }
}

/** The mailboxes of a header, however many there are of it. */
export function mailboxes(header: AddressObject | AddressObject[] | undefined): { name: string; address: string }[] {
  return [header ?? []]
    .flat()
    .flatMap(({ value }) => value)
    .map(({ name, address = '' }) => ({ name, address }));
}
