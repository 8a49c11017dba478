import { getItem, listItems, listViews, type Item, type View } from '@sportello/api-client';
import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { listsKey, patchItem, removeItem } from '../item/item.cache.js';
import { problemOf } from '../shell/problem.js';
import { filterOf, queryOf, sortOf, type ListSearch, type Sort } from './filter.js';
import { admit, append, prepend, reconcile, refresh, settle, start, type List, type Page } from './list.js';
import { sidesOf, type Place, type Side } from './place.js';

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

/** The order of a list when nobody has chosen one, as all shipped views have it. */
export const orderOf = (search: ListSearch): Sort => sortOf(search.sort) ?? { field: 'updatedAt', falling: true };

async function fetchPage(
  view: string | null,
  search: ListSearch,
  { sort, where }: Side,
  cursor?: string | null,
): Promise<Page<Item>> {
  const filter = filterOf(search.chips, where);
  const query = {
    ...(view && { view }),
    ...(filter && { filter: JSON.stringify(filter) }),
    sort,
    ...(search.text && { text: search.text }),
    ...(cursor && { cursor }),
    limit: pageSize,
  };
  return (await listItems({ query, throwOnError: true })).data;
}

const refreshed = (list: List<Item>, page: Page<Item> | undefined) => (page ? refresh(list, page) : list);

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
 * @param at where in it one looks
 * @param inUse whether somebody is at it: a row is open, selected or under the pointer
 */
export function useItemList(view: string | null, search: ListSearch, at: Place, inUse: () => boolean) {
  const queryClient = useQueryClient();
  const address = JSON.stringify(queryOf({ ...search, open: undefined, layout: undefined }));
  const place = JSON.stringify(at);
  const key = useMemo(() => [...listsKey, view, address, place], [view, address, place]);
  const { below, above } = sidesOf(at, orderOf(search));
  const arrived = useRef<string | null>(null);
  const using = useRef(inUse);
  useEffect(() => {
    using.current = inUse;
  });
  const query = useQuery({
    queryKey: key,
    queryFn: async () => {
      const [fresh, over] = await Promise.all([
        below ? fetchPage(view, search, below) : undefined,
        above ? fetchPage(view, search, above) : undefined,
      ]);
      const shown = queryClient.getQueryData<List<Item>>(key);
      if (!fresh || over) return shown ? [fresh, over].reduce(refreshed, shown) : start(fresh, over);
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
  const load = async (upwards: boolean) => {
    const list = queryClient.getQueryData<List<Item>>(key);
    const side = upwards ? above : below;
    if (!list || !side || loading.current || !(upwards ? list.aboveCursor : list.nextCursor)) return;
    loading.current = true;
    setLoadingMore(true);
    try {
      const page = await fetchPage(view, search, side, upwards ? list.aboveCursor : list.nextCursor);
      queryClient.setQueryData<List<Item>>(key, (now) => now && (upwards ? prepend : append)(now, page));
    } finally {
      loading.current = false;
      setLoadingMore(false);
    }
  };

  const showWaiting = () => queryClient.setQueryData<List<Item>>(key, (now) => now && admit(now));
  return {
    ...query,
    list: query.data,
    place: key.join(),
    loadMore: () => load(false),
    loadAbove: () => load(true),
    loadingMore,
    showWaiting,
  };
}
