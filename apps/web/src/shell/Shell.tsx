import { useDisclosure } from '@mantine/hooks';
import { Outlet, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand, useKeyboard } from './commands.js';
import { FootBar } from './FootBar.js';
import { LeftBar } from './LeftBar.js';
import { useLiveUpdates } from './useLiveUpdates.js';
import { useConnection } from './live.js';
import { useOutgoing } from '../conversation/outgoing.js';
import { usePreferences } from './preferences.js';
import { useMe, useWorkspace } from './session.js';
import { Tips } from './Tips.js';
import { undoLast } from './undo.js';
import styles from './Shell.module.css';

const KeysOverview = lazy(() => import('./KeysOverview.js'));
const Palette = lazy(() => import('./Palette.js'));
const NewItemDialog = lazy(() => import('../item/NewItemDialog.js'));

/** The frame of every page of a workspace. */
export function Shell() {
  const { t } = useTranslation();
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const connection = useConnection();
  const [preferences, prefer] = usePreferences();
  const [palette, paletteIs] = useDisclosure(false);
  const [creating, creatingIs] = useDisclosure(false);
  const [overview, overviewIs] = useDisclosure(false);
  // Parts that open seldom are fetched when they first open, and kept from then on.
  const [opened, setOpened] = useState({ palette: false, creating: false, overview: false });

  useKeyboard();
  useLiveUpdates();
  useOutgoing(useMe().id);

  const openPalette = () => {
    setOpened((before) => ({ ...before, palette: true }));
    paletteIs.open();
  };
  const create = () => {
    setOpened((before) => ({ ...before, creating: true }));
    creatingIs.open();
  };
  const help = () => {
    setOpened((before) => ({ ...before, overview: true }));
    overviewIs.open();
  };
  const params = { workspace };
  useCommand('palette', openPalette);
  useCommand('search', openPalette);
  useCommand('new', create);
  useCommand('overview', help);
  useCommand('undo', undoLast);
  useCommand('bar', () => prefer({ barFolded: !preferences.barFolded }));
  useCommand('go.home', () => void navigate({ to: '/$workspace/home', params }));
  useCommand(
    'go.tickets',
    () => void navigate({ to: '/$workspace/views/$view', params: { workspace, view: 'all-open' } }),
  );
  useCommand('go.people', () => void navigate({ to: '/$workspace/customers', params }));
  useCommand('go.notifications', () => void navigate({ to: '/$workspace/notifications', params }));

  return (
    <div className={styles.shell} data-folded={preferences.barFolded || undefined}>
      <a className={styles.skip} href="#content">
        {t('shell.skip')}
      </a>
      <LeftBar onSearch={openPalette} onNew={create} onHelp={help} />
      <div className={styles.content} id="content" tabIndex={-1}>
        {connection === 'offline' && (
          <div className={styles.offline} role="status">
            {t('shell.offline')}
          </div>
        )}
        <Outlet />
      </div>
      <FootBar onNew={create} />
      <Tips />
      {opened.palette && (
        <Suspense>
          <Palette opened={palette} close={paletteIs.close} />
        </Suspense>
      )}
      {opened.creating && (
        <Suspense>
          <NewItemDialog opened={creating} close={creatingIs.close} />
        </Suspense>
      )}
      {opened.overview && (
        <Suspense>
          <KeysOverview opened={overview} close={overviewIs.close} />
        </Suspense>
      )}
    </div>
  );
}
