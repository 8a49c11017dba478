import { Menu } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { OpenMenu } from '../shell/OpenMenu.js';
import { pressed, sortFields, sortText, type Sort } from './filter.js';
import { jumpFields, type Place } from './place.js';

/** The order of a list, and jumps within it. */
export default function SortMenu({
  target,
  sort,
  setSort,
  jump,
  askDay,
}: {
  target: ReactElement;
  sort: Sort;
  setSort: (sort: string) => void;
  jump: (to: Place) => void;
  askDay: () => void;
}) {
  const { t } = useTranslation();
  return (
    <OpenMenu target={target} position="bottom-end">
      <Menu.Label>{t('view.sort')}</Menu.Label>
      {sortFields.map((field) => (
        <Menu.Item
          key={field}
          onClick={() => setSort(sortText(pressed(sort, field)))}
          rightSection={
            field === sort.field &&
            (sort.falling ? (
              <IconArrowDown size={14} aria-label={t('view.falling')} />
            ) : (
              <IconArrowUp size={14} aria-label={t('view.rising')} />
            ))
          }
        >
          {t(`view.sorts.${field}`)}
        </Menu.Item>
      ))}
      <Menu.Divider />
      <Menu.Label>{t('view.jump')}</Menu.Label>
      <Menu.Item onClick={() => jump('start')}>{t('view.toStart')}</Menu.Item>
      <Menu.Item onClick={() => jump('end')}>{t('view.toEnd')}</Menu.Item>
      {jumpFields.includes(sort.field) && <Menu.Item onClick={askDay}>{t('view.toDay')}</Menu.Item>}
    </OpenMenu>
  );
}
