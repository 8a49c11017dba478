import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { queryOf, searchOf, type ListSearch } from './filter.js';

/** What the address says about the list, and how to change it. */
export function useListSearch() {
  const query = useSearch({ strict: false }) as Record<string, string>;
  const text = JSON.stringify(query);
  const search = useMemo(() => searchOf(JSON.parse(text) as Record<string, string>), [text]);
  const navigate = useNavigate();
  const set = (next: Partial<ListSearch>, replace = true) =>
    void navigate({ to: '.', search: queryOf({ ...search, ...next }) as never, replace, resetScroll: false });
  return {
    search,
    set,
    /** Opening adds to the history, so that Back closes; going from one to the next replaces. */
    open: (number: number | string) => set({ open: String(number) }, search.open !== undefined),
    close: () => set({ open: undefined }),
  };
}
