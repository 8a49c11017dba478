import { domainOf } from './addresses.js';
import { deliveryReports } from './bounce.js';
import { type Envelope, type ParsedMail } from './mail.js';
import { WORKSPACE_HEADER, isOurMessageId } from './tokens.js';

/** Who wrote a mail: a person, or which kind of machine. Only what persons write becomes an item. */
export type MailKind = 'person' | 'auto-reply' | 'bounce' | 'report' | 'own-loop';

/** What a mail is, and why. */
export interface Classification {
  kind: MailKind;
  /** A sentence for the person who asks why. */
  reason: string;
  /** Whether an acknowledgement may go out: to persons only, and never to a list, a no-reply address or another desk. */
  answerable: boolean;
}

/** What the workspace that a mail came to knows of itself. */
export interface OwnMarks {
  workspaceId: string;
  /** The domain in the Message-IDs that we make. */
  mailDomain: string;
}

/** Decides who wrote a mail. A mailing list's header alone makes nobody a machine: people write to lists. */
export function classify(mail: ParsedMail, envelope: Envelope, own: OwnMarks): Classification {
  const machine = ownLoop(mail, own) ?? report(mail) ?? bounce(mail, envelope) ?? autoReply(mail, envelope);
  if (machine) return { ...machine, answerable: false };
  const unanswerable = whyUnanswerable(mail);
  return unanswerable
    ? {
        kind: 'person',
        reason: `Written by a person, but not answered automatically: ${unanswerable}.`,
        answerable: false,
      }
    : { kind: 'person', reason: 'Nothing says that a machine wrote it.', answerable: true };
}

type Machine = { kind: Exclude<MailKind, 'person'>; reason: string } | null;

/**
 * Mail of this workspace that came back. Another desk's mail, on this installation or elsewhere, is not ours: its
 * agents may well write to us (and whyUnanswerable keeps our machine from talking to theirs).
 */
function ownLoop(mail: ParsedMail, own: OwnMarks): Machine {
  if (mail.headers.all(WORKSPACE_HEADER.toLowerCase()).includes(own.workspaceId)) {
    return { kind: 'own-loop', reason: 'This workspace sent it itself.' };
  }
  if (
    mail.messageId &&
    isOurMessageId(mail.messageId, own.mailDomain) &&
    !mail.headers.has(WORKSPACE_HEADER.toLowerCase())
  ) {
    return { kind: 'own-loop', reason: 'Its Message-ID was made here: a mail of ours came back.' };
  }
  return null;
}

function report(mail: ParsedMail): Machine {
  const reportType = /multipart\/report/i.test(mail.headers.get('content-type') ?? '')
    ? /report-type\s*=\s*"?([\w-]+)/i.exec(mail.headers.get('content-type')!)?.[1]?.toLowerCase()
    : undefined;
  const holds = (type: string) => mail.attachments.some((file) => file.contentType === type);
  if (reportType === 'feedback-report' || holds('message/feedback-report')) {
    return { kind: 'report', reason: 'It is a feedback report: somebody marked a mail as spam.' };
  }
  if (reportType === 'disposition-notification' || holds('message/disposition-notification')) {
    return { kind: 'report', reason: 'It is a read receipt.' };
  }
  if (reportType === 'tlsrpt' || holds('application/tlsrpt+gzip') || holds('application/tlsrpt+json')) {
    return { kind: 'report', reason: 'It is a report on transport security.' };
  }
  if (/^report domain:.*submitter:/i.test(mail.subject)) {
    return { kind: 'report', reason: 'It is a DMARC report.' };
  }
  const outcomes = deliveryReports(mail).map((fields) => fields.get('action')?.toLowerCase() ?? '');
  if (outcomes.length > 0 && outcomes.every((action) => /^(delivered|relayed|expanded)/.test(action))) {
    return { kind: 'report', reason: 'It is a delivery report: the mail arrived.' };
  }
  return null;
}

/** Names that only mail systems have, as local part or display name. */
const DAEMON = /^(mailer[-_.]?daemon|mail[-_.]delivery[-_.]s(ub)?system|mdaemon)$/i;
const DAEMON_NAME =
  /\b(mail(er)?[- ]deliver(y)?[- ](sub)?system|mailer[- ]daemon|mail administrator|ndr administrator)\b/i;
