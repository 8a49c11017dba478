/**
 * Mail without a database or a network: reading, judging, trimming, cleaning and composing it.
 * What happens to a mail, in order: `steps.ts`. Where it ends up: `verdict.ts`.
 */
export { domainOf, isPublicDomain, normaliseAddress, sameAddress } from './addresses.js';
export * from './authentication.js';
export { classify, type Classification, type MailKind, type OwnMarks } from './automatic.js';
export { readBounce, type Bounce, type BouncedRecipient } from './bounce.js';
export * from './clean.js';
export * from './compose.js';
export * from './confirmation.js';
export { safeFilename } from './encoding.js';
export * from './erasure.js';
export * from './forwarded.js';
export * from './mail.js';
export { messageKey, parseMail } from './parse.js';
export { splitHtml, splitText, type SplitBody } from './quote.js';
export * from './steps.js';
export * from './subject.js';
export { escapeHtml, htmlToText, textToHtml } from './text.js';
export * from './tokens.js';
export * from './verdict.js';
