import { useElementSize, useMergedRef } from '@mantine/hooks';
import { type Item } from '@sportello/api-client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Loading } from '../shell/States.js';
import { usePreferences } from '../shell/preferences.js';
import { ColumnHeads } from './ColumnHeads.js';
import { layOut } from './columns.js';
import { type Layout, type Sort } from './filter.js';
import { heights, ItemRow } from './ItemRow.js';
import { type List } from './list.js';
import { type Place } from './place.js';
import { type Selection } from './useSelection.js';
import { type Swipes } from './useSwipe.js';
import styles from './ItemRows.module.css';

/** Where each list was scrolled to when it was left. */
const places = new Map<string, number>();

interface Props {
  /** Names the list, to find its place again. */
  place: string;
  at: Place;
  list: List<Item>;
  layout: Layout;
  sort: Sort;
  setSort: (sort: string) => void;
  openId: string | null;
  currentId: string | null;
  selection: Selection;
  swipes: Swipes;
  onOpen: (row: Item) => void;
  loadMore: () => void;
  loadAbove: () => void;
  jump: (to: Place) => void;
  loadingMore: boolean;
  onUse: (scrolled: boolean) => void;
}

/** Only what is on the screen is drawn; ten thousand rows scroll like ten. */
export function ItemRows(props: Props) {
  const { place, at, list, layout, currentId, loadMore, loadAbove, jump, onUse, loadingMore } = props;
  const { rows, count, dimmed } = list;
  const { t } = useTranslation();
  const [{ columns: chosen }] = usePreferences();
  const box = useRef<HTMLDivElement>(null);
  const { ref: sized, width } = useElementSize<HTMLDivElement>();
  const boxRef = useMergedRef(box, sized);
  const { shown, template } = layOut(chosen, width || 1000);
  const above = list.above.size;
  // The virtualizer keeps its own state; the compiler's memo would freeze it.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => heights[layout],
    overscan: 12,
    initialOffset: () => places.get(place) ?? (at === 'end' ? rows.length : above) * heights[layout],
    getItemKey: (index) => (rows[index] as Item).id,
  });
  const drawn = virtual.getVirtualItems();
  const [first, last] = [drawn[0]?.index ?? 0, drawn.at(-1)?.index ?? 0];
  useEffect(() => {
    if (last > rows.length - 30) loadMore();
    if (first < 30) loadAbove();
    // Only what is in view decides.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [first, last, rows.length]);
  // What comes in above moves nothing that somebody looks at.
  const known = useRef(above);
  useLayoutEffect(() => {
    if (box.current) box.current.scrollTop += (above - known.current) * heights[layout];
    known.current = above;
  }, [above, layout]);
  useEffect(() => {
    const offset = virtual.scrollOffset ?? 0;
    places.set(place, offset);
    onUse(offset > 40 || at !== 'start');
  });
  // Who jumped by a key goes on by keys.
  useEffect(() => {
    if (at !== 'start') box.current?.focus({ preventScroll: true });
  }, [at]);
  const currentIndex = rows.findIndex(({ id }) => id === currentId);
  useEffect(() => {
    if (currentIndex < 0) return;
    virtual.scrollToIndex(currentIndex, { align: 'auto' });
    const active = document.activeElement;
    if (active && box.current?.contains(active) && active !== box.current) {
      box.current.querySelector<HTMLElement>(`[data-row="${currentId}"]`)?.focus({ preventScroll: true });
    }
    // Follows the keys, not the scroll bar.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [currentId]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement && event.target.type === 'text') return;
    if (event.key === 'End') {
      if (list.nextCursor) jump('end');
      else virtual.scrollToIndex(rows.length - 1);
    } else if (event.key === 'Home') {
      if (list.aboveCursor || at !== 'start') jump('start');
      else virtual.scrollToIndex(0);
    } else return;
    event.preventDefault();
  };

  return (
    <div
      className={styles.grid}
      role="grid"
      aria-label={t('view.list')}
      aria-rowcount={count > 1000 ? -1 : count}
      aria-multiselectable
      onKeyDown={onKeyDown}
    >
      {layout === 'table' && (
        <ColumnHeads columns={shown} template={template} sort={props.sort} setSort={props.setSort} />
      )}
      <div ref={boxRef} className={styles.scroll} role="rowgroup" tabIndex={currentIndex < 0 ? 0 : -1}>
        <div role="presentation" className={styles.whole} style={{ height: virtual.getTotalSize() }}>
          {drawn.map(({ index, start }) => (
            <ItemRow
              key={(rows[index] as Item).id}
              row={rows[index] as Item}
              index={index}
              top={start}
              layout={layout}
              columns={shown}
              template={template}
              dimmed={dimmed}
              openId={props.openId}
              currentId={currentId}
              selection={props.selection}
              swipes={props.swipes}
              onOpen={props.onOpen}
            />
          ))}
        </div>
        {loadingMore && <Loading lines={2} />}
      </div>
    </div>
  );
}
