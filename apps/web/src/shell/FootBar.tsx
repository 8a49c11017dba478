import { UnstyledButton } from '@mantine/core';
import { IconBell, IconHome, IconListDetails, IconPlus, IconSettings } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { countText } from '../view/view.queries.js';
import { useUnreadNotifications } from '../notification/notification.queries.js';
import { useWorkspace } from './session.js';
import styles from './FootBar.module.css';

/** The menu of a phone. */
export function FootBar({ onNew }: { onNew: () => void }) {
  const { t } = useTranslation();
  const params = { workspace: useWorkspace() };
  const unread = useUnreadNotifications();
  const current = { activeProps: { 'aria-current': 'page' as const }, className: styles.entry };
  return (
    <nav className={styles.foot} aria-label={t('shell.footMenu')}>
      <Link to="/$workspace/home" params={params} {...current}>
        <IconHome />
        {t('shell.home')}
      </Link>
      <Link to="/$workspace/views" params={params} {...current}>
        <IconListDetails />
        {t('shell.views')}
      </Link>
      <UnstyledButton className={styles.entry} onClick={onNew}>
        <IconPlus />
        {t('shell.new')}
      </UnstyledButton>
      <Link to="/$workspace/notifications" params={params} {...current}>
        <span className={styles.bell}>
          <IconBell />
          {unread > 0 && <span className={styles.badge}>{countText(unread)}</span>}
        </span>
        {t('shell.notificationsShort')}
      </Link>
      <Link to="/$workspace/settings" params={params} {...current}>
        <IconSettings />
        {t('shell.settings')}
      </Link>
    </nav>
  );
}
