import { type CustomerMail, type Language } from '@sportello/contracts';

/** How a mail is worded: Liquid. The body is plain text, a blank line between paragraphs. */
export interface TemplateText {
  subject: string;
  body: string;
}

const subject = 'Re: {{ item.title }} [#{{ item.number }}]';
const hello = {
  en: 'Hello{% if requester.name != "" %} {{ requester.name }}{% endif %},',
  it: 'Buongiorno{% if requester.name != "" %} {{ requester.name }}{% endif %},',
  nb: 'Hei{% if requester.name != "" %} {{ requester.name }}{% endif %},',
};
const greeting = {
  en: 'Kind regards\n{{ workspace.name }}',
  it: 'Un cordiale saluto\n{{ workspace.name }}',
  nb: 'Vennlig hilsen\n{{ workspace.name }}',
};
const mail = (language: Language, ...paragraphs: string[]): TemplateText => ({
  subject,
  body: [hello[language], ...paragraphs, greeting[language]].join('\n\n'),
});

/** The wording that every workspace starts with, written by people for people, in each language on its own. */
export const shippedTemplates: Record<CustomerMail, Record<Language, TemplateText>> = {
  acknowledgement: {
    en: mail(
      'en',
      'Thank you for writing. Your message has arrived and has the number {{ item.number }}. Somebody of our team will read it and answer you here, by mail.',
      'If something comes to mind that we should know, just reply to this mail.',
    ),
    it: mail(
      'it',
      'grazie per averci scritto. Il suo messaggio è arrivato e ha il numero {{ item.number }}. Una persona del nostro team lo leggerà e le risponderà qui, per e-mail.',
      'Se le viene in mente altro che dovremmo sapere, basta rispondere a questo messaggio.',
    ),
    nb: mail(
      'nb',
      'Takk for at du skrev til oss. Meldingen din har kommet frem og har fått nummer {{ item.number }}. En av oss leser den og svarer deg her, på e-post.',
      'Kommer du på noe mer vi bør vite, er det bare å svare på denne e-posten.',
    ),
  },
  'status-changed': {
    en: mail(
      'en',
      'A short note on your request “{{ item.title }}”: it now stands at “{{ item.status }}”.',
      'If you have a question, just reply to this mail.',
    ),
    it: mail(
      'it',
      'due righe sulla sua richiesta «{{ item.title }}»: ora è «{{ item.status }}».',
      'Per qualsiasi domanda basta rispondere a questo messaggio.',
    ),
    nb: mail(
      'nb',
      'En liten oppdatering om henvendelsen din «{{ item.title }}»: Den står nå som «{{ item.status }}».',
      'Lurer du på noe, er det bare å svare på denne e-posten.',
    ),
  },
  finished: {
    en: mail(
      'en',
      'We have finished work on your request “{{ item.title }}” and hope that all is well now.',
      'Is something still not right? Reply to this mail and we take it up again.',
    ),
    it: mail(
      'it',
      'abbiamo concluso la sua richiesta «{{ item.title }}» e speriamo che ora sia tutto a posto.',
      'Se qualcosa ancora non va, risponda a questo messaggio e la riprendiamo in mano.',
    ),
    nb: mail(
      'nb',
      'Vi er ferdige med henvendelsen din «{{ item.title }}» og håper at alt er i orden nå.',
      'Er det fortsatt noe som ikke stemmer? Svar på denne e-posten, så tar vi den opp igjen.',
    ),
  },
  reopened: {
    en: mail(
      'en',
      'We have opened your request “{{ item.title }}” again and are looking into it.',
      'If there is anything new that we should know, just reply to this mail.',
    ),
    it: mail(
      'it',
      'abbiamo riaperto la sua richiesta «{{ item.title }}» e ce ne stiamo occupando.',
      'Se ci sono novità che dovremmo sapere, basta rispondere a questo messaggio.',
    ),
    nb: mail(
      'nb',
      'Vi har åpnet henvendelsen din «{{ item.title }}» igjen og ser nærmere på den.',
      'Er det noe nytt vi bør vite, er det bare å svare på denne e-posten.',
    ),
  },
};

/** A changed status tells most customers nothing that an answer does not tell better. */
export const shippedSwitches: Record<CustomerMail, boolean> = {
  acknowledgement: true,
  'status-changed': false,
  finished: true,
  reopened: true,
};
