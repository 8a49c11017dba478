/** A live update as it comes over the wire. */
export interface WireEvent {
  id: string | null;
  event: string;
  data: string;
}

/**
 * Reads server-sent events from pieces of text. `EventSource` cannot send `Last-Event-ID` on its first request, and a tab that takes
 * over the connection from another must resume where that one stopped.
 */
export function eventReader(onEvent: (event: WireEvent) => void): (piece: string) => void {
  let rest = '';
  let [id, event, data] = [null as string | null, 'message', [] as string[]];
  return (piece) => {
    rest += piece;
    const lines = rest.split(/\r\n|\r|\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length) onEvent({ id, event, data: data.join('\n') });
        [event, data] = ['message', []];
        continue;
      }
      const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (field === 'data') data.push(value);
      else if (field === 'event') event = value;
      else if (field === 'id') id = value;
    }
  };
}

/** What a `change` says. */
export interface Change {
  type: string;
  id: string;
  version: number;
  changed?: string[];
  gone?: boolean;
  actorId?: string | null;
  itemId?: string | null;
}

/** Which parts of what the browser holds a change makes old. */
export interface Touched {
  item?: string;
  conversation?: string;
  gone?: string;
  lists?: true;
  kinds: ('types' | 'people' | 'customers' | 'organizations' | 'workspace' | 'notifications' | 'me')[];
}

export function touchedBy(change: Change): Touched {
  const [owner, aggregate] = change.type.split('.');
  if (change.type === 'tickets.type.changed') return { kinds: ['types'], lists: true };
  if (owner === 'tickets' && aggregate === 'item') {
    const item = change.itemId ?? change.id;
    if (change.gone || change.type === 'tickets.item.deleted') return { gone: item, lists: true, kinds: [] };
    return change.type.startsWith('tickets.item.message-')
      ? { item, conversation: item, lists: true, kinds: [] }
      : { item, lists: true, kinds: [] };
  }
  if (owner === 'notifications') {
    return aggregate === 'delivery' && change.itemId
      ? { conversation: change.itemId, kinds: [] }
      : { kinds: ['notifications'] };
  }
  if (owner === 'identity') {
    const kinds: Record<string, Touched['kinds']> = {
      user: ['people', 'me'],
      team: ['people', 'me'],
      customer: ['customers'],
      organization: ['organizations', 'customers'],
      workspace: ['workspace', 'me'],
    };
    return { kinds: kinds[aggregate ?? ''] ?? [] };
  }
  return { kinds: [] };
}

/** How long to wait before the next attempt: 0.5 s, doubling to 20 s, spread so that browsers do not come back at once. */
export function backoffMs(attempt: number, random: number): number {
  return Math.min(20_000, 500 * 2 ** attempt) * (0.75 + random / 2);
}
