import { type Activity, type ItemDetails } from '@sportello/api-client';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Failed, Loading } from '../shell/States.js';
import { usersQuery, useTeams } from '../people/people.queries.js';
import { useMe } from '../shell/session.js';
import { exact } from '../shell/time.js';
import { wordsOf, type Names } from './activity.js';
import { activityQuery, useTypes } from './item.queries.js';
import { When } from './marks.js';
import styles from './ActivityTab.module.css';

/** What is told with what was before and after. */
const changes = new Set([
  'status',
  'priority',
  'assignees',
  'tags',
  'title',
  'published',
  'requester',
  'dueAt',
  'followers',
]);

/** What happened, newest first. */
export function ActivityTab({ item }: { item: ItemDetails }) {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const types = useTypes();
  const users = useQuery(usersQuery).data;
  const teams = useTeams();
  const { data, error, refetch } = useQuery(activityQuery(item.id, item.version));
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading lines={5} />;
  const names: Names = {
    of: new Map(
      [
        ...types.flatMap(({ statuses }) => statuses),
        ...(users ?? []),
        ...teams,
        ...item.followers,
        ...(item.requester ? [item.requester] : []),
      ].map(({ id, name }) => [id, name]),
    ),
    priority: (level) => t(`item.priorities.${level}` as 'item.priorities.0'),
    flag: (on) => t(on ? 'item.yes' : 'item.no'),
    date: (at) => exact(at, i18n.language, me.workspace.timeZone),
  };
  const sentence = ({ what, before, after }: Activity) => {
    const name = t(`item.activity.${what}` as 'item.activity.created', { defaultValue: what });
    if (!changes.has(what)) return name;
    return `${name}: ${wordsOf(before, what, names)} → ${wordsOf(after, what, names)}`;
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
