import { listCustomers, listOrganizations, listTeams, listUsers, type Team, type User } from '@sportello/api-client';
import { infiniteQueryOptions, keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';

/** All users, deactivated ones too; a workspace has hundreds at most. */
export const usersQuery = queryOptions({
  queryKey: [{ _id: 'listUsers' }],
  queryFn: async () => {
    const users: User[] = [];
    for (let cursor: string | undefined; ;) {
      const { data } = await listUsers({ query: { limit: 200, ...(cursor && { cursor }) }, throwOnError: true });
      users.push(...data.data);
      if (!data.nextCursor) return users;
      cursor = data.nextCursor;
    }
  },
});

export const teamsQuery = queryOptions({
  queryKey: [{ _id: 'listTeams' }],
  queryFn: async () => (await listTeams({ throwOnError: true })).data.data,
});

const noUsers: User[] = [];
const noTeams: Team[] = [];

/** The people of the team who can be chosen. */
export function useUsers(): User[] {
  const users = useQuery(usersQuery).data;
  return users?.filter(({ active }) => active) ?? noUsers;
}
export const useTeams = (): Team[] => useQuery(teamsQuery).data ?? noTeams;

export const customersQuery = (text: string, organizationId?: string) =>
  infiniteQueryOptions({
    queryKey: [{ _id: 'listCustomers' }, text, organizationId ?? null],
    queryFn: async ({ pageParam }) =>
      (
        await listCustomers({
          query: {
            limit: 100,
            ...(text && { text }),
            ...(organizationId && { organizationId }),
            ...(pageParam && { cursor: pageParam }),
          },
          throwOnError: true,
        })
      ).data,
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });

export const organizationsQuery = (text: string) =>
  infiniteQueryOptions({
    queryKey: [{ _id: 'listOrganizations' }, text],
    queryFn: async ({ pageParam }) =>
      (
        await listOrganizations({
          query: { limit: 100, ...(text && { text }), ...(pageParam && { cursor: pageParam }) },
          throwOnError: true,
        })
      ).data,
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
