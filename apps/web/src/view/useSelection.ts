import { useState } from 'react';
import { between, type Row } from './list.js';

/** Which rows are ticked, and which one the keys are at. */
export function useSelection<T extends Row>(rows: readonly T[]) {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState<string | null>(null);
  const [anchor, setAnchor] = useState<string | null>(null);
  const toggle = (id: string, range = false) => {
    const next = new Set(ticked);
    const on = !next.has(id);
    for (const each of range && anchor ? between(rows, anchor, id) : [id]) {
      if (on) next.add(each);
      else next.delete(each);
    }
    setTicked(next);
    setAnchor(id);
  };
  return {
    ticked,
    cursor,
    setCursor,
    toggle,
    clear: () => setTicked(new Set()),
    all: () => setTicked(new Set(rows.map(({ id }) => id))),
    chosen: rows.filter(({ id }) => ticked.has(id)),
  };
}

export type Selection = ReturnType<typeof useSelection<Row>>;
