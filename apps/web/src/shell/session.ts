import { getMe, type Me } from '@sportello/api-client';
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';

/** Who I am. Loaded before any page of a workspace; everything below may rely on it. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async () => (await getMe({ throwOnError: true })).data,
});

export const useMe = (): Me => useSuspenseQuery(meQuery).data;

/** Whether I may do something that concerns no record. */
export function useCan(permission: string): boolean {
  return (useMe().can as string[]).includes(permission);
}

const workspaceRoute = getRouteApi('/$workspace');

/** The workspace in the address. */
export const useWorkspace = (): string => workspaceRoute.useParams().workspace;
