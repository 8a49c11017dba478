import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { When } from '../item/marks.js';
import { Failed, Loading } from '../shell/States.js';
import { revisionsQuery } from './conversation.queries.js';
import { cleanHtml } from './html.js';
import styles from './MessageView.module.css';

/** Earlier wordings of a message. */
export default function Revisions({ itemId, messageId }: { itemId: string; messageId: string }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(revisionsQuery(itemId, messageId));
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading lines={3} />;
  if (!data.length) return <p>{t('conversation.noHistory')}</p>;
  return (
    <>
      {data.map(({ html, until, by }) => (
        <section key={until}>
          <p className={styles.faint}>
            {t('conversation.until', { name: by.name })} <When at={until} />
          </p>
          <div className={styles.html} dangerouslySetInnerHTML={{ __html: cleanHtml(html, false) }} />
        </section>
      ))}
    </>
  );
}
