import { type Activity, type ItemDetails } from '@sportello/api-client';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Failed, Loading } from '../shell/States.js';
import { activityQuery } from './item.queries.js';
import { When } from './marks.js';
import styles from './ActivityTab.module.css';

/** A stored value in words: names where it has them. */
function wordsOf(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  if (Array.isArray(value)) return value.map(wordsOf).join(', ') || '–';
  if (typeof value === 'object') {
    const record = value as Record<string, unknown>;
    const named = record.name ?? record.title ?? record.value;
    if (named !== undefined) return wordsOf(named);
    return Object.values(record).map(wordsOf).join(', ') || '–';
  }
  return String(value);
}

/** What happened, newest first. */
export function ActivityTab({ item }: { item: ItemDetails }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(activityQuery(item.id, item.version));
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading lines={5} />;
  const sentence = ({ what, before, after }: Activity) => {
    const name = t(`item.activity.${what}` as 'item.activity.created', { defaultValue: what });
    return before === null && after === null ? name : `${name}: ${wordsOf(before)} → ${wordsOf(after)}`;
  };
  return (
    <ol className={styles.list} tabIndex={0} aria-label={t('item.tabs.activity')}>
      {data.map((entry) => (
        <li key={entry.id}>
          <span>
            <strong>{entry.actor?.name ?? t('item.activity.product')}</strong> {sentence(entry)}
          </span>
          <small>
            <When at={entry.at} />
          </small>
        </li>
      ))}
    </ol>
  );
}
