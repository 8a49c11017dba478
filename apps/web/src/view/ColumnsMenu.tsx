import { Menu } from '@mantine/core';
import { type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { OpenMenu } from '../shell/OpenMenu.js';
import { usePreferences } from '../shell/preferences.js';
import { choosable, standardColumns } from './columns.js';

/** Which columns the table shows; kept in this browser. */
export default function ColumnsMenu({ target }: { target: ReactElement }) {
  const { t } = useTranslation();
  const [{ columns }, prefer] = usePreferences();
  return (
    <OpenMenu target={target} position="bottom-end">
      <Menu.Label>{t('view.columns')}</Menu.Label>
      {choosable.map((column) => (
        <Menu.CheckboxItem
          key={column}
          checked={columns.includes(column)}
          onChange={(on) => prefer({ columns: on ? [...columns, column] : columns.filter((each) => each !== column) })}
        >
          {t(`view.columnNames.${column}`)}
        </Menu.CheckboxItem>
      ))}
      <Menu.Divider />
      <Menu.Item onClick={() => prefer({ columns: standardColumns })}>{t('view.standardColumns')}</Menu.Item>
    </OpenMenu>
  );
}