/** Names that mail systems and the people who run them share: they need another sign of a machine. */
const SHARED_NAME = /^(post[-_.]?master|poostmaster|mmsc|bounces?|(no|do[-_.]?not)[-_.]?reply)([-_.+]|$)/i;

/** How they title what came back: the words of the common systems, and of Outlook and Gmail in Italian, Norwegian, German, French and Spanish. */
const FAILURE_SUBJECT = new RegExp(
  [
    'undeliver(ed|able)',
    'delivery (status )?(notification|failure|failed|report|has failed|status)',
    'delivery status',
    'fail(ure|ed) (notice|delivery)',
    'mail (delivery failed|system error|failure)',
    'returned (to sender|mail)',
    'message (delivery has failed|you sent blocked)',
    'could not be delivered',
    'error sending your mail',
    'postmaster notify',
    'not (a )?member',
    'メールエラー通知',
    'non recapitabile',
    'mancat[oa] (consegna|recapito)',
    'notifica (dello stato )?del recapito',
    'kan ikke leveres',
    'kunne ikke leveres',
    'leverings?(feil|status|problem)',
    'unzustellbar',
    'nicht zugestellt',
    'non remis',
    'no se puede entregar',
    'недоставлен',
    'не доставлено',
  ].join('|'),
  'i',
);

