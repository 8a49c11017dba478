import { getItem, listItems, listViews, type Item, type View } from '@sportello/api-client';
import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { listsKey, patchItem, removeItem } from '../item/item.cache.js';
import { problemOf } from '../shell/problem.js';
import { filterOf, queryOf, type ListSearch } from './filter.js';
import { admit, append, reconcile, settle, start, type List, type Page } from './list.js';

/** Counts are exact to 1,000. */
export const countText = (count: number) => (count > 1000 ? '1,000+' : String(count));

const noViews: View[] = [];

/** The shipped views with the number of open ones that I may see. */
export function useViews(): View[] {
  return (
    useQuery({ queryKey: ['views'], queryFn: async () => (await listViews({ throwOnError: true })).data.data }).data ??
    noViews
  );
}

/** One page holds what fits on a tall screen twice. */
const pageSize = 100;

async function fetchPage(view: string | null, search: ListSearch, cursor?: string): Promise<Page<Item>> {
  const filter = filterOf(search.chips);
  const query = {
    ...(view && { view }),
    ...(filter && { filter: JSON.stringify(filter) }),
    ...(search.sort && { sort: search.sort }),
    ...(search.text && { text: search.text }),
    ...(cursor && { cursor }),
    limit: pageSize,
  };
  return (await listItems({ query, throwOnError: true })).data;
}

/** Those who should be in a fresh page and are not: changed so that they match no longer, or gone. */
async function look(queryClient: QueryClient, ids: string[]): Promise<void> {
  await Promise.all(
    ids.slice(0, 20).map(async (id) => {
      try {
        patchItem(queryClient, (await getItem({ path: { id }, throwOnError: true })).data);
      } catch (error) {
        if (problemOf(error).status === 404) removeItem(queryClient, id);
      }
    }),
  );
}

/**
 * A list that lives: loads ahead, takes live changes without moving the row in use.
 * @param inUse whether somebody is at it: a row is open, selected or under the pointer
 */
export function useItemList(view: string | null, search: ListSearch, inUse: () => boolean) {
  const queryClient = useQueryClient();
  const address = JSON.stringify(queryOf({ ...search, open: undefined, layout: undefined }));
  const key = useMemo(() => [...listsKey, view, address], [view, address]);
  const arrived = useRef<string | null>(null);
  const using = useRef(inUse);
  useEffect(() => {
    using.current = inUse;
  });
  const query = useQuery({
    queryKey: key,
    queryFn: async () => {
      const fresh = await fetchPage(view, search);
      const shown = queryClient.getQueryData<List<Item>>(key);
      // Who comes to a list sees it as it is now; who stays keeps the order they saw.
      const arriving = arrived.current !== address;
      arrived.current = address;
      if (!shown || (arriving && shown.rows.length <= fresh.data.length)) return start(fresh);
      const { list, missing } = reconcile(shown, fresh, using.current());
      if (missing.length) void look(queryClient, missing);
      return list;
    },
    refetchOnMount: 'always',
    structuralSharing: false,
  });

  // One leaves, and dimmed rows are gone when one comes back.
  useEffect(
    () => () => {
      const left = queryClient.getQueryData<List<Item>>(key);
      if (left) queryClient.setQueryData(key, settle(left));
    },
    [queryClient, key],
  );

  const [loadingMore, setLoadingMore] = useState(false);
  const loading = useRef(false);
  const loadMore = useCallback(async () => {
    const list = queryClient.getQueryData<List<Item>>(key);
    if (!list?.nextCursor || loading.current) return;
    loading.current = true;
    setLoadingMore(true);
    try {
      const page = await fetchPage(view, search, list.nextCursor);
      queryClient.setQueryData<List<Item>>(key, (now) => now && append(now, page));
    } finally {
      loading.current = false;
      setLoadingMore(false);
    }
    // The search is in the key.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [queryClient, key, view]);

  const showWaiting = () => queryClient.setQueryData<List<Item>>(key, (now) => now && admit(now));
  return { ...query, list: query.data, place: key.join(), loadMore, loadingMore, showWaiting };
}
