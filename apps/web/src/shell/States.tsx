import { Button } from '@mantine/core';
import { IconAlertTriangle, IconMoodEmpty } from '@tabler/icons-react';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { problemOf, sentenceOf } from './problem.js';
import styles from './States.module.css';

/** Nothing here: one sentence, at most one button. */
export function Empty({
  children,
  action,
  icon,
  alone = false,
}: {
  children: ReactNode;
  action?: ReactNode;
  icon?: ReactNode;
  /** All that the page says: its heading. */
  alone?: boolean;
}) {
  const Sentence = alone ? 'h1' : 'p';
  return (
    <div className={styles.state}>
      <span className={styles.icon} aria-hidden>
        {icon ?? <IconMoodEmpty size={26} stroke={1.4} />}
      </span>
      <Sentence>{children}</Sentence>
      {action}
    </div>
  );
}

/** It did not work: the reason in place, and another try. */
export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  const say = useSentence();
  return (
    <div className={styles.state} role="alert">
      <IconAlertTriangle size={26} stroke={1.4} className={styles.bad} aria-hidden />
      <p>{say(error)}</p>
      {retry && (
        <Button variant="default" onClick={retry}>
          {t('shell.retry')}
        </Button>
      )}
    </div>
  );
}

/** An error as a sentence in the reader's words. */
export function useSentence(): (error: unknown) => string {
  const { t } = useTranslation();
  return (error) =>
    sentenceOf(problemOf(error), { offline: t('shell.offlineError'), unknown: t('shell.unknownError') });
}

/** Absent and forbidden look the same. */
export function Nothing() {
  const { t } = useTranslation();
  return (
    <main className={styles.page}>
      <Empty
        alone
        action={
          <Button component="a" href="/" variant="default">
            {t('shell.toStart')}
          </Button>
        }
      >
        {t('shell.nothingHere')}
      </Empty>
    </main>
  );
}

export function PageError({ error, reset }: { error: unknown; reset?: () => void }) {
  return (
    <main className={styles.page}>
      <Failed error={error} retry={reset ?? (() => location.reload())} />
    </main>
  );
}

/** Grey lines in the place of what loads, after 150 ms: what comes sooner does not flicker. */
export function Loading({ lines = 8, height = 20 }: { lines?: number; height?: number }) {
  const [late, setLate] = useState(false);
  const { t } = useTranslation();
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150);
    return () => clearTimeout(timer);
  }, []);
  if (!late) return null;
  return (
    <div className={styles.loading} aria-busy="true" aria-label={t('shell.loading')} role="status">
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} style={{ height, width: `${92 - ((index * 17) % 40)}%` }} />
      ))}
    </div>
  );
}
