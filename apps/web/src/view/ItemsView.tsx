import { type Item } from '@sportello/api-client';
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@mantine/core';
import { IconArrowUp } from '@tabler/icons-react';
import { useAssignMe } from '../item/useAssignMe.js';
import { useFinish } from '../item/useFinish.js';
import { type Command } from '../shell/keys.js';
import { useCommand } from '../shell/commands.js';
import { Frame, usePhone } from '../shell/Frame.js';
import { readPreferences, usePreferences } from '../shell/preferences.js';
import { Empty, Failed, Loading } from '../shell/States.js';
import { ListHeader } from './ListHeader.js';
import { ItemRows } from './ItemRows.js';
import { neighbour } from './list.js';
import { queryOf } from './filter.js';
import { type Place } from './place.js';
import { orderOf, useItemList } from './view.queries.js';
import { useListSearch } from './useListSearch.js';
import { useSelection } from './useSelection.js';
import styles from './ItemsView.module.css';

// The list comes first; what opens from it is fetched while somebody reads the list.
const loadPanel = () => import('../item/ItemPanel.js');
const ItemPanel = lazy(() => loadPanel().then((module) => ({ default: module.ItemPanel })));
const BulkBar = lazy(() => import('./BulkBar.js').then((module) => ({ default: module.BulkBar })));

interface Props {
  /** A shipped view, or null for all that the filter lets through. */
  view: string | null;
  title: string;
  /** Stands above the list. */
  children?: ReactNode;
}

