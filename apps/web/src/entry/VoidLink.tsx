import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { EntryFrame } from './EntryFrame.js';
import styles from './EntryFrame.module.css';

/** A link from a mail that was used, is too old, or lost a piece on its way. */
export function VoidLink({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <EntryFrame title={t('entry.linkVoid')} text={text}>
      <div className={styles.links}>
        <Anchor size="sm" renderRoot={(props) => <Link to="/sign-in" {...props} />}>
          {t('entry.toSignIn')}
        </Anchor>
      </div>
    </EntryFrame>
  );
}
