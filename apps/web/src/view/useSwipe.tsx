import { type Item } from '@sportello/api-client';
import { IconCheck, IconUserPlus } from '@tabler/icons-react';
import { useRef, useState, type PointerEvent } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './ItemRows.module.css';

/** What a finger does that draws a row aside: each stands in the row's menu as well. Null: not this one. */
export interface Swipes {
  finish: (row: Item) => (() => void) | null;
  assignMe: (row: Item) => (() => void) | null;
}

/** How far a row must be drawn. */
const enough = 88;
/** Below this it is a tap that trembled. */
const tremble = 12;

/** Draws a row aside by finger: to the right finishes it, to the left assigns it to me. A mouse and the keys have the menu and `e`, `i`. */
export function useSwipe(row: Item, swipes: Swipes) {
  const { t } = useTranslation();
  const [by, setBy] = useState(0);
  const from = useRef<number | null>(null);
  const drawn = useRef(false);
  const right = by > 0;
  const act = by === 0 ? null : right ? swipes.finish(row) : swipes.assignMe(row);

  const end = () => {
    from.current = null;
    if (Math.abs(by) >= enough) act?.();
    setBy(0);
  };
  return {
    handlers: {
      onPointerDown: (event: PointerEvent) => {
        if (event.pointerType !== 'touch') return;
        from.current = event.clientX;
        drawn.current = false;
      },
      onPointerMove: (event: PointerEvent) => {
        if (from.current === null) return;
        const next = event.clientX - from.current;
        if (!drawn.current && Math.abs(next) < tremble) return;
        drawn.current = true;
        setBy(next);
      },
      onPointerUp: end,
      // The finger scrolls after all.
      onPointerCancel: () => {
        from.current = null;
        setBy(0);
      },
    },
    moved: () => drawn.current,
    style: by && act ? { transform: `translateX(${by}px)` } : undefined,
    shown: act && (
      <span
        className={styles.swipe}
        data-side={right ? 'left' : 'right'}
        data-enough={Math.abs(by) >= enough || undefined}
        aria-hidden
      >
        {right ? <IconCheck size={18} /> : <IconUserPlus size={18} />}
        {t(right ? 'item.finish' : 'item.assignMe')}
      </span>
    ),
  };
}
