import {
  changeItem,
  changeItems,
  deleteItem,
  followItem,
  getItem,
  listActivity,
  listItemTypes,
  markSeen,
  restoreItem,
  undoJob,
  type ChangeItemBody,
  type ChangeItems,
  type Item,
  type ItemDetails,
  type ItemType,
  type JobRow,
  type JobState,
  type Status,
} from '@sportello/api-client';
import { queryOptions, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { followJob } from '../shell/job.js';
import { problemOf } from '../shell/problem.js';
import { useSentence } from '../shell/States.js';
import { offerUndo, sayFailed } from '../shell/undo.js';
import { askAboutConflict } from './ConflictNotice.js';
import { conflictsOf, inverseOf } from './change.js';
import { detailKey, knownItem, listsKey, patchItem, removeItem } from './item.cache.js';

/** One record by its number or id. */
export const itemQuery = (ref: string) =>
  queryOptions({
    queryKey: detailKey(ref),
    queryFn: async () => (await getItem({ path: { id: ref }, throwOnError: true })).data,
  });

export const typesQuery = queryOptions({
  queryKey: [{ _id: 'listItemTypes' }],
  queryFn: async () => (await listItemTypes({ throwOnError: true })).data.data,
});

const noTypes: ItemType[] = [];
export const useTypes = () => useQuery(typesQuery).data ?? noTypes;

/** The statuses of a record's type, in order. */
export function useStatuses(item: Item | undefined): Status[] {
  const type = useTypes().find(({ id }) => id === item?.type.id);
  return [...(type?.statuses ?? [])].sort((a, b) => a.position - b.position);
}

export const activityQuery = (id: string, version: number) =>
  queryOptions({
    queryKey: ['items', 'activity', id, version],
    queryFn: async () => (await listActivity({ path: { id }, query: { limit: 100 }, throwOnError: true })).data.data,
    placeholderData: (before) => before,
  });

interface Wish {
  item: Item;
  change: ChangeItemBody;
  /** How the record looks once it went through: shown at once. */
  preview: Partial<ItemDetails>;
}

/** Sends a change against the newest version known; what somebody else changed meanwhile is kept, unless it is the same field. */
async function send(queryClient: QueryClient, { item, change }: Wish): Promise<ItemDetails> {
  const put = async (version: number) =>
    (
      await changeItem({
        path: { id: item.id },
        body: change,
        headers: { 'If-Match': `"${version}"` },
        throwOnError: true,
      })
    ).data;
  try {
    return await put(knownItem(queryClient, item.id)?.version ?? item.version);
  } catch (error) {
    const problem = problemOf(error);
    const current = problem.current as ItemDetails | undefined;
    if (problem.status !== 412 || !current) throw error;
    const conflicts = conflictsOf(item, change, current);
    if (conflicts.length && !(await askAboutConflict(conflicts, current))) return current;
    return put(current.version);
  }
}

/** Changes fields of a record: shown at once, taken back with a word when it fails, undone by `z`. */
export function useChangeItem() {
  const queryClient = useQueryClient();
  const { t } = useTranslation();
  const sentence = useSentence();
  const { mutate } = useMutation({
    mutationFn: (wish: Wish) => send(queryClient, wish),
    onMutate: ({ item, preview }) => {
      const before = knownItem(queryClient, item.id) ?? item;
      patchItem(queryClient, { id: item.id, version: before.version, ...preview });
      return Object.fromEntries(Object.keys(preview).map((key) => [key, before[key as keyof Item]]));
    },
    onSuccess: (answer) => patchItem(queryClient, answer),
    onError: (error, { item }, before) => {
      const version = knownItem(queryClient, item.id)?.version ?? item.version;
      patchItem(queryClient, { ...(before as Partial<ItemDetails>), id: item.id, version });
      if (problemOf(error).status === 404) removeItem(queryClient, item.id);
      sayFailed(sentence(error));
    },
  });
  return (item: Item, change: ChangeItemBody, preview: Partial<ItemDetails>, undo?: string) => {
    mutate({ item, change, preview });
    const back = inverseOf(item, change);
    const old = Object.fromEntries(Object.keys(preview).map((key) => [key, item[key as keyof Item]]));
    if (undo)
      offerUndo(undo || t('shell.done'), () => mutate({ item: { ...item, ...preview }, change: back, preview: old }));
  };
}

export type BulkChange = Omit<ChangeItems, 'ids'>;

/** At most so many are named; the rest is a number. */
const mostNamed = 5;

/** The same change to many, as a job: those that were refused are named, and all the others are taken back by one Undo. */
export function useChangeItems() {
  const queryClient = useQueryClient();
  const { t } = useTranslation();
  const sentence = useSentence();
  const numbersOf = (items: Item[], rows: JobRow[]) => {
    const numbers = rows.flatMap(({ id }) => items.find((item) => item.id === id)?.number ?? []);
    const named = numbers.slice(0, mostNamed).map((number) => `#${number}`);
    return [...named, ...(numbers.length > mostNamed ? ['…'] : [])].join(', ');
  };
  const follow = async (items: Item[], started: JobState): Promise<JobState> => {
    const job = await followJob(started);
    await queryClient.invalidateQueries({ queryKey: listsKey });
    await queryClient.invalidateQueries({ queryKey: ['items', 'detail'] });
    const of = (outcome: JobRow['outcome']) => job.rows.filter((row) => row.outcome === outcome);
    const [refused, left] = [of('refused'), of('left')];
    if (refused.length) sayFailed(t('item.bulkRefused', { count: refused.length, numbers: numbersOf(items, refused) }));
    if (left.length) sayFailed(t('item.bulkLeft', { count: left.length, numbers: numbersOf(items, left) }));
    if (job.state === 'failed') sayFailed(t('item.bulkFailed', { done: job.done, total: job.total }));
    return job;
  };
  const undo = async (items: Item[], id: string) => {
    try {
      await follow(items, (await undoJob({ path: { id }, throwOnError: true })).data.job);
    } catch (error) {
      sayFailed(sentence(error));
    }
  };
  return async (items: Item[], body: BulkChange) => {
    try {
      const ids = items.map(({ id }) => id);
      const job = await follow(items, (await changeItems({ body: { ids, ...body }, throwOnError: true })).data.job);
      const count = job.rows.filter(({ outcome }) => outcome === 'done').length;
      if (count) offerUndo(t('item.bulkDone', { count }), () => void undo(items, job.id));
    } catch (error) {
      sayFailed(sentence(error));
    }
  };
}

/** Follows a record or stops. */
export function useFollow(item: ItemDetails) {
  const queryClient = useQueryClient();
  const sentence = useSentence();
  return useMutation({
    mutationFn: async (following: boolean) =>
      (await followItem({ path: { id: item.id }, body: { following }, throwOnError: true })).data,
    onMutate: (following) => patchItem(queryClient, { id: item.id, version: item.version, following }),
    onSuccess: (answer) => patchItem(queryClient, answer),
    onError: (error) => sayFailed(sentence(error)),
  });
}

/** Says how far I have read; null marks it unread. Fails in silence: the next opening says it again. */
export function useMarkSeen() {
  const queryClient = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: async ({ item, messageId }: { item: Item; messageId: string | null }) => {
      await markSeen({ path: { id: item.id }, body: { messageId }, throwOnError: true });
      await queryClient.invalidateQueries({ queryKey: ['views'] });
    },
    onMutate: ({ item: { id, version }, messageId }) =>
      patchItem(queryClient, {
        id,
        version: knownItem(queryClient, id)?.version ?? version,
        unread: messageId === null,
        seenMessageId: messageId,
      }),
  });
  return mutate;
}

/** Deletes a record, with a way back. */
export function useDeleteItem() {
  const queryClient = useQueryClient();
  const { t } = useTranslation();
  const sentence = useSentence();
  return async (item: Item) => {
    try {
      await deleteItem({ path: { id: item.id }, throwOnError: true });
      removeItem(queryClient, item.id);
      offerUndo(t('item.deleted', { type: item.type.name, number: item.number }), () => {
        void restoreItem({ path: { id: item.id }, throwOnError: true })
          .then(() => queryClient.invalidateQueries({ queryKey: ['items'] }))
          .catch((error: unknown) => sayFailed(sentence(error)));
      });
    } catch (error) {
      sayFailed(sentence(error));
    }
  };
}
