export const languages = ['en', 'it', 'nb'] as const;
export type Language = (typeof languages)[number];

export const languageNames: Record<Language, string> = { en: 'English', it: 'Italiano', nb: 'Norsk' };

/** The first of a person's languages that the app speaks. Any Norwegian reads Bokmål. */
export function languageOf(wanted: readonly (string | null)[]): Language {
  for (const each of wanted) {
    const base = each?.toLowerCase().split('-')[0] ?? '';
    if (base === 'no' || base === 'nn') return 'nb';
    const known = languages.find((language) => language === base);
    if (known) return known;
  }
  return 'en';
}
