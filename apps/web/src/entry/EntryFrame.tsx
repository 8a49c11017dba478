import '../shell/moreStyles.js';

import { Button } from '@mantine/core';
import { type ReactNode } from 'react';
import { languageNames, languages } from '../shell/language.js';
import { setLanguage } from '../shell/i18n.js';
import { useTranslation } from 'react-i18next';
import styles from './EntryFrame.module.css';

/** The frame of every page before sign-in: one card, the languages at its foot. */
export function EntryFrame({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  const { i18n } = useTranslation();
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <img src="/icon.svg" width={40} height={40} alt="" />
        <h1>{title}</h1>
        {text && <p>{text}</p>}
        {children}
      </div>
      <div className={styles.languages}>
        {languages.map((language) => (
          <Button
            key={language}
            variant="subtle"
            color="gray"
            size="compact-xs"
            lang={language}
            aria-pressed={i18n.language === language}
            onClick={() => void setLanguage(language)}
          >
            {languageNames[language]}
          </Button>
        ))}
      </div>
    </main>
  );
}
