import { type Language, type QuotedMessage } from '@sportello/contracts';

const locales = { en: 'en-GB', it: 'it-IT', nb: 'nb-NO' } as const satisfies Record<Language, string>;

/** The line above a quote, as mail programs in that language write it, so that they also recognise and fold it. */
export function attributionOf(
  { author, at }: Pick<QuotedMessage, 'author' | 'at'>,
  language: Language,
  timeZone: string,
): string {
  const moment = new Date(at);
  const day = new Intl.DateTimeFormat(locales[language], { dateStyle: 'long', timeZone }).format(moment);
  const time = new Intl.DateTimeFormat(locales[language], { timeStyle: 'short', timeZone }).format(moment);
  switch (language) {
    case 'it':
      return `Il giorno ${day} alle ore ${time} ${author} ha scritto:`;
    case 'nb':
      return `${day} kl. ${time} skrev ${author}:`;
    default:
      return `On ${day} at ${time}, ${author} wrote:`;
  }
}
