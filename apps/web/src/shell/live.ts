import { useSyncExternalStore } from 'react';
import { backoffMs, eventReader, type Change, type WireEvent } from './events.js';

export type Connection = 'live' | 'connecting' | 'offline';

/** Somebody else who looks at the same or types there. */
export interface Presence {
  itemId: string;
  userId: string;
  name: string;
  typing: boolean;
  /** False: they have just left. */
  looking?: boolean;
}

export type LiveMessage =
  | { kind: 'change'; change: Change }
  | { kind: 'reset' }
  | { kind: 'presence'; presence: Presence }
  | { kind: 'connection'; state: Connection; lastId: string | null };

const channel = new BroadcastChannel('sportello-live');
const listeners = new Set<(message: LiveMessage) => void>();
const watchers = new Set<() => void>();
let connection: Connection = navigator.onLine ? 'connecting' : 'offline';
let lastId: string | null = null;
let failures = 0;

/** Hears everything that comes in, whichever tab holds the connection. */
export function listen(listener: (message: LiveMessage) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => connection,
  );
}

function take(message: LiveMessage): void {
  if (message.kind === 'connection') {
    lastId = message.lastId;
    if (connection !== message.state) {
      connection = message.state;
      for (const watch of watchers) watch();
    }
  }
  for (const listener of listeners) listener(message);
}

function tell(message: LiveMessage): void {
  channel.postMessage(message);
  take(message);
}

/**
 * Joins the browser's one connection. The tab that holds the lock reads the stream and tells the others; when it closes, the next one
 * goes on where it stopped.
 * @returns how to leave
 */
export function joinLive(): () => void {
  const leaving = new AbortController();
  channel.onmessage = ({ data }: MessageEvent<LiveMessage | 'hello'>) => {
    if (data !== 'hello') take(data);
    else if (leading) channel.postMessage({ kind: 'connection', state: connection, lastId });
  };
  // A tab that comes later asks how things stand.
  channel.postMessage('hello');
  let leading: AbortController | null = null;
  const back = () => leading?.abort();
  window.addEventListener('online', back);
  window.addEventListener('offline', back);
  const lead = async () => {
    while (!leaving.signal.aborted) {
      leading = new AbortController();
      const stop = AbortSignal.any([leaving.signal, leading.signal]);
      try {
        await readStream(stop);
      } catch {
        if (leaving.signal.aborted) return;
      }
      failures += 1;
      tell({ kind: 'connection', state: navigator.onLine && failures < 3 ? 'connecting' : 'offline', lastId });
      await pause(backoffMs(failures - 1, Math.random()), leading.signal);
    }
  };
  navigator.locks.request('sportello-live', { signal: leaving.signal }, lead).catch((error: unknown) => {
    if (!leaving.signal.aborted) throw error;
  });
  return () => {
    leaving.abort();
    window.removeEventListener('online', back);
    window.removeEventListener('offline', back);
    channel.onmessage = null;
  };
}

async function readStream(signal: AbortSignal): Promise<void> {
  const response = await fetch('/api/v1/events', {
    signal,
    headers: { Accept: 'text/event-stream', ...(lastId && { 'Last-Event-ID': lastId }) },
  });
  if (!response.ok || !response.body) throw new Error(`events: ${response.status}`);
  failures = 0;
  tell({ kind: 'connection', state: 'live', lastId });
  const read = eventReader(hear);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    read(value);
  }
}

function hear({ id, event, data }: WireEvent): void {
  if (id && id !== lastId) tell({ kind: 'connection', state: 'live', lastId: id });
  if (event === 'reset') tell({ kind: 'reset' });
  else if (event === 'presence') tell({ kind: 'presence', presence: JSON.parse(data) as Presence });
  else if (event === 'change') tell({ kind: 'change', change: JSON.parse(data) as Change });
  else if (event === 'gone') tell({ kind: 'change', change: { ...(JSON.parse(data) as Change), gone: true } });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