function bounce(mail: ParsedMail, envelope: Envelope): Machine {
  if (
    deliveryReports(mail).length > 0 ||
    mail.attachments.some((file) => file.contentType === 'message/delivery-status')
  ) {
    return { kind: 'bounce', reason: 'It holds a delivery report: a mail could not be delivered.' };
  }
  const author = mail.from?.address ?? mail.headers.get('from') ?? '';
  const localPart = author.split('@')[0]!.replace(/[\s"<>]/g, '');
  if (DAEMON.test(localPart) || DAEMON_NAME.test(mail.headers.get('from') ?? '')) {
    return { kind: 'bounce', reason: `A mail system wrote it: ${author}.` };
  }
  if (mail.headers.has('x-failed-recipients')) {
    return { kind: 'bounce', reason: 'It names recipients that a mail did not reach.' };
  }
  // A person may well write "returned mail" above a letter, and the postmaster is a person too: two signs make a machine.
  const returnsMail = mail.attachments.some(({ contentType }) => /^(message|text)\/rfc822/.test(contentType));
  const signs = [
    SHARED_NAME.test(localPart),
    FAILURE_SUBJECT.test(mail.subject),
    isNullReturnPath(mail, envelope),
    returnsMail && FAILURE_WORDS.test(mail.text ?? ''),
    /^[45]\d\d[ -]/m.test(mail.text?.slice(0, 1000) ?? ''),
    mail.headers.has('x-mlserver'),
  ];
  return signs.filter(Boolean).length >= 2
    ? { kind: 'bounce', reason: `A machine says that a mail could not be delivered: "${mail.subject}".` }
    : null;
}

/** What a mail system says of the other one: a reply code of SMTP, or that it failed. */
const FAILURE_WORDS =
  /\b[45]\d\d[ -][45]\.\d+\.\d+\b|could not be delivered|undeliver|user unknown|mailbox (is )?full/i;

/** RFC 3834 and what vacation programs did before and beside it. Any value of `Auto-Submitted` but "no" is a machine's. */
function autoReply(mail: ParsedMail, envelope: Envelope): Machine {
  const { headers } = mail;
  const autoSubmitted = headers.get('auto-submitted')?.toLowerCase() ?? 'no';
  if (!/^no\b/.test(autoSubmitted))
    return { kind: 'auto-reply', reason: `It says so: Auto-Submitted is "${autoSubmitted}".` };
  const vacationHeader = VACATION_HEADERS.find(
    (name) => headers.has(name) && !/^(no|false|none|0)$/i.test(headers.get(name)!),
  );
  if (vacationHeader) return { kind: 'auto-reply', reason: `It says so: the header ${vacationHeader} is set.` };
  const precedence = headers.get('precedence')?.toLowerCase() ?? '';
  if (precedence === 'auto_reply' || precedence === 'auto-reply') {
    return { kind: 'auto-reply', reason: `It says so: Precedence is "${precedence}".` };
  }
  if (isNullReturnPath(mail, envelope)) {
    return { kind: 'auto-reply', reason: 'It was sent with an empty return path, as only machines do.' };
  }
  if (OUT_OF_OFFICE_SUBJECT.test(mail.subject)) {
    return { kind: 'auto-reply', reason: `Its subject is that of an out-of-office answer: "${mail.subject}".` };
  }
  return null;
}

const VACATION_HEADERS = [
  'x-autoreply',
  'x-autorespond',
  'x-autoresponder',
  'x-auto-reply-from',
  'x-mail-autoreply',
  'x-autogenerated',
  'x-vacation',
];

/** How out-of-office answers begin; anchored, so that a person's "your automatic reply is broken" stays a person's. */
const OUT_OF_OFFICE_SUBJECT = new RegExp(
  `^(${[
    // English
    '(automatic|auto)[ -]?(reply|response)(?=\\s*[:\\[]|$)',
    'out[ -]of[ -](the[ -])?office(?=\\s*[:\\[]|\\s+(re|auto|reply|message|notification)|$)',
    'away from (my mail|the office|my desk)',
    'vacation (reply|response|message)',
    'i am (currently )?(out of (the )?office|on vacation|on leave)',
    // Italian
    'risposta automatica',
    'messaggio automatico',
    'fuori (sede|ufficio)(?=\\s*[:\\[]|$)',
    'assenza dall.?ufficio',
    'assente(?=\\s*[:\\[]|$)',
    // Norwegian, Danish, Swedish, Finnish
    'auto(matisk)?[ -]?svar',
    'automatisk (svar|besvarelse)',
    'fraværsmelding',
    'fravær(?=\\s*[:\\[]|$)',
    'ikke (til stede|på kontoret)',
    'fraværsassistent',
    'autosvar',
    'frånvaro',
    'automaattinen vastaus',
    // German, Dutch, French, Spanish, Portuguese, Polish
    'automatische (antwort|reactie|antwoord)',
    'abwesenheits(notiz|agent)',
    'abwesend(?=\\s*[:\\[]|$)',
    'afwezig(heid)?(sbericht)?(?=\\s*[:\\[]|$)',
    'réponse automatique',
    'absence du bureau',
    'respuesta automática',
    'fuera de (la )?oficina',
    'resposta automática',
    'ausência temporária',
    'autoodpowiedź',
    'odpowiedź automatyczna',
  ].join('|')})`,
  'i',
);

/** Why a person's mail gets no automatic answer, as the end of a sentence; null if it may. */
function whyUnanswerable(mail: ParsedMail): string | null {
  const { headers } = mail;
  if (headers.has(WORKSPACE_HEADER.toLowerCase())) return 'it comes from another desk of this kind';
  if (headers.has('list-id') || headers.has('list-post') || headers.has('mailing-list'))
    return 'it came through a mailing list';
  if (headers.has('list-unsubscribe')) return 'it is a newsletter';
  if (/^(bulk|junk|list)$/i.test(headers.get('precedence') ?? ''))
    return `its Precedence is "${headers.get('precedence')}"`;
  if (/\b(all|oof|autoreply)\b/i.test(headers.get('x-auto-response-suppress') ?? ''))
    return 'it asks for no automatic answer';
  const answerTo = mail.replyTo[0] ?? mail.from;
  if (!answerTo || domainOf(answerTo.address) === '') return 'it has no address to answer to';
  if (isRobot(answerTo.address)) return `nobody reads ${answerTo.address}`;
  return null;
}

function isRobot(address: string): boolean {
  return /^(no|do[-_.]?not|ikke|non|nie)[-_.]?(reply|respond|svar|rispondere|risponda)|^(noreply|donotreply|ikkesvar|nonrispondere)/i.test(
    address,
  );
}

/** The empty return path, from the transport or, where that is unknown, from the header that delivery left behind. */
function isNullReturnPath(mail: ParsedMail, envelope: Envelope): boolean {
  if (envelope.from !== undefined) return envelope.from === null || envelope.from.trim() === '';
  return /^(<\s*>)?$/.test(mail.headers.get('return-path') ?? 'unknown');
}
