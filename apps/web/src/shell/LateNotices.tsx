import { lazy, Suspense } from 'react';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const Notices = lazy(() => pause(2000).then(() => import('./Notices.js')));

/** Nothing is said in the first moment: what says it comes after the page. What was said before it came waits for it. */
export function LateNotices() {
  return (
    <Suspense>
      <Notices />
    </Suspense>
  );
}
