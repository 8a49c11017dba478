import { Button, CopyButton, UnstyledButton } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { listForwardedAddressesOptions } from '@sportello/api-client';
import { IconCircle, IconCircleCheckFilled } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usersQuery } from '../people/people.queries.js';
import { useMe } from '../shell/session.js';
import { useViews } from './view.queries.js';
import styles from './FirstSteps.module.css';

/** Three steps until the desk is open: mail yourself, invite someone, forward your address. They go when all are done. */
export function FirstSteps() {
  const { t } = useTranslation();
  const me = useMe();
  const administrator = me.role === 'administrator';
  const [hidden, hide] = useLocalStorage({ key: `sportello.steps.${me.workspace.id}`, defaultValue: false });
  const views = useViews();
  const users = useQuery({ ...usersQuery, enabled: administrator }).data;
  const addresses = useQuery({ ...listForwardedAddressesOptions(), enabled: administrator }).data?.data;
  if (!administrator || hidden || !users || !addresses || !views.length) return null;

  const params = { workspace: me.workspace.slug };
  const mailed = views.some(({ count }) => count > 0);
  const invited = users.length > 1;
  const forwarded = addresses.some(({ confirmedAt }) => confirmedAt !== null);
  if (mailed && invited && forwarded) return null;
  return (
    <section className={styles.steps} aria-label={t('view.steps.title')}>
      <header>
        <h2>{t('view.steps.title')}</h2>
        <UnstyledButton className={styles.hide} onClick={() => hide(true)}>
          {t('view.steps.hide')}
        </UnstyledButton>
      </header>
      <ol>
        <Step done={mailed} title={t('view.steps.mail')} text={t('view.steps.mailText')}>
          <code>{me.workspace.inboundAddress}</code>
          <CopyButton value={me.workspace.inboundAddress}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {t(copied ? 'shell.copied' : 'shell.copy')}
              </Button>
            )}
          </CopyButton>
        </Step>
        <Step done={invited} title={t('view.steps.invite')} text={t('view.steps.inviteText')}>
          <Button
            variant="default"
            renderRoot={(props) => (
              <Link to="/$workspace/settings/$section" params={{ ...params, section: 'people' }} {...props} />
            )}
          >
            {t('view.steps.inviteButton')}
          </Button>
        </Step>
        <Step done={forwarded} title={t('view.steps.forward')} text={t('view.steps.forwardText')}>
          <Button
            variant="default"
            renderRoot={(props) => (
              <Link to="/$workspace/settings/$section" params={{ ...params, section: 'mail' }} {...props} />
            )}
          >
            {t('view.steps.forwardButton')}
          </Button>
        </Step>
      </ol>
    </section>
  );
}

function Step({ done, title, text, children }: { done: boolean; title: string; text: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <li data-done={done || undefined}>
      {done ? (
        <IconCircleCheckFilled size={18} role="img" aria-label={t('view.steps.done')} className={styles.done} />
      ) : (
        <IconCircle size={18} role="img" aria-label={t('view.steps.open')} className={styles.open} />
      )}
      <div>
        <h3>{title}</h3>
        <p>{text}</p>
        {!done && <div className={styles.action}>{children}</div>}
      </div>
    </li>
  );
}
