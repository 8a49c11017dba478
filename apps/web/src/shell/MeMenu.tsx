import { Menu, useMantineColorScheme } from '@mantine/core';
import { IconLogout, IconMoon, IconSun, IconUser } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { OpenMenu } from './OpenMenu.js';
import { signOut } from '../entry/entry.queries.js';
import { useMe, useWorkspace } from './session.js';

export default function MeMenu({ target }: { target: ReactElement }) {
  const { t } = useTranslation();
  const me = useMe();
  const workspace = useWorkspace();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <OpenMenu target={target} position="top-end" width={220}>
      <Menu.Label>{me.name}</Menu.Label>
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
    </OpenMenu>
  );
}
