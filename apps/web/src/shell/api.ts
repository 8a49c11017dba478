import { client } from '@sportello/api-client';
import { QueryClient } from '@tanstack/react-query';
import { problemOf } from './problem.js';

/** Live updates say what is old, so nothing is asked for again by the clock; a `reset` or a lost connection makes all of it old. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Infinity,
      gcTime: 15 * 60_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 2 && [0, 502, 503, 504].includes(problemOf(error).status),
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

/** Sets up the client: same origin, session cookie, an idempotency key on every POST; tells when the session has ended. */
export function startApi(onSignedOut: () => void): void {
  client.setConfig({ baseUrl: '', credentials: 'same-origin', throwOnError: true });
  client.interceptors.request.use((request) => {
    if (request.method === 'POST' && !request.headers.has('Idempotency-Key')) {
      request.headers.set('Idempotency-Key', crypto.randomUUID());
    }
    return request;
  });
  client.interceptors.response.use((response) => {
    if (response.status === 401 && queryClient.getQueryData(['me'])) {
      queryClient.removeQueries({ queryKey: ['me'] });
      onSignedOut();
    }
    return response;
  });
}
