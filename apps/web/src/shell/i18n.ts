import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type en from '../locales/en/index.js';
import { languageOf, type Language } from './language.js';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'app';
    resources: { app: typeof en };
  }
}

const catalogues: Record<Language, () => Promise<{ default: typeof en }>> = {
  en: () => import('../locales/en/index.js'),
  it: () => import('../locales/it/index.js'),
  nb: () => import('../locales/nb/index.js'),
};

const remembered = 'sportello.language';

/** Loads only the language in use: one catalogue is about 12 kB. */
export async function startLanguage(): Promise<void> {
  await i18next.use(initReactI18next).init({
    defaultNS: 'app',
    ns: ['app'],
    partialBundledLanguages: true,
    resources: {},
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
  await setLanguage(languageOf([localStorage.getItem(remembered), ...navigator.languages]));
}

export async function setLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'app')) {
    i18next.addResourceBundle(language, 'app', (await catalogues[language]()).default);
  }
  await i18next.changeLanguage(language);
  localStorage.setItem(remembered, language);
  document.documentElement.lang = language;
}
