import { getItem, type Item, type ItemDetails } from '@sportello/api-client';
import { type QueryClient } from '@tanstack/react-query';
import { problemOf } from '../shell/problem.js';
import { changed, gone, type List } from '../view/list.js';

/*
 * One record may stand in several lists and in a panel. Every answer that carries a newer version of it is written to all of them here.
 */

export const detailKey = (ref: string) => ['items', 'detail', ref] as const;
export const messagesKey = (itemId: string) => ['items', 'messages', itemId] as const;
export const listsKey = ['items', 'list'] as const;

const details = (queryClient: QueryClient) =>
  queryClient.getQueriesData<ItemDetails>({ queryKey: ['items', 'detail'] });
const lists = (queryClient: QueryClient) => queryClient.getQueriesData<List<Item>>({ queryKey: listsKey });

/** What the browser holds of a record, wherever. */
export function knownItem(queryClient: QueryClient, ref: string): Item | undefined {
  const is = (item: Item | undefined) => item?.id === ref || String(item?.number) === ref;
  for (const [, item] of details(queryClient)) if (is(item)) return item;
  for (const [, list] of lists(queryClient)) {
    const row = list?.rows.find(is);
    if (row) return row;
  }
  return undefined;
}

/** Some fields of a record in a version of it. */
export type Patch = Partial<ItemDetails> & Pick<Item, 'id' | 'version'>;

/** Writes a newer state (or an expected one) of a record to every place that shows it. */
export function patchItem(queryClient: QueryClient, item: Patch): void {
  for (const [key, known] of details(queryClient)) {
    if (known?.id === item.id && known.version <= item.version) queryClient.setQueryData(key, { ...known, ...item });
  }
  for (const [key, list] of lists(queryClient)) if (list) queryClient.setQueryData(key, changed(list, item));
}

/** Takes a record away that one may no longer see. */
export function removeItem(queryClient: QueryClient, id: string): void {
  for (const [key, known] of details(queryClient)) {
    if (known?.id === id) void queryClient.resetQueries({ queryKey: key });
  }
  for (const [key, list] of lists(queryClient)) if (list) queryClient.setQueryData(key, gone(list, id));
}

/** Asks for a record that changed, if it is shown anywhere in an older version. */
export async function refetchItem(queryClient: QueryClient, id: string, version = Infinity): Promise<void> {
  const shown = [
    ...details(queryClient).map(([, item]) => item),
    ...lists(queryClient).flatMap(([, list]) => list?.rows ?? []),
  ].filter((item) => item?.id === id);
  if (!shown.some((item) => (item as Item).version < version)) return;
  try {
    patchItem(queryClient, (await getItem({ path: { id }, throwOnError: true })).data);
  } catch (error) {
    if (problemOf(error).status === 404) removeItem(queryClient, id);
  }
}

export function refetchMessages(queryClient: QueryClient, itemId: string): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: messagesKey(itemId) });
}
