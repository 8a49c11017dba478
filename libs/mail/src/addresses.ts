import { domainToASCII } from 'node:url';
import providers from 'email-providers';
import { type Mailbox } from './mail.js';
import { PROVIDERS_OF_ITALY_AND_THE_NORTH } from './public-domains.js';

const PUBLIC_DOMAINS = new Set([...providers, ...PROVIDERS_OF_ITALY_AND_THE_NORTH]);

/** A mailbox with its domain in lower case and ASCII, or null if `address` is no address. */
export function toMailbox(name: string, address: string): Mailbox | null {
  // <@relay.example:anna@example.com> is a route of the 1980s in front of the address.
  const [, local = '', typed = ''] = /^(?:@[^:]*:)?\s*(.+)@([^@]+)$/.exec(address.trim()) ?? [];
  const domain = typed.replace(/\s+|\.+$/g, '').toLowerCase();
  if (local.trim() === '' || domain === '' || address.length > 998) return null;
  return { name, address: `${local.trim()}@${inAscii(domain)}` };
}

/** One spelling for mächine.example and xn--mchine-bua.example: the envelope has the one, the header either. */
function inAscii(domain: string): string {
  // eslint-disable-next-line no-control-regex
  return /^[\x00-\x7F]*$/.test(domain) ? domain : domainToASCII(domain) || domain;
}

/**
 * The form in which addresses are compared and kept as keys: trimmed, all lower case. The standard lets a local part
 * tell Anna from anna; no provider does, and people type both.
 */
export function normaliseAddress(address: string): string {
  return address.trim().toLowerCase();
}

/** Whether two spellings are one address. */
export function sameAddress(a: string, b: string): boolean {
  return normaliseAddress(a) === normaliseAddress(b);
}

/** The domain in lower case; '' if there is none. */
export function domainOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? '' : normaliseAddress(address.slice(at + 1));
}

/**
 * Whether anyone can get an address there, so that two of its users are no colleagues. A company's domain taken for a
 * public one costs a grouping; the reverse would show strangers each other's mail, so the list is rather long than short.
 */
export function isPublicDomain(domain: string): boolean {
  return PUBLIC_DOMAINS.has(normaliseAddress(domain));
}