/** A list with its header, its panel and its keys. Every page of records is one of these. */
export function ItemsView({ view, title, children }: Props) {
  const { t } = useTranslation();
  const { search, set, open, close: closePanel } = useListSearch();
  const [preferences] = usePreferences();
  const phone = usePhone();
  const layout = phone ? 'inbox' : (search.layout ?? preferences.layout);
  const touched = useRef({ pointer: false, scrolled: false, ticked: 0, open: false });
  const sort = orderOf(search);
  // A jump lasts as long as the list it was made in.
  const address = JSON.stringify(queryOf({ ...search, open: undefined, layout: undefined }));
  const [jumped, setJumped] = useState<{ in: string; to: Place }>({ in: address, to: 'start' });
  const at = jumped.in === address ? jumped.to : 'start';
  const jump = (to: Place) => setJumped({ in: address, to });
  const { list, place, error, isPending, refetch, loadMore, loadAbove, loadingMore, showWaiting } = useItemList(
    view,
    search,
    at,
    () => {
      const { pointer, scrolled, ticked, open: isOpen } = touched.current;
      return pointer || scrolled || ticked > 0 || isOpen;
    },
  );
  const rows = list?.rows ?? noRows;
  const selection = useSelection(rows);
  const openRow = rows.find(({ number, id }) => String(number) === search.open || id === search.open);
  const finish = useFinish();
  const assignMe = useAssignMe();

  useEffect(() => {
    const timer = setTimeout(() => void loadPanel(), 1500);
    return () => clearTimeout(timer);
  }, []);

  // The row that was open is where the keys go on.
  const close = () => {
    if (openRow) selection.setCursor(openRow.id);
    closePanel();
  };
  const current = openRow?.id ?? selection.cursor;
  const walk = (step: 1 | -1) => {
    const to = neighbour(rows, current, step);
    if (!to) return;
    selection.setCursor(to.id);
    if (search.open) open(to.number);
    if (step === 1 && rows.indexOf(to) > rows.length - 20) void loadMore();
  };
  const cursorRow = rows.find(({ id }) => id === current);
  useCommand('next', () => walk(1));
  useCommand('previous', () => walk(-1));
  useCommand('open', () => cursorRow && open(cursorRow.number));
  useCommand('select', () => cursorRow && selection.toggle(cursorRow.id));
  useCommand(
    'close',
    () => (search.open ? close() : selection.clear()),
    Boolean(search.open) || selection.ticked.size > 0,
  );
  useCommand('finish', () => cursorRow && finish(cursorRow), cursorRow?.can.includes('item.edit') ?? false);

  // On a row that is not open, a key for a property selects it and opens that property in the bar at the foot.
  const [asked, setAsked] = useState<Command | null>(null);
  const onRow = !search.open && selection.ticked.size === 0 && (cursorRow?.can.includes('item.edit') ?? false);
  const ask = (command: Command) => {
    if (!cursorRow) return;
    setAsked(command);
    selection.toggle(cursorRow.id);
  };
  useCommand('assign', () => ask('assign'), onRow);
  useCommand('status', () => ask('status'), onRow);
  useCommand('priority', () => ask('priority'), onRow);
  useCommand('tag', () => ask('tag'), onRow);
  useCommand('assignMe', () => cursorRow && assignMe(cursorRow)?.(), onRow);

  const afterFinish = () => {
    const { afterFinish: then } = readPreferences();
    if (then === 'stay') return;
    const next = then === 'next' ? neighbour(rows, current, 1) : undefined;
    if (!next) return close();
    selection.setCursor(next.id);
    open(next.number);
  };

  const note = (change: Partial<typeof touched.current>) => {
    Object.assign(touched.current, change);
  };

  return (
    <Frame
      inbox={layout === 'inbox'}
      list={
        <div
          className={styles.view}
          onPointerEnter={(event) => event.pointerType === 'mouse' && note({ pointer: true })}
          onPointerLeave={() => note({ pointer: false })}
        >
          <ListHeader
            title={title}
            search={search}
            set={set}
            layout={layout}
            sort={sort}
            jump={jump}
            count={list?.count}
            narrow={layout === 'inbox'}
          />
          {children}
          {at !== 'start' && (
            <div className={styles.pill}>
              <Button
                size="compact-sm"
                radius="xl"
                leftSection={<IconArrowUp size={14} />}
                onClick={() => jump('start')}
              >
                {t('view.toStart')}
              </Button>
            </div>
          )}
          {list && list.waiting.length > 0 && (
            <div className={styles.pill} role="status">
              <Button size="compact-sm" radius="xl" leftSection={<IconArrowUp size={14} />} onClick={showWaiting}>
                {t('view.waiting', { count: list.waiting.length })}
              </Button>
            </div>
          )}
          {error && !list ? (
            <Failed error={error} retry={() => void refetch()} />
          ) : isPending || !list ? (
            <Loading lines={12} />
          ) : rows.length === 0 ? (
            <NothingHere
              view={view}
              filtered={search.chips.length > 0 || Boolean(search.text)}
              clear={() => set({ chips: [], text: undefined })}
            />
          ) : (
            <ItemRows
              key={`${layout}.${place}`}
              place={`${layout}.${place}`}
              at={at}
              list={list}
              layout={layout}
              sort={sort}
              setSort={(next) => set({ sort: next })}
              openId={openRow?.id ?? null}
              currentId={current}
              selection={selection}
              onOpen={(row) => {
                selection.setCursor(row.id);
                open(row.number);
              }}
              swipes={{ finish: (row) => (mayFinish(row) ? () => finish(row) : null), assignMe }}
              loadMore={() => void loadMore()}
              loadAbove={() => void loadAbove()}
              jump={jump}
              loadingMore={loadingMore}
              onUse={(scrolled) => note({ scrolled, ticked: selection.ticked.size, open: Boolean(search.open) })}
            />
          )}
          {selection.chosen.length > 0 && (
            <Suspense>
              <BulkBar
                items={selection.chosen}
                clear={selection.clear}
                all={selection.all}
                asked={asked}
                onAsked={() => setAsked(null)}
              />
            </Suspense>
          )}
        </div>
      }
      panel={
        search.open ? (
          <Suspense fallback={<Loading lines={6} />}>
            <ItemPanel key={search.open} reference={search.open} close={close} onFinished={afterFinish} step={walk} />
          </Suspense>
        ) : layout === 'inbox' && !phone && rows.length > 0 ? (
          <Empty>{t('view.chooseOne')}</Empty>
        ) : null
      }
    />
  );
}

const noRows: Item[] = [];
const mayFinish = ({ can, status }: Item) => can.includes('item.edit') && status.state !== 'finished';

function NothingHere({ view, filtered, clear }: { view: string | null; filtered: boolean; clear: () => void }) {
  const { t } = useTranslation();
  if (filtered) {
    return (
      <Empty
        action={
          <Button variant="default" onClick={clear}>
            {t('view.clearFilter')}
          </Button>
        }
      >
        {t('view.noMatch')}
      </Empty>
    );
  }
  return (
    <Empty>{t(`view.empty.${view ?? 'all-open'}` as 'view.empty.mine', { defaultValue: t('view.noMatch') })}</Empty>
  );
}
