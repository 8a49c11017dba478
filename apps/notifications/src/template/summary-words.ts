import { type CustomerMail, type Language, type PreparedSummary } from '@sportello/contracts';

/** What one mail about many says around its lines. */
export interface SummaryWords {
  subject: string;
  before: string;
  /** The last line, where not all of them are named. */
  more: string | null;
  after: string;
}

type Told = 'assigned' | Exclude<CustomerMail, 'acknowledgement'>;
interface Facts {
  first: string;
  /** Without the first. */
  others: number;
  name: string;
  workspace: string;
}
interface Words {
  subject: (facts: Facts) => string;
  before: (facts: Facts) => string;
  after: (facts: Facts) => string;
}

const hello = {
  en: ({ name }: Facts) => (name ? `Hello ${name},` : 'Hello,'),
  it: ({ name }: Facts) => (name ? `Buongiorno ${name},` : 'Buongiorno,'),
  nb: ({ name }: Facts) => (name ? `Hei ${name},` : 'Hei,'),
};
const greeting = {
  en: ({ workspace }: Facts) => `Kind regards\n${workspace}`,
  it: ({ workspace }: Facts) => `Un cordiale saluto\n${workspace}`,
  nb: ({ workspace }: Facts) => `Vennlig hilsen\n${workspace}`,
};
const and = {
  en: ({ first, others }: Facts) => (others ? `${first} and ${others} more` : first),
  it: ({ first, others }: Facts) => (others ? `${first} e altri ${others}` : first),
  nb: ({ first, others }: Facts) => (others ? `${first} og ${others} til` : first),
};
const moreOf = {
  en: (count: number) => `and ${count} more`,
  it: (count: number) => `e altri ${count}`,
  nb: (count: number) => `og ${count} til`,
};

/** To a customer: what became of several of their requests. */
const letter = (language: Language, subject: string, before: string, after: string): Words => ({
  subject: () => subject,
  before: (facts) => `${hello[language](facts)}\n\n${before}`,
  after: (facts) => `${after}\n\n${greeting[language](facts)}`,
});
/** To a user, who needs no letter. */
const note = (subject: (facts: Facts) => string, before: string): Words => ({
  subject,
  before: () => before,
  after: () => '',
});

const words: Record<Language, Record<Told, Words>> = {
  en: {
    assigned: note((facts) => `Yours now: ${and.en(facts)}`, 'These are yours now:'),
    finished: letter(
      'en',
      'We have finished several of your requests',
      'We have finished work on these requests of yours and hope that all is well now:',
      'Is something still not right? Reply to this mail, name the number, and we take it up again.',
    ),
    'status-changed': letter(
      'en',
      'News of several of your requests',
      'A short note on these requests of yours, and where each stands now:',
      'If you have a question, just reply to this mail.',
    ),
    reopened: letter(
      'en',
      'We have opened several of your requests again',
      'We have opened these requests of yours again and are looking into them:',
      'If there is anything new that we should know, just reply to this mail.',
    ),
  },
  it: {
    assigned: note((facts) => `Assegnati a lei: ${and.it(facts)}`, 'Ora sono assegnati a lei:'),
    finished: letter(
      'it',
      'Abbiamo concluso alcune sue richieste',
      'abbiamo concluso queste sue richieste e speriamo che ora sia tutto a posto:',
      'Se qualcosa ancora non va, risponda a questo messaggio indicando il numero e la riprendiamo in mano.',
    ),
    'status-changed': letter(
      'it',
      'Novità su alcune sue richieste',
      'due righe su queste sue richieste e sul punto in cui si trovano:',
      'Per qualsiasi domanda basta rispondere a questo messaggio.',
    ),
    reopened: letter(
      'it',
      'Abbiamo riaperto alcune sue richieste',
      'abbiamo riaperto queste sue richieste e ce ne stiamo occupando:',
      'Se ci sono novità che dovremmo sapere, basta rispondere a questo messaggio.',
    ),
  },
  nb: {
    assigned: note((facts) => `Dine nå: ${and.nb(facts)}`, 'Disse er dine nå:'),
    finished: letter(
      'nb',
      'Vi er ferdige med flere av henvendelsene dine',
      'Vi er ferdige med disse henvendelsene dine og håper at alt er i orden nå:',
      'Er det fortsatt noe som ikke stemmer? Svar på denne e-posten og nevn nummeret, så tar vi den opp igjen.',
    ),
    'status-changed': letter(
      'nb',
      'Nytt om flere av henvendelsene dine',
      'En liten oppdatering om disse henvendelsene dine, og hvordan hver av dem står nå:',
      'Lurer du på noe, er det bare å svare på denne e-posten.',
    ),
    reopened: letter(
      'nb',
      'Vi har åpnet flere av henvendelsene dine igjen',
      'Vi har åpnet disse henvendelsene dine igjen og ser nærmere på dem:',
      'Er det noe nytt vi bør vite, er det bare å svare på denne e-posten.',
    ),
  },
};

/** The words of a mail about a bulk change. */
export function summaryWords(
  purpose: string,
  { items, count, language }: PreparedSummary,
  { name, workspace }: { name: string; workspace: string },
): SummaryWords {
  const [item] = items;
  const facts = { first: item ? `#${item.number} ${item.title}` : '', others: count - 1, name, workspace };
  const told = words[language][purpose as Told] ?? words[language]['status-changed'];
  const left = count - items.length;
  return {
    subject: told.subject(facts),
    before: told.before(facts),
    more: left ? moreOf[language](left) : null,
    after: told.after(facts),
  };
}
