import { postPresence, type PresenceInput } from '@sportello/api-client';
import { useEffect, useState } from 'react';
import { listen, type Presence } from '../shell/live.js';

/** How often we say that we are still here, and after how long without a word somebody has left. */
const everyMs = 20_000;
const goneMs = 45_000;

/** Outlives the page that says it. */
const say = (body: PresenceInput) => void postPresence({ body, keepalive: true }).catch(() => undefined);

/** Tells others that I look at a record and whether I type, and who else does. */
export function usePresence(itemId: string, myId: string, typing: boolean): Presence[] {
  const [others, setOthers] = useState<(Presence & { at: number })[]>([]);

  useEffect(() => {
    const tell = () => {
      if (document.visibilityState === 'visible') say({ itemId, typing });
    };
    tell();
    const timer = setInterval(tell, everyMs);
    document.addEventListener('visibilitychange', tell);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tell);
    };
  }, [itemId, typing]);

  // Who leaves says so, whether they go on to another, hide the page or close it.
  useEffect(() => {
    const left = () => say({ itemId, typing: false, looking: false });
    const hidden = () => document.visibilityState === 'hidden' && left();
    document.addEventListener('visibilitychange', hidden);
    window.addEventListener('pagehide', left);
    return () => {
      document.removeEventListener('visibilitychange', hidden);
      window.removeEventListener('pagehide', left);
      left();
    };
  }, [itemId]);

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
