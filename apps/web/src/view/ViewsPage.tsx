import { Button } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { runCommand } from '../shell/commands.js';
import { useCan, useWorkspace } from '../shell/session.js';
import { countText, useViews } from './view.queries.js';
import styles from './ViewsPage.module.css';

/** The views of the left bar, as a page of their own for a phone. */
export function ViewsPage() {
  const { t } = useTranslation();
  const workspace = useWorkspace();
  const views = useViews();
  const maySeePeople = useCan('customer.view');
  return (
    <main className={styles.page}>
      <h1>{t('shell.views')}</h1>
      <Button
        variant="default"
        size="sm"
        fullWidth
        justify="flex-start"
        leftSection={<IconSearch size={16} aria-hidden />}
        onClick={() => runCommand('search')}
      >
        {t('shell.search')}
      </Button>
      <nav aria-label={t('shell.views')}>
        {views.map(({ id, count }) => (
          <Link key={id} to="/$workspace/views/$view" params={{ workspace, view: id }}>
            <span>{t(`view.names.${id}` as 'view.names.mine', { defaultValue: id })}</span>
            <span>{countText(count)}</span>
          </Link>
        ))}
        {maySeePeople && (
          <>
            <Link to="/$workspace/customers" params={{ workspace }}>
              {t('shell.customers')}
            </Link>
            <Link to="/$workspace/organizations" params={{ workspace }}>
              {t('shell.organizations')}
            </Link>
          </>
        )}
      </nav>
    </main>
  );
}
