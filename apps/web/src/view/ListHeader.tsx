import { Menu, Tooltip, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp, IconLayoutList, IconLayoutSidebar } from '@tabler/icons-react';
import { type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usePreferences } from '../shell/preferences.js';
import { usePhone } from '../shell/Frame.js';
import { layouts, sortFields, sortOf, sortText, type Layout, type ListSearch } from './filter.js';
import { FilterBar } from './FilterBar.js';
import { countText } from './view.queries.js';
import styles from './ListHeader.module.css';

interface Props {
  title: string;
  search: ListSearch;
  set: (next: Partial<ListSearch>) => void;
  layout: Layout;
  count: number | undefined;
  narrow: boolean;
}

/** One row: name, count, layout, filter chips, sort. */
export function ListHeader({ title, search, set, layout, count, narrow }: Props) {
  const { t } = useTranslation();
  const [, prefer] = usePreferences();
  const phone = usePhone();
  const sort = sortOf(search.sort) ?? { field: 'updatedAt', falling: true };
  return (
    <header className={styles.header} data-narrow={narrow || undefined}>
      <h1 className={styles.title}>{title}</h1>
      {count !== undefined && (
        <span className={styles.count} aria-label={t('view.count', { count })}>
          {countText(count)}
        </span>
      )}
      <div className={styles.filters}>
        <FilterBar search={search} set={set} />
      </div>
      <Menu position="bottom-end">
        <Menu.Target>
          <Tooltip label={t('view.sort')}>
            <UnstyledButton className={styles.sort} aria-label={`${t('view.sort')}: ${t(`view.sorts.${sort.field}`)}`}>
              <IconArrowsSort size={15} aria-hidden />
              <span>{t(`view.sorts.${sort.field}`)}</span>
              {sort.falling ? <IconArrowDown size={13} aria-hidden /> : <IconArrowUp size={13} aria-hidden />}
            </UnstyledButton>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t('view.sort')}</Menu.Label>
          {sortFields.map((field) => {
            const falling = field === sort.field ? !sort.falling : field !== 'dueAt';
            return (
              <Menu.Item
                key={field}
                onClick={() => set({ sort: sortText({ field, falling }) })}
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
            );
          })}
        </Menu.Dropdown>
      </Menu>
      {!phone && (
        <div className={styles.layout} role="radiogroup" aria-label={t('view.layout')}>
          {layouts.map((each) => {
            const Mark = each === 'table' ? IconLayoutList : IconLayoutSidebar;
            const name = t(`view.layouts.${each}`);
            return (
              <Tooltip key={each} label={name}>
                <button
                  type="button"
                  role="radio"
                  aria-checked={each === layout}
                  aria-label={name}
                  onClick={() => {
                    prefer({ layout: each });
                    set({ layout: each });
                  }}
                >
                  <Mark size={15} stroke={1.7} aria-hidden />
                </button>
              </Tooltip>
            );
          })}
        </div>
      )}
    </header>
  );
}

/** For pages that have a title and buttons, and no list of records. */
export function PlainHeader({ title, count, children }: { title: string; count?: string; children?: ReactNode }) {
  return (
    <header className={styles.header}>
      <h1 className={styles.title}>{title}</h1>
      {count && <span className={styles.count}>{count}</span>}
      <div className={styles.filters} />
      {children}
    </header>
  );
}
