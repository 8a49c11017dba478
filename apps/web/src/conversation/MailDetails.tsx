import { type Message } from '@sportello/api-client';
import { useTranslation } from 'react-i18next';
import styles from './MailDetails.module.css';

type Check = { result?: string; status?: { result?: string }; domain?: string };

/** What became of a mail and why, and what its authentication says. */
export function MailDetails({ message }: { message: Message }) {
  const { t } = useTranslation();
  const { mail } = message;
  if (!mail) return null;
  const checks = Object.entries((mail.authentication ?? {}) as Record<string, Check | string | null>).filter(([name]) =>
    ['spf', 'dkim', 'dmarc'].includes(name),
  );
  const resultOf = (check: Check | string | null) =>
    typeof check === 'string' ? check : (check?.result ?? check?.status?.result ?? 'none');
  return (
    <dl className={styles.list}>
      <dt>{t('conversation.mail.verdict')}</dt>
      <dd>
        {t(`conversation.mail.verdicts.${mail.verdict}` as 'conversation.mail.verdicts.appended', {
          defaultValue: mail.verdict,
        })}
        <small>{mail.reason}</small>
      </dd>
      <dt>{t('conversation.mail.from')}</dt>
      <dd>
        {message.author.name} {message.author.email && `<${message.author.email}>`}
      </dd>
      {message.to.length > 0 && (
        <>
          <dt>{t('conversation.to')}</dt>
          <dd>{message.to.map(({ address }) => address).join(', ')}</dd>
        </>
      )}
      {message.cc.length > 0 && (
        <>
          <dt>{t('conversation.cc')}</dt>
          <dd>{message.cc.map(({ address }) => address).join(', ')}</dd>
        </>
      )}
      {checks.length > 0 && (
        <>
          <dt>{t('conversation.mail.authentication')}</dt>
          <dd className={styles.checks}>
            {checks.map(([name, check]) => (
              <span key={name} data-result={resultOf(check)}>
                {name.toUpperCase()} {resultOf(check)}
              </span>
            ))}
          </dd>
        </>
      )}
      {mail.messageId && (
        <>
          <dt>Message-ID</dt>
          <dd>
            <code>{mail.messageId}</code>
          </dd>
        </>
      )}
    </dl>
  );
}
