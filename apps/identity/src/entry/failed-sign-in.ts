/** Stands for "over all workspaces", and for a workspace that does not exist. */
export const everywhere = '00000000-0000-0000-0000-000000000000';

const slowAfter = 5;
const lockAfter = 10;
const lockSeconds = 15 * 60;
/** Somebody may have a password in several workspaces, so over all of them more is allowed. */
const moreEverywhere = 3;

/**
 * Until when sign-in is refused after so many wrong passwords: free up to 4, then 2, 4, 8, 16, 32 seconds, from the tenth on 15
 * minutes. A person who mistypes is not stopped; a program gets 100 guesses a day.
 */
export function blockAfter(failures: number, everywhereToo: boolean, now: Date): Date | null {
  const counted = everywhereToo ? Math.floor(failures / moreEverywhere) : failures;
  if (counted < slowAfter) return null;
  const seconds = counted >= lockAfter ? lockSeconds : 2 ** (counted - slowAfter + 1);
  return new Date(now.getTime() + seconds * 1000);
}
