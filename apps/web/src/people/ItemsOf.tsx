import { listItems } from '@sportello/api-client';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { StatusMark, When } from '../item/marks.js';
import { useWorkspace } from '../shell/session.js';
import { Loading } from '../shell/States.js';
import styles from './PersonPanel.module.css';

/** What somebody has asked for, newest first. */
export function ItemsOf({ field, id }: { field: 'requester' | 'organization'; id: string }) {
  const { t } = useTranslation();
  const workspace = useWorkspace();
  const filter = JSON.stringify({ all: [{ field, is: id }] });
  const { data } = useQuery({
    queryKey: ['items', 'of', field, id],
    queryFn: async () =>
      (await listItems({ query: { filter, sort: '-updatedAt', limit: 20 }, throwOnError: true })).data,
  });
  if (!data) return <Loading lines={3} />;
  return (
    <>
      <h2>{t('people.asked', { count: data.count })}</h2>
      <ul className={styles.items}>
        {data.data.map((item) => (
          <li key={item.id}>
            <Link to="/$workspace/i/$number" params={{ workspace, number: String(item.number) }}>
              <small>{item.number}</small>
              <span>{item.title}</span>
              <StatusMark status={item.status} />
              <small>
                <When at={item.updatedAt} />
              </small>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
