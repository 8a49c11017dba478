import { useSyncExternalStore } from 'react';

/** One clock for every relative date on the page: it moves twice a minute. */
let now = Date.now();
const watchers = new Set<() => void>();
setInterval(() => {
  now = Date.now();
  for (const watch of watchers) watch();
}, 30_000);

export function useNow(): number {
  return useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => now,
  );
}
