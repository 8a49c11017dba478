import { ActionIcon, UnstyledButton } from '@mantine/core';
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
  IconPlus,
  IconSearch,
  IconSettings,
  IconUser,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react';
import { Link, type LinkProps } from '@tanstack/react-router';
import { lazy, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Face } from '../item/marks.js';
import { useUnreadNotifications } from '../notification/notification.queries.js';
import { countText, useViews } from '../view/view.queries.js';
import { Keys } from './Caps.js';
import { LazyMenu } from './LazyMenu.js';
import { useConnection } from './live.js';
import { readPreferences, usePreferences } from './preferences.js';
import { useMe, useCan, useWorkspace } from './session.js';
import styles from './LeftBar.module.css';

const viewIcons: Record<string, ReactNode> = {
  unassigned: <IconCircleDashed />,
  mine: <IconUser />,
  'my-teams': <IconUsersGroup />,
  'all-open': <IconInbox />,
};

const loadWorkspaceMenu = () => import('./WorkspaceMenu.js');
const loadMeMenu = () => import('./MeMenu.js');
const WorkspaceMenu = lazy(loadWorkspaceMenu);
const MeMenu = lazy(loadMeMenu);

/** Where to go. Folded, the marks stay, and their names are in the tips. */
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
  const folded = preferences.barFolded;
  const fold = t(folded ? 'shell.showBar' : 'shell.foldBar');
  const named = (name: string) => (folded ? name : undefined);

  return (
    <nav className={styles.bar} aria-label={t('shell.mainMenu')} data-folded={folded || undefined}>
      <div className={styles.head}>
        <LazyMenu
          load={loadWorkspaceMenu}
          button={(more) => (
            <UnstyledButton className={styles.workspace} {...more}>
              <img src="/icon.svg" width={20} height={20} alt="" />
              <span>{me.workspace.name}</span>
              <IconChevronDown size={14} aria-hidden />
            </UnstyledButton>
          )}
        >
          {(target) => <WorkspaceMenu target={target} />}
        </LazyMenu>
        <ActionIcon
          data-tip={fold}
          data-keys="bar"
          aria-label={fold}
          onClick={() => prefer({ barFolded: !folded })}
          size={24}
        >
          {folded ? (
            <IconLayoutSidebarLeftExpand size={16} stroke={1.6} />
          ) : (
            <IconLayoutSidebarLeftCollapse size={16} stroke={1.6} />
          )}
        </ActionIcon>
      </div>
      <div className={styles.scroll}>
        <UnstyledButton
          className={styles.entry}
          onClick={onSearch}
          data-tip={named(t('shell.search'))}
          data-keys="palette"
        >
          <IconSearch />
          <span>{t('shell.search')}</span>
          <Keys of="palette" />
        </UnstyledButton>
        {mayCreate && (
          <UnstyledButton className={styles.entry} onClick={onNew} data-tip={named(t('shell.new'))} data-keys="new">
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
        <ActionIcon data-tip={t('shell.help')} aria-label={t('shell.help')} onClick={onHelp}>
          <IconHelpCircle size={17} stroke={1.6} />
        </ActionIcon>
        <ActionIcon
          data-tip={t('shell.settings')}
          aria-label={t('shell.settings')}
          renderRoot={(props) => <Link to="/$workspace/settings" params={params} {...props} />}
        >
          <IconSettings size={17} stroke={1.6} />
        </ActionIcon>
        <LazyMenu
          load={loadMeMenu}
          button={(more) => (
            <UnstyledButton className={styles.me} {...more}>
              <Face kind="user" name={me.name} size={24} />
              <span className={styles.hidden}>{t('shell.me', { name: me.name })}</span>
            </UnstyledButton>
          )}
        >
          {(target) => <MeMenu target={target} />}
        </LazyMenu>
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
      data-tip={readPreferences().barFolded ? label : undefined}
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

function Connection() {
  const { t } = useTranslation();
  const state = useConnection();
  return (
    <span data-tip={t(`shell.connection.${state}`)} className={styles.connection} role="status" data-state={state}>
      <span>{t(`shell.connectionShort.${state}`)}</span>
    </span>
  );
}
