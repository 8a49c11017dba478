import { type Item } from '@sportello/api-client';
import { Link } from '@tanstack/react-router';
import { type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Assignees, PriorityMark, StatusMark, TypeMark, When } from '../item/marks.js';
import { useWorkspace } from '../shell/session.js';
import { type Column } from './columns.js';
import { type Layout } from './filter.js';
import { type Selection } from './useSelection.js';
import { useSwipe, type Swipes } from './useSwipe.js';
import styles from './ItemRows.module.css';

export const heights: Record<Layout, number> = { table: 36, inbox: 64 };

export interface RowProps {
  row: Item;
  index: number;
  top: number;
  layout: Layout;
  columns: readonly Column[];
  template: string;
  dimmed: ReadonlySet<string>;
  openId: string | null;
  currentId: string | null;
  selection: Selection;
  swipes: Swipes;
  onOpen: (row: Item) => void;
}

/** One record of a list: a line of cells, or a card of three lines. */
export function ItemRow(props: RowProps) {
  const { row, index, top, layout, columns, template, dimmed, openId, currentId, selection, swipes, onOpen } = props;
  const { t } = useTranslation();
  const workspace = useWorkspace();
  const swipe = useSwipe(row, swipes);
  const ticked = selection.ticked.has(row.id);
  const click = (event: MouseEvent) => {
    if ((event.target as HTMLElement).closest('input, label')) return;
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    if (swipe.moved()) return;
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
    ...swipe.handlers,
  } as const;
  const place = { transform: `translateY(${top}px)`, height: heights[layout] };
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
      <div {...shared} className={styles.card} style={place}>
        {swipe.shown}
        <div className={styles.cardBody} style={swipe.style}>
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
      </div>
    );
  }
  const cells: Record<Column, () => ReactNode> = {
    type: () => <TypeMark type={row.type} />,
    number: () => row.number,
    title: () => (
      <>
        {unread}
        {title}
        {row.tags.slice(0, 2).map((tag) => (
          <span key={tag} className={styles.tag}>
            {tag}
          </span>
        ))}
      </>
    ),
    status: () => <StatusMark status={row.status} />,
    priority: () => <PriorityMark priority={row.priority} />,
    requester: () => (
      <>
        <span>{row.requester?.name}</span>
        {row.organization && <span className={styles.organization}>{row.organization.name}</span>}
      </>
    ),
    assignees: () => <Assignees of={row.assignees} />,
    due: () => row.dueAt && <When at={row.dueAt} />,
    created: () => <When at={row.createdAt} />,
    updated: () => <When at={row.updatedAt} />,
  };
  return (
    <div {...shared} className={styles.row} style={{ ...place, gridTemplateColumns: template }}>
      {tick}
      {columns.map((column) => (
        <span key={column} role="gridcell" className={styles[column]}>
          {cells[column]()}
        </span>
      ))}
    </div>
  );
}
