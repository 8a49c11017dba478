import { normaliseAddress } from './addresses.js';
import { type ParsedMail } from './mail.js';

/** On everything we send; its value is the id of the workspace that sent. A desk that meets its own drops the mail. */
export const WORKSPACE_HEADER = 'X-Sportello-Workspace';

/** Lower case and digits only: mail systems change the case of local parts and people read them out. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const TOKEN = '[a-z2-7]{26}';

/** 16 random bytes as 26 characters (RFC 4648 base32, lower case, no padding). */
export function makeToken(random: Uint8Array): string {
  if (random.length !== 16) throw new RangeError('A token is made of 16 random bytes.');
  const bits = [...random].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits
    .match(/.{1,5}/g)!
    .map((five) => ALPHABET[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('');
}

/** A Message-ID without angle brackets. It carries 128 random bits, so whoever names it has seen the mail. */
export function makeMessageId({ random, domain }: { random: Uint8Array; domain: string }): string {
  return `s.${makeToken(random)}@${domain.toLowerCase()}`;
}

/** Whether an id has our form. Anyone can write that form: that we made it is known only where it is looked up. */
export function isOurMessageId(id: string, domain: string): boolean {
  return new RegExp(`^s\\.${TOKEN}@`).test(id) && id.toLowerCase().endsWith(`@${domain.toLowerCase()}`);
}

/** Where an answer goes: support@acme.example → support+r.<token>@acme.example. */
export function replyAddress({ token, inboundAddress }: { token: string; inboundAddress: string }): string {
  return tagged(inboundAddress, `r.${token}`);
}

/** The envelope sender of one mail to one recipient: a bounce that comes back to it needs no further reading. */
export function bounceAddress({ token, inboundAddress }: { token: string; inboundAddress: string }): string {
  return tagged(inboundAddress, `b.${token}`);
}

function tagged(address: string, tag: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}+${tag}${address.slice(at)}`;
}

/** The reverse: the plain address, and the tag if it has one of ours. */
export function splitTag(address: string): {
  address: string;
  tag: { kind: 'reply' | 'bounce'; token: string } | null;
} {
  const found = new RegExp(`^(.+)\\+([rb])\\.(${TOKEN})(@.+)$`).exec(normaliseAddress(address));
  if (!found) return { address, tag: null };
  const [, local, kind, token, domain] = found as unknown as [string, string, string, string, string];
  return { address: local + domain, tag: { kind: kind === 'r' ? 'reply' : 'bounce', token } };
}

/** What a mail names of ours; whether it is known stands in the tables. */
export interface FoundTokens {
  reply: string[];
  bounce: string[];
  /** The number in `[#1042]`, null if the subject has none. */
  number: number | null;
}

/** Tokens of the envelope first, then of the headers: a forwarder in between may have rewritten either. */
export function readTokens(mail: ParsedMail, envelopeTo: string[]): FoundTokens {
  const delivered = ['delivered-to', 'x-original-to', 'envelope-to', 'x-forwarded-to'].flatMap((name) =>
    mail.headers.all(name),
  );
  const addresses = [...envelopeTo, ...[...mail.to, ...mail.cc].map(({ address }) => address), ...delivered];
  const tags = addresses.map((address) => splitTag(address.replace(/^<|>$/g, '')).tag).filter((tag) => tag !== null);
  const tokens = (kind: 'reply' | 'bounce') => [
    ...new Set(tags.filter((tag) => tag.kind === kind).map((tag) => tag.token)),
  ];
  const number = /\[#(\d{1,15})\]/.exec(mail.subject)?.[1];
  return { reply: tokens('reply'), bounce: tokens('bounce'), number: number ? Number(number) : null };
}
