import { ActionIcon, Menu, Tooltip, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import {
  IconBell,
  IconBuilding,
  IconChevronDown,
  IconCircleDashed,
  IconHelpCircle,
  IconHome,
  IconInbox,
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconLogout,
  IconMoon,
  IconPlus,
  IconSearch,
  IconSettings,
  IconSun,
  IconUser,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react';
import { signOut } from '../entry/entry.queries.js';
import { Link, type LinkProps } from '@tanstack/react-router';
import { type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Face } from '../item/marks.js';
import { useUnreadNotifications } from '../notification/notification.queries.js';
import { countText, useViews } from '../view/view.queries.js';
import { Keys } from './Caps.js';
import { useConnection } from './live.js';
import { usePreferences } from './preferences.js';
import { useMe, useCan, useWorkspace } from './session.js';
import styles from './LeftBar.module.css';

const viewIcons: Record<string, ReactNode> = {
  unassigned: <IconCircleDashed />,
  mine: <IconUser />,
  'my-teams': <IconUsersGroup />,
  'all-open': <IconInbox />,
};

export function LeftBar({ onSearch, onNew, onHelp }: { onSearch: () => void; onNew: () => void; onHelp: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const workspace = useWorkspace();
  const views = useViews();
  const unread = useUnreadNotifications();
  const [preferences, prefer] = usePreferences();
  const mayCreate = useCan('item.create');
  const maySeePeople = useCan('customer.view');
  const params = { workspace };

  if (preferences.barFolded) {
    return (
      <Tooltip label={t('shell.showBar')}>
        <ActionIcon
          className={styles.unfold}
          aria-label={t('shell.showBar')}
          onClick={() => prefer({ barFolded: false })}
          variant="default"
        >
          <IconLayoutSidebarLeftExpand size={16} />
        </ActionIcon>
      </Tooltip>
    );
  }

  return (
    <nav className={styles.bar} aria-label={t('shell.mainMenu')}>
      <div className={styles.head}>
        <WorkspaceMenu />
        <Tooltip label={t('shell.foldBar')}>
          <ActionIcon aria-label={t('shell.foldBar')} onClick={() => prefer({ barFolded: true })} size={24}>
            <IconLayoutSidebarLeftCollapse size={16} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      </div>
      <div className={styles.scroll}>
        <UnstyledButton className={styles.entry} onClick={onSearch}>
          <IconSearch />
          <span>{t('shell.search')}</span>
          <Keys of="palette" />
        </UnstyledButton>
        {mayCreate && (
          <UnstyledButton className={styles.entry} onClick={onNew}>
            <IconPlus />
            <span>{t('shell.new')}</span>
            <Keys of="new" />
          </UnstyledButton>
        )}
        <Entry icon={<IconHome />} label={t('shell.home')} to="/$workspace/home" params={params} />
        <Entry
          icon={<IconBell />}
          label={t('shell.notifications')}
          to="/$workspace/notifications"
          params={params}
          count={unread ? countText(unread) : undefined}
          loud
        />
        <h2 className={styles.group}>{t('shell.tickets')}</h2>
        {views.map((view) => (
          <Entry
            key={view.id}
            icon={viewIcons[view.id] ?? <IconInbox />}
            label={t(`view.names.${view.id}` as 'view.names.mine', { defaultValue: view.id })}
            to="/$workspace/views/$view"
            params={{ workspace, view: view.id }}
            count={view.count ? countText(view.count) : undefined}
            loud={view.unread}
          />
        ))}
        {maySeePeople && (
          <>
            <h2 className={styles.group}>{t('shell.people')}</h2>
            <Entry icon={<IconUsers />} label={t('shell.customers')} to="/$workspace/customers" params={params} />
            <Entry
              icon={<IconBuilding />}
              label={t('shell.organizations')}
              to="/$workspace/organizations"
              params={params}
            />
          </>
        )}
      </div>
      <div className={styles.foot}>
        <Connection />
        <Tooltip label={t('shell.help')}>
          <ActionIcon aria-label={t('shell.help')} onClick={onHelp}>
            <IconHelpCircle size={17} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('shell.settings')}>
          <ActionIcon
            aria-label={t('shell.settings')}
            renderRoot={(props) => <Link to="/$workspace/settings" params={params} {...props} />}
          >
            <IconSettings size={17} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
        <MeMenu name={me.name} />
      </div>
    </nav>
  );
}

function Entry({
  icon,
  label,
  count,
  loud,
  ...link
}: { icon: ReactNode; label: string; count?: string; loud?: boolean } & Pick<LinkProps, 'to' | 'params'>) {
  return (
    <Link
      {...(link as LinkProps)}
      className={styles.entry}
      activeProps={{ 'aria-current': 'page' }}
      activeOptions={{ includeSearch: false }}
    >
      {icon}
      <span>{label}</span>
      {count && (
        <span className={styles.count} data-loud={loud || undefined}>
          {count}
        </span>
      )}
    </Link>
  );
}

function WorkspaceMenu() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <Menu width={232}>
      <Menu.Target>
        <UnstyledButton className={styles.workspace}>
          <img src="/icon.svg" width={20} height={20} alt="" />
          <span>{me.workspace.name}</span>
          <IconChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me.email}</Menu.Label>
        <Menu.Item
          leftSection={<IconSettings size={15} />}
          renderRoot={(props) => (
            <Link to="/$workspace/settings" params={{ workspace: me.workspace.slug }} {...props} />
          )}
        >
          {t('shell.settings')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void signOut()}>
          {t('shell.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function MeMenu({ name }: { name: string }) {
  const { t } = useTranslation();
  const workspace = useWorkspace();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="top-end" width={220}>
      <Menu.Target>
        <UnstyledButton className={styles.me}>
          <Face kind="user" name={name} size={24} />
          <span className={styles.hidden}>{t('shell.me', { name })}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{name}</Menu.Label>
        <Menu.Item
          leftSection={<IconUser size={15} />}
          renderRoot={(props) => (
            <Link to="/$workspace/settings/$section" params={{ workspace, section: 'account' }} {...props} />
          )}
        >
          {t('shell.account')}
        </Menu.Item>
        <Menu.Item
          leftSection={colorScheme === 'dark' ? <IconSun size={15} /> : <IconMoon size={15} />}
          onClick={() => setColorScheme(colorScheme === 'dark' ? 'light' : 'dark')}
        >
          {colorScheme === 'dark' ? t('shell.light') : t('shell.dark')}
        </Menu.Item>
        {colorScheme !== 'auto' && <Menu.Item onClick={() => setColorScheme('auto')}>{t('shell.asSystem')}</Menu.Item>}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void signOut()}>
          {t('shell.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Connection() {
  const { t } = useTranslation();
  const state = useConnection();
  return (
    <Tooltip label={t(`shell.connection.${state}`)}>
      <span className={styles.connection} role="status" data-state={state}>
        <span>{t(`shell.connectionShort.${state}`)}</span>
      </span>
    </Tooltip>
  );
}
