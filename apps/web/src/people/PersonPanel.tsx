import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconX } from '@tabler/icons-react';
import { type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usePhone } from '../shell/Frame.js';
import styles from './PersonPanel.module.css';

/** The frame of a customer's or an organization's panel. */
export function PersonPanel({
  icon,
  name,
  close,
  menu,
  children,
}: {
  icon: ReactNode;
  name: string;
  close: () => void;
  menu?: ReactNode;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const Heading = usePhone() ? 'h1' : 'h2';
  return (
    <section className={styles.panel} aria-label={name}>
      <header className={styles.head}>
        {icon}
        <Heading>{name}</Heading>
        {menu && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon aria-label={t('item.more')}>
                <IconDots size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>{menu}</Menu.Dropdown>
          </Menu>
        )}
        <ActionIcon data-tip={t('shell.close')} data-keys="close" aria-label={t('shell.close')} onClick={close}>
          <IconX size={16} />
        </ActionIcon>
      </header>
      <div className={styles.body}>{children}</div>
    </section>
  );
}
