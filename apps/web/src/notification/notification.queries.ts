import { listNotifications, markNotificationsRead } from '@sportello/api-client';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

export const notificationsQuery = queryOptions({
  queryKey: [{ _id: 'listNotifications' }],
  queryFn: async () => (await listNotifications({ query: { limit: 100 }, throwOnError: true })).data,
});

export const useUnreadNotifications = () => useQuery(notificationsQuery).data?.unread ?? 0;

/** Marks some, or all when none are named. */
export function useMarkRead() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async ({ ids, read }: { ids?: string[]; read: boolean }) =>
      markNotificationsRead({ body: { ...(ids && { ids }), read }, throwOnError: true }),
    onMutate: ({ ids, read }) => {
      const hit = (id: string) => !ids || ids.includes(id);
      queryClient.setQueryData(notificationsQuery.queryKey, (now) => {
        if (!now) return now;
        const data = now.data.map((each) => (hit(each.id) ? { ...each, read } : each));
        const turned = now.data.filter((each) => hit(each.id) && each.read !== read).length;
        return {
          ...now,
          data,
          unread: ids ? Math.max(0, now.unread + (read ? -turned : turned)) : read ? 0 : data.length,
        };
      });
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: notificationsQuery.queryKey }),
  });
}
