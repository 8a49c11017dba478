import { TextInput, UnstyledButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../shell/commands.js';
import { Empty, Failed, Loading } from '../shell/States.js';
import { PlainHeader } from '../view/ListHeader.js';
import styles from './PeopleList.module.css';

interface Props<T> {
  title: string;
  rows: T[] | undefined;
  error: unknown;
  retry: () => void;
  more: (() => void) | null;
  openId: string | undefined;
  open: (id: string) => void;
  close: () => void;
  onSearch: (text: string) => void;
  /** The cells of a row; the first is its name. */
  cells: (row: T) => ReactNode;
  columns: string;
  add: ReactNode;
  empty: string;
}

/** The list of customers and that of organizations: search, rows, load ahead, keys. */
export function PeopleList<T extends { id: string }>(props: Props<T>) {
  const { title, rows, error, retry, more, openId, open, close, onSearch, cells, columns, add, empty } = props;
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [settled] = useDebouncedValue(text.trim(), 150);
  useEffect(() => onSearch(settled), [settled, onSearch]);
  const box = useRef<HTMLDivElement>(null);
  // The virtualizer keeps its own state; the compiler's memo would freeze it.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: rows?.length ?? 0,
    getScrollElement: () => box.current,
    estimateSize: () => 40,
    overscan: 12,
  });
  const drawn = virtual.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows && last > rows.length - 30) more?.();
    // Only what is in view decides.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [last, rows?.length]);

  const index = rows?.findIndex(({ id }) => id === openId) ?? -1;
  const step = (by: number) => {
    const row = rows?.[Math.max(0, index + by)];
    if (row) open(row.id);
  };
  useCommand('next', () => step(1));
  useCommand('previous', () => step(-1));
  useCommand('close', close, Boolean(openId));

  return (
    <div className={styles.view}>
      <PlainHeader title={title}>
        <TextInput
          size="xs"
          leftSection={<IconSearch size={14} aria-hidden />}
          placeholder={t('people.search')}
          aria-label={t('people.search')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {add}
      </PlainHeader>
      {error ? (
        <Failed error={error} retry={retry} />
      ) : !rows ? (
        <Loading />
      ) : rows.length === 0 ? (
        <Empty>{settled ? t('people.noMatch') : empty}</Empty>
      ) : (
        <div ref={box} className={styles.scroll}>
          <ul className={styles.list} style={{ height: virtual.getTotalSize() }} aria-label={title}>
            {drawn.map(({ index: at, start }) => {
              const row = rows[at] as T;
              return (
                <li key={row.id} style={{ transform: `translateY(${start}px)` }}>
                  <UnstyledButton
                    className={styles.row}
                    style={{ gridTemplateColumns: columns }}
                    data-open={row.id === openId || undefined}
                    onClick={() => open(row.id)}
                  >
                    {cells(row)}
                  </UnstyledButton>
                </li>
              );
            })}
          </ul>
        </div>
      )}
    </div>
  );
}
