import { type Item } from '@sportello/api-client';
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type KeyboardEvent, type MouseEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Assignees, PriorityMark, StatusMark, TypeMark, When } from '../item/marks.js';
import { Loading } from '../shell/States.js';
import { useWorkspace } from '../shell/session.js';
import { type Layout } from './filter.js';
import { type Selection } from './useSelection.js';
import styles from './ItemRows.module.css';

/** Where each list was scrolled to when it was left. */
const places = new Map<string, number>();

interface Props {
  /** Names the list, to find its place again. */
  place: string;
  rows: Item[];
  dimmed: ReadonlySet<string>;
  layout: Layout;
  openId: string | null;
  currentId: string | null;
  selection: Selection;
  count: number;
  onOpen: (row: Item) => void;
  onEnd: () => void;
  loadingMore: boolean;
  onUse: (scrolled: boolean) => void;
}

const heights: Record<Layout, number> = { table: 36, inbox: 64 };

/** Only what is on the screen is drawn; ten thousand rows scroll like ten. */
export function ItemRows(props: Props) {
  const { place, rows, layout, currentId, onEnd, onUse, loadingMore, count } = props;
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  // The virtualizer keeps its own state; the compiler's memo would freeze it.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => heights[layout],
    overscan: 12,
    initialOffset: () => places.get(place) ?? 0,
    getItemKey: (index) => (rows[index] as Item).id,
  });
  const drawn = virtual.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last > rows.length - 30) onEnd();
    // Only what is in view decides.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [last, rows.length]);
  useEffect(() => {
    const offset = virtual.scrollOffset ?? 0;
    places.set(place, offset);
    onUse(offset > 40);
  });
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

  const jump = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement && event.target.type === 'text') return;
    if (event.key === 'End') virtual.scrollToIndex(rows.length - 1);
    else if (event.key === 'Home') virtual.scrollToIndex(0);
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={box}
      className={styles.scroll}
      role="grid"
      aria-label={t('view.list')}
      aria-rowcount={count > 1000 ? -1 : count}
      aria-multiselectable
      onKeyDown={jump}
      tabIndex={currentIndex < 0 ? 0 : -1}
    >
      <div role="rowgroup" className={styles.whole} style={{ height: virtual.getTotalSize() }}>
        {drawn.map(({ index, start }) => (
          <Row key={(rows[index] as Item).id} row={rows[index] as Item} index={index} top={start} {...props} />
        ))}
      </div>
      {loadingMore && <Loading lines={2} />}
    </div>
  );
}

function Row({
  row,
  index,
  top,
  layout,
  dimmed,
  openId,
  currentId,
  selection,
  onOpen,
}: Props & { row: Item; index: number; top: number }) {
  const { t } = useTranslation();
  const workspace = useWorkspace();
  const ticked = selection.ticked.has(row.id);
  const click = (event: MouseEvent) => {
    if ((event.target as HTMLElement).closest('input, label')) return;
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    if (event.shiftKey) selection.toggle(row.id, true);
    else onOpen(row);
  };
  const shared = {
    role: 'row',
    'data-row': row.id,
    'aria-rowindex': index + 1,
    'aria-selected': ticked,
    'data-open': row.id === openId || undefined,
    'data-current': row.id === currentId || undefined,
    'data-unread': row.unread || undefined,
    'data-dimmed': dimmed.has(row.id) || undefined,
    tabIndex: row.id === currentId ? 0 : -1,
    onClick: click,
    onFocus: () => selection.setCursor(row.id),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === 'Enter' && event.target === event.currentTarget) onOpen(row);
    },
    style: { transform: `translateY(${top}px)`, height: heights[layout] },
  } as const;
  const tick = (
    <span role="gridcell" className={styles.tick}>
      <input
        type="checkbox"
        checked={ticked}
        aria-label={t('view.select', { number: row.number })}
        tabIndex={-1}
        onChange={(event) => selection.toggle(row.id, (event.nativeEvent as unknown as MouseEvent).shiftKey)}
      />
    </span>
  );
  const title = (
    <Link
      to="/$workspace/i/$number"
      params={{ workspace, number: String(row.number) }}
      tabIndex={-1}
      preload={false}
      draggable={false}
    >
      {row.title}
    </Link>
  );
  const unread = row.unread && <span className={styles.dot} role="img" aria-label={t('view.unread')} />;

  if (layout === 'inbox') {
    return (
      <div {...shared} className={styles.card}>
        {tick}
        <span role="gridcell" className={styles.cardText}>
          <span className={styles.line}>
            {unread}
            <span className={styles.who}>{row.requester?.name ?? row.type.name}</span>
            {row.priority > 2 && <PriorityMark priority={row.priority} />}
            <StatusMark status={row.status} bare />
            <span className={styles.when}>
              <When at={row.lastMessage?.at ?? row.updatedAt} />
            </span>
          </span>
          <span className={styles.subject}>{title}</span>
          <span className={styles.excerpt}>
            {row.lastMessage ? (
              <>
                {row.lastMessage.thread === 'internal' ? `${t('conversation.note')} · ` : ''}
                {row.lastMessage.author}: {row.lastMessage.excerpt}
              </>
            ) : (
              `#${row.number}`
            )}
          </span>
        </span>
      </div>
    );
  }
  return (
    <div {...shared} className={styles.row}>
      {tick}
      <span role="gridcell" className={styles.type}>
        <TypeMark type={row.type} />
      </span>
      <span role="gridcell" className={styles.number}>
        {row.number}
      </span>
      <span role="gridcell" className={styles.title}>
        {unread}
        {title}
        {row.tags.slice(0, 2).map((tag) => (
          <span key={tag} className={styles.tag}>
            {tag}
          </span>
        ))}
      </span>
      <span role="gridcell" className={styles.status}>
        <StatusMark status={row.status} />
      </span>
      <span role="gridcell" className={styles.priority}>
        <PriorityMark priority={row.priority} />
      </span>
      <span role="gridcell" className={styles.requester}>
        <span>{row.requester?.name}</span>
        {row.organization && <span className={styles.organization}>{row.organization.name}</span>}
      </span>
      <span role="gridcell" className={styles.assignees}>
        <Assignees of={row.assignees} />
      </span>
      <span role="gridcell" className={styles.due}>
        {row.dueAt && <When at={row.dueAt} />}
      </span>
      <span role="gridcell" className={styles.updated}>
        <When at={row.updatedAt} />
      </span>
    </div>
  );
}
