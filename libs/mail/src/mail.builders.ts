import { readFileSync, readdirSync } from 'node:fs';
import { type ParsedMail } from './mail.js';
import { parseMail } from './parse.js';

const ROOT = new URL('../../testing/mail/', import.meta.url);

/** The token and the Message-ID of ours that the cases name. */
export const TOKEN = 'k3jq7x2mzp5w4tyv6c2dnb7hra';
export const OUR_ID = 's.q2w7e4r5t6y7u2i3o4p5a6s7df@mail.sportello.example';
export const OWN = { workspaceId: '0199f000-0000-7000-8000-000000000001', mailDomain: 'mail.sportello.example' };

/** A raw mail of libs/testing/mail, such as `cases/forwarded/gmail-en.eml`. */
export function rawCase(path: string): Buffer {
  return readFileSync(new URL(path, ROOT));
}

/** The names of the mails in a folder of libs/testing/mail. */
export function casesIn(folder: string): string[] {
  return readdirSync(new URL(`${folder}/`, ROOT))
    .filter((name) => name.endsWith('.eml'))
    .sort();
}

/** A mail of libs/testing/mail, read. */
export async function mailCase(path: string): Promise<ParsedMail> {
  return readMail(rawCase(path));
}

/** Reads a raw mail that can be read; text is given with "\n". */
export async function readMail(raw: Buffer | string): Promise<ParsedMail> {
  const outcome = await parseMail(typeof raw === 'string' ? Buffer.from(raw.replaceAll('\n', '\r\n')) : raw);
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.mail;
}

/** A small mail with the given headers in place of its own. */
export async function aMail(headers: Record<string, string> = {}, body = 'Hello\n'): Promise<ParsedMail> {
  const fields = {
    From: 'Emma Jones <emma@contoso.example>',
    To: 'support@acme.example',
    Subject: 'Printer',
    ...headers,
  };
  return readMail(
    `${Object.entries(fields)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join('')}\n${body}`,
  );
}
