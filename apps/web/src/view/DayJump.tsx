import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './ListHeader.module.css';

/** Asks for the day to jump to. One that is picked is whole at once; one that is typed waits for Enter; Escape forgets it. */
export function DayJump({ go, close }: { go: (day: string) => void; close: () => void }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const typed = useRef(false);
  // After the menu that asked for it has given the focus back.
  useEffect(() => {
    const timer = setTimeout(() => input.current?.focus(), 120);
    return () => clearTimeout(timer);
  }, []);
  return (
    <input
      ref={input}
      type="date"
      className={styles.day}
      aria-label={t('view.toDay')}
      onKeyDown={(event) => {
        typed.current = true;
        if (event.key === 'Escape') close();
        if (event.key !== 'Enter' || !event.currentTarget.value) return;
        go(event.currentTarget.value);
        close();
      }}
      onChange={(event) => {
        if (typed.current || !event.currentTarget.value) return;
        go(event.currentTarget.value);
        close();
      }}
    />
  );
}
