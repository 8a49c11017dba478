import { Menu } from '@mantine/core';
import { IconLogout, IconSettings } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { OpenMenu } from './OpenMenu.js';
import { signOut } from '../entry/entry.queries.js';
import { useMe } from './session.js';

export default function WorkspaceMenu({ target }: { target: ReactElement }) {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <OpenMenu target={target} width={232}>
      <Menu.Label>{me.email}</Menu.Label>
      <Menu.Item
        leftSection={<IconSettings size={15} />}
        renderRoot={(props) => <Link to="/$workspace/settings" params={{ workspace: me.workspace.slug }} {...props} />}
      >
        {t('shell.settings')}
      </Menu.Item>
      <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void signOut()}>
        {t('shell.signOut')}
      </Menu.Item>
    </OpenMenu>
  );
}
