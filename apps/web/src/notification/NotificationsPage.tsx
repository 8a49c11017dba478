import '../shell/moreStyles.js';

import { ActionIcon, Button, Switch, UnstyledButton } from '@mantine/core';
import { type Notification } from '@sportello/api-client';
import {
  IconAlertTriangle,
  IconAt,
  IconBell,
  IconMail,
  IconMailOpened,
  IconUserCheck,
  type Icon,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Face, When } from '../item/marks.js';
import { ItemPanel } from '../item/ItemPanel.js';
import { useCommand } from '../shell/commands.js';
import { Frame } from '../shell/Frame.js';
import { Empty, Failed, Loading } from '../shell/States.js';
import { PlainHeader } from '../view/ListHeader.js';
import { useListSearch } from '../view/useListSearch.js';
import { countText } from '../view/view.queries.js';
import { notificationsQuery, useMarkRead } from './notification.queries.js';
import styles from './NotificationsPage.module.css';

const icons: Record<Notification['reason'], Icon> = {
  assigned: IconUserCheck,
  mentioned: IconAt,
  followed: IconBell,
  bounced: IconAlertTriangle,
};

/** What I should know, newest first. Opening one marks it read. */
export function NotificationsPage() {
  const { t } = useTranslation();
  const { search, open, close } = useListSearch();
  const { data, error, refetch } = useQuery(notificationsQuery);
  const mark = useMarkRead();
  const [unreadOnly, setUnreadOnly] = useState(false);
  const shown = (data?.data ?? []).filter(({ read }) => !unreadOnly || !read);
  const index = shown.findIndex(({ itemNumber }) => String(itemNumber) === search.open);
  const show = (notification: Notification | undefined) => {
    if (!notification) return;
    if (!notification.read) mark.mutate({ ids: [notification.id], read: true });
    open(notification.itemNumber);
  };
  useCommand('next', () => show(shown[index + 1]));
  useCommand('previous', () => show(shown[Math.max(0, index - 1)]));
  useCommand('close', close, Boolean(search.open));

  return (
    <Frame
      list={
        <div className={styles.view}>
          <PlainHeader title={t('shell.notifications')} count={data?.unread ? countText(data.unread) : undefined}>
            <Switch
              size="xs"
              label={t('notification.unreadOnly')}
              checked={unreadOnly}
              onChange={(event) => setUnreadOnly(event.currentTarget.checked)}
            />
            <Button variant="default" disabled={!data?.unread} onClick={() => mark.mutate({ read: true })}>
              {t('notification.allRead')}
            </Button>
          </PlainHeader>
          {error ? (
            <Failed error={error} retry={() => void refetch()} />
          ) : !data ? (
            <Loading />
          ) : shown.length === 0 ? (
            <Empty icon={<IconBell size={26} stroke={1.4} />}>{t('notification.empty')}</Empty>
          ) : (
            <ul className={styles.list} aria-label={t('shell.notifications')}>
              {shown.map((notification) => {
                const Mark = icons[notification.reason];
                const toggle = t(notification.read ? 'notification.markUnread' : 'notification.markRead');
                return (
                  <li
                    key={notification.id}
                    data-unread={!notification.read || undefined}
                    data-open={String(notification.itemNumber) === search.open || undefined}
                  >
                    <UnstyledButton className={styles.row} onClick={() => show(notification)}>
                      {notification.actor ? (
                        <Face kind={notification.actor.kind} name={notification.actor.name} size={28} />
                      ) : (
                        <Mark size={22} stroke={1.5} aria-hidden className={styles.mark} />
                      )}
                      <span className={styles.text}>
                        <span className={styles.what}>
                          {!notification.read && (
                            <span className={styles.dot} role="img" aria-label={t('view.unread')} />
                          )}
                          <Mark size={14} aria-hidden />
                          {t(`notification.reasons.${notification.reason}`, {
                            name: notification.actor?.name ?? t('item.activity.product'),
                          })}
                          <small>
                            <When at={notification.at} />
                          </small>
                        </span>
                        <span className={styles.title}>
                          {notification.itemNumber} {notification.title}
                          {notification.others > 0 && ` ${t('notification.others', { count: notification.others })}`}
                        </span>
                        {notification.excerpt && <span className={styles.excerpt}>{notification.excerpt}</span>}
                      </span>
                    </UnstyledButton>
                    <ActionIcon
                      data-tip={toggle}
                      aria-label={toggle}
                      onClick={() => mark.mutate({ ids: [notification.id], read: !notification.read })}
                    >
                      {notification.read ? <IconMail size={15} /> : <IconMailOpened size={15} />}
                    </ActionIcon>
                  </li>
                );
              })}
            </ul>
          )}
        </div>
      }
      panel={
        search.open ? (
          <ItemPanel key={search.open} reference={search.open} close={close} onFinished={() => undefined} />
        ) : null
      }
    />
  );
}
