import { ActionIcon, UnstyledButton } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowsSort,
  IconArrowUp,
  IconColumns3,
  IconLayoutList,
  IconLayoutSidebar,
} from '@tabler/icons-react';
import { lazy, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usePhone } from '../shell/Frame.js';
import { LazyMenu } from '../shell/LazyMenu.js';
import { usePreferences } from '../shell/preferences.js';
import { DayJump } from './DayJump.js';
import { layouts, type Layout, type ListSearch, type Sort } from './filter.js';
import { FilterBar } from './FilterBar.js';
import { type Place } from './place.js';
import { countText } from './view.queries.js';
import styles from './ListHeader.module.css';

const loadSortMenu = () => import('./SortMenu.js');
const loadColumnsMenu = () => import('./ColumnsMenu.js');
const SortMenu = lazy(loadSortMenu);
const ColumnsMenu = lazy(loadColumnsMenu);

interface Props {
  title: string;
  search: ListSearch;
  set: (next: Partial<ListSearch>) => void;
  layout: Layout;
  sort: Sort;
  jump: (to: Place) => void;
  count: number | undefined;
  narrow: boolean;
}

/** One row: name, count, filter chips, sort, columns, layout. */
export function ListHeader({ title, search, set, layout, sort, jump, count, narrow }: Props) {
  const { t } = useTranslation();
  const [, prefer] = usePreferences();
  const phone = usePhone();
  const [asking, setAsking] = useState(false);
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
      <LazyMenu
        load={loadSortMenu}
        button={(more) => (
          <UnstyledButton
            data-tip={t('view.sort')}
            className={styles.sort}
            aria-label={`${t('view.sort')}: ${t(`view.sorts.${sort.field}`)}`}
            {...more}
          >
            <IconArrowsSort size={15} aria-hidden />
            <span>{t(`view.sorts.${sort.field}`)}</span>
            {sort.falling ? <IconArrowDown size={13} aria-hidden /> : <IconArrowUp size={13} aria-hidden />}
          </UnstyledButton>
        )}
      >
        {(target) => (
          <SortMenu
            target={target}
            sort={sort}
            setSort={(next) => set({ sort: next })}
            jump={jump}
            askDay={() => setAsking(true)}
          />
        )}
      </LazyMenu>
      {asking && <DayJump go={(day) => jump({ day })} close={() => setAsking(false)} />}
      {layout === 'table' && (
        <LazyMenu
          load={loadColumnsMenu}
          button={(more) => (
            <ActionIcon data-tip={t('view.columns')} aria-label={t('view.columns')} {...more}>
              <IconColumns3 size={15} stroke={1.7} aria-hidden />
            </ActionIcon>
          )}
        >
          {(target) => <ColumnsMenu target={target} />}
        </LazyMenu>
      )}
      {!phone && (
        <div className={styles.layout} role="radiogroup" aria-label={t('view.layout')}>
          {layouts.map((each) => {
            const Mark = each === 'table' ? IconLayoutList : IconLayoutSidebar;
            const name = t(`view.layouts.${each}`);
            return (
              <button
                key={each}
                data-tip={name}
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
