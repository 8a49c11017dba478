import { longestMailBody as longest, type Language } from '@sportello/contracts';
import { htmlToText, textToHtml } from '@sportello/mail';

const rest: Record<Language, string> = {
  en: '[The rest is in the raw mail.]',
  it: '[Il resto si trova nella mail originale.]',
  nb: '[Resten står i den opprinnelige e-posten.]',
};

/**
 * HTML that another service will take. Marks and links may make it several times as long as the mail: what is too long becomes its text, as much of it as
 * fits, and says where the rest is.
 * @param text what the HTML says, where that is known
 */
export function fitHtml(html: string, language: Language, text = () => htmlToText(html)): string {
  if (html.length <= longest) return html;
  let kept = text();
  for (;;) {
    const fitted = textToHtml(`${kept.toWellFormed()}\n\n${rest[language]}`);
    if (fitted.length <= longest) return fitted;
    // Nearly in proportion, so that a few rounds suffice.
    kept = kept.slice(0, Math.floor((kept.length * 0.9 * longest) / fitted.length));
  }
}

/** Text that another service will take. */
export function fitText(text: string, language: Language): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest - rest[language].length - 2).toWellFormed()}\n\n${rest[language]}`;
}
