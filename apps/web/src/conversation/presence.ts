import { postPresence } from '@sportello/api-client';
import { useEffect, useState } from 'react';
import { listen, type Presence } from '../shell/live.js';

/** How often we say that we are still here, and after how long without a word somebody has left. */
const everyMs = 20_000;
const goneMs = 45_000;

/** Tells others that I look at a record and whether I type, and who else does. */
export function usePresence(itemId: string, myId: string, typing: boolean): Presence[] {
  const [others, setOthers] = useState<(Presence & { at: number })[]>([]);

  useEffect(() => {
    const tell = () => {
      if (document.visibilityState === 'visible')
        void postPresence({ body: { itemId, typing } }).catch(() => undefined);
    };
    tell();
    const timer = setInterval(tell, everyMs);
    document.addEventListener('visibilitychange', tell);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tell);
    };
  }, [itemId, typing]);

  useEffect(() => {
    const fresh = (at: number) =>
      setOthers((now) =>
        now.some((each) => at - each.at > goneMs) ? now.filter((each) => at - each.at <= goneMs) : now,
      );
    const sweep = setInterval(() => fresh(Date.now()), 5000);
    const stop = listen((message) => {
      if (message.kind !== 'presence') return;
      const { presence } = message;
      if (presence.itemId !== itemId || presence.userId === myId) return;
      setOthers((now) => {
        const rest = now.filter(({ userId }) => userId !== presence.userId);
        return presence.looking === false ? rest : [...rest, { ...presence, at: Date.now() }];
      });
    });
    return () => {
      clearInterval(sweep);
      stop();
      setOthers([]);
    };
  }, [itemId, myId]);

  return others;
}
