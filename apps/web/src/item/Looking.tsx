import { useTranslation } from 'react-i18next';
import { type Presence } from '../shell/live.js';
import { Face } from './marks.js';
import styles from './Looking.module.css';

/** Who else has it open. */
export function Looking({ others }: { others: Presence[] }) {
  const { t } = useTranslation();
  if (!others.length) return null;
  const names = others.map(({ name }) => name).join(', ');
  const label = t('item.looking', { names });
  return (
    <span data-tip={label} className={styles.looking} role="status" aria-label={label}>
      {others.slice(0, 3).map(({ userId, name }) => (
        <Face key={userId} kind="user" name={name} size={22} />
      ))}
    </span>
  );
}

/** Who writes right now. */
export function Typing({ others }: { others: Presence[] }) {
  const { t } = useTranslation();
  const writing = others.filter(({ typing }) => typing);
  if (!writing.length) return null;
  return (
    <p className={styles.typing} role="status">
      {t('item.typing', { count: writing.length, names: writing.map(({ name }) => name).join(', ') })}
    </p>
  );
}
