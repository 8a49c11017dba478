import { domainOf } from './addresses.js';
import { type ParsedMail } from './mail.js';
import { htmlToText } from './text.js';

/** What a mail provider asks before it forwards mail to an address of ours. */
export interface ForwardingConfirmation {
  provider: 'gmail' | 'fastmail' | 'yahoo' | 'zoho' | 'proton' | 'icloud';
  /** To be typed in at the provider. */
  code: string | null;
  /** To be opened instead. Always on a host of the provider: anyone can write such a mail. */
  link: string | null;
  /** The address whose mail is to be forwarded; null if the mail does not say. */
  forwardedAddress: string | null;
}

const PROVIDERS: { provider: ForwardingConfirmation['provider']; sender: RegExp; link: RegExp; subject: RegExp }[] = [
  {
    // Sender and link are the same in every language, so no subject need be known.
    provider: 'gmail',
    sender: /^forwarding-noreply@google\.com$/,
    link: /https:\/\/(?:mail|mail-settings|isolated\.mail)\.google\.com\/mail\/(?:u\/\d\/)?vf-[^\s<>"')\]]+/,
    subject: /./,
  },
  ...(['fastmail', 'yahoo', 'zoho', 'proton', 'icloud'] as const).map((provider) => ({
    provider,
    sender: new RegExp(
      `@([\\w-]+\\.)*(${provider}|${provider}mail|${provider === 'icloud' ? 'apple' : provider})\\.(com|eu|me|ch|net)$`,
    ),
    link: new RegExp(
      `https://([\\w-]+\\.)*(${provider}|${provider}mail|${provider === 'icloud' ? 'apple' : provider})\\.(com|eu|me|ch|net)/[^\\s<>"')\\]]+`,
    ),
    subject: /forward|inoltr|videresend|vidaresend|weiterleit/i,
  })),
];

/** Recognises a provider's question whether mail may be forwarded to us; null if the mail is none. */
export function readConfirmation(mail: ParsedMail): ForwardingConfirmation | null {
  const sender = mail.from?.address.toLowerCase() ?? '';
  const known = PROVIDERS.find((candidate) => candidate.sender.test(sender) && candidate.subject.test(mail.subject));
  if (!known) return null;
  const text = mail.text ?? htmlToText(mail.html ?? '');
  const code = codeIn(mail.subject, text);
  const link = known.link.exec(`${text}\n${mail.html ?? ''}`)?.[0].replaceAll('&amp;', '&') ?? null;
  if (!code && !link) return null;
  const ownDomains = [domainOf(sender), ...mail.to.map(({ address }) => domainOf(address))];
  const named = addressesIn(`${mail.subject} ${text}`).find((address) => !ownDomains.includes(domainOf(address)));
  return { provider: known.provider, code, link, forwardedAddress: named ?? null };
}

/** "(#123456789)" in the subject, or a number behind the word for code in some European language. */
function codeIn(subject: string, text: string): string | null {
  const inSubject = /\(#(\d{4,12})\)/.exec(subject)?.[1];
  return (
    inSubject ??
    /\b(?:code|codice|kode|bekreftelseskode|stadfestingskode|kod|código)\b[^\n\d]{0,40}?(\d{4,12})\b/i.exec(
      text,
    )?.[1] ??
    null
  );
}

function addressesIn(text: string): string[] {
  return (text.match(/[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g) ?? []).map((address) => address.toLowerCase());
}
