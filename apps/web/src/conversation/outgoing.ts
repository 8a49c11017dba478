import { addMessage, client, type AddMessageBody } from '@sportello/api-client';
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { del, entries, set } from 'idb-keyval';
import { useEffect, useSyncExternalStore } from 'react';
import { listsKey, refetchItem, refetchMessages } from '../item/item.cache.js';
import { problemOf, type Problem } from '../shell/problem.js';
import { type Draft } from './draft.js';
import { writeDraft } from './drafts.js';

/** A message on its way: held for ten seconds, so that it can be taken back. */
export interface Outgoing {
  /** Also the idempotency key: sent twice, it arrives once. */
  id: string;
  itemId: string;
  userId: string;
  body: AddMessageBody;
  /** What the composer held, for taking it back. */
  draft: Draft;
  /** When it leaves, epoch milliseconds. */
  dueAt: number;
  state: 'held' | 'sending' | 'failed';
  problem?: Problem;
}

export const holdMs = 10_000;

let outgoing: readonly Outgoing[] = [];
const watchers = new Set<() => void>();
const stored = (id: string) => `outgoing.${id}`;

function put(next: readonly Outgoing[]): void {
  outgoing = next;
  watchers.forEach((watch) => watch());
}
const change = (id: string, more: Partial<Outgoing>) =>
  put(outgoing.map((each) => (each.id === id ? { ...each, ...more } : each)));

export function useOutgoingOf(itemId: string): Outgoing[] {
  const all = useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => outgoing,
  );
  return all.filter((each) => each.itemId === itemId);
}

/** Holds a message for a while. It is written down first: closing the browser does not lose it. */
export function hold({ forMs, ...given }: Omit<Outgoing, 'dueAt' | 'state'> & { forMs: number }): void {
  const message: Outgoing = { ...given, dueAt: Date.now() + forMs, state: 'held' };
  put([...outgoing, message]);
  void set(stored(message.id), message);
}

/** Takes a message back into the composer. */
export function takeBack(id: string): void {
  const message = outgoing.find((each) => each.id === id);
  if (!message || message.state === 'sending') return;
  put(outgoing.filter((each) => each.id !== id));
  void del(stored(id));
  writeDraft(message.itemId, () => ({ ...message.draft, restored: id }));
}

/** Sends a held message at once.
 * @returns the id it got; nothing when it did not go */
export async function sendNow(queryClient: QueryClient, id: string): Promise<string | undefined> {
  const message = outgoing.find((each) => each.id === id);
  if (!message || message.state === 'sending') return;
  change(id, { state: 'sending' });
  try {
    const { data } = await addMessage({
      path: { id: message.itemId },
      body: message.body,
      headers: { 'Idempotency-Key': id },
      throwOnError: true,
    });
    await del(stored(id));
    await refetchMessages(queryClient, message.itemId);
    put(outgoing.filter((each) => each.id !== id));
    void refetchItem(queryClient, message.itemId);
    void queryClient.invalidateQueries({ queryKey: listsKey });
    return data.id;
  } catch (error) {
    const problem = problemOf(error);
    // No answer: it goes when the connection is back, with the same key.
    if (problem.code === 'offline') change(id, { state: 'held', dueAt: Date.now() + holdMs, problem });
    else change(id, { state: 'failed', problem });
  }
}

/** Sends what is due, and what an earlier visit left behind. */
export function useOutgoing(userId: string): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    void entries<string, Outgoing>().then((kept) => {
      const known = new Set(outgoing.map(({ id }) => id));
      const left = kept
        .filter(([key, message]) => key.startsWith('outgoing.') && message.userId === userId && !known.has(message.id))
        .map(([, message]) => ({ ...message, state: 'held' as const }));
      if (left.length) put([...outgoing, ...left]);
    });
    const timer = setInterval(() => {
      for (const { id, state, dueAt } of outgoing) {
        if (state === 'held' && dueAt <= Date.now()) void sendNow(queryClient, id);
      }
    }, 500);
    // The page goes away: what is held leaves now. It stays written down, and the key makes a second sending harmless.
    const leave = () => {
      for (const { id, itemId, body, state } of outgoing) {
        if (state !== 'held') continue;
        void fetch(`${client.getConfig().baseUrl ?? ''}/api/v1/items/${itemId}/messages`, {
          method: 'POST',
          keepalive: true,
          headers: { 'Content-Type': 'application/json', 'Idempotency-Key': id },
          body: JSON.stringify(body),
        });
      }
    };
    window.addEventListener('pagehide', leave);
    return () => {
      clearInterval(timer);
      window.removeEventListener('pagehide', leave);
    };
  }, [queryClient, userId]);
}
