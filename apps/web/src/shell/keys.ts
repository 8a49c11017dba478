/** Every key of the app. One table feeds the handler, the overview, menus and tooltips. */
export const bindings = [
  { command: 'palette', keys: 'mod+k', group: 'anywhere' },
  { command: 'search', keys: '/', group: 'anywhere' },
  { command: 'new', keys: 'c', group: 'anywhere' },
  { command: 'overview', keys: '?', group: 'anywhere' },
  { command: 'undo', keys: 'z', group: 'anywhere' },
  { command: 'bar', keys: '[', group: 'anywhere' },
  { command: 'go.home', keys: 'g m', group: 'go' },
  { command: 'go.tickets', keys: 'g t', group: 'go' },
  { command: 'go.people', keys: 'g p', group: 'go' },
  { command: 'go.notifications', keys: 'g n', group: 'go' },
  { command: 'next', keys: 'j', group: 'list' },
  { command: 'previous', keys: 'k', group: 'list' },
  { command: 'open', keys: 'enter', group: 'list' },
  { command: 'close', keys: 'escape', group: 'list' },
  { command: 'select', keys: 'x', group: 'list' },
  { command: 'full', keys: 'f', group: 'list' },
  { command: 'reply', keys: 'r', group: 'record' },
  { command: 'note', keys: 'n', group: 'record' },
  { command: 'send', keys: 'mod+enter', group: 'record' },
  { command: 'assign', keys: 'a', group: 'record' },
  { command: 'assignMe', keys: 'i', group: 'record' },
  { command: 'status', keys: 's', group: 'record' },
  { command: 'priority', keys: 'p', group: 'record' },
  { command: 'tag', keys: 'l', group: 'record' },
  { command: 'finish', keys: 'e', group: 'record' },
] as const;

export type Command = (typeof bindings)[number]['command'];
export type KeyGroup = (typeof bindings)[number]['group'];
export const keyGroups: readonly KeyGroup[] = ['anywhere', 'go', 'list', 'record'];

/** A pressed key, freed of the browser's event. */
export interface Stroke {
  key: string;
  ctrl: boolean;
  meta: boolean;
  alt: boolean;
  /** Whether the focus is where text is written. */
  typing: boolean;
  /** Whether the focus is on something that Enter presses by itself. */
  onControl: boolean;
}

/** The first key of a sequence such as `g m`, and when it came. */
export interface Pending {
  prefix: string;
  at: number;
}

/** How long the second key of a sequence may take. */
export const sequenceMs = 1200;

const byKeys = new Map<string, Command>(bindings.map(({ keys, command }) => [keys, command]));
const prefixes = new Set(bindings.flatMap(({ keys }) => (keys.includes(' ') ? [keys.split(' ')[0]] : [])));

/**
 * What a key means. Keys without Ctrl are off while typing, and all of those are off where a person switched them off; Escape and
 * Ctrl combinations stay, because nothing else is written with them.
 */
export function press(
  stroke: Stroke,
  pending: Pending | null,
  now: number,
  switchedOn: boolean,
): { command: Command | null; pending: Pending | null } {
  const nothing = { command: null, pending: null };
  const key = stroke.key.toLowerCase();
  if (stroke.alt) return nothing;
  if (stroke.ctrl || stroke.meta) return { command: byKeys.get(`mod+${key}`) ?? null, pending: null };
  if (key === 'escape') return { command: 'close', pending: null };
  if (stroke.typing || !switchedOn) return nothing;
  if (key === 'enter' && stroke.onControl) return nothing;
  if (pending && now - pending.at <= sequenceMs) {
    return { command: byKeys.get(`${pending.prefix} ${key}`) ?? null, pending: null };
  }
  if (prefixes.has(key)) return { command: null, pending: { prefix: key, at: now } };
  return { command: byKeys.get(key) ?? null, pending: null };
}

/** The keys of a command, as caps to show: `['Ctrl', 'K']`. */
export function capsOf(command: Command, mac: boolean): string[] {
  const keys = bindings.find((binding) => binding.command === command)?.keys ?? '';
  const named: Record<string, string> = { mod: mac ? '⌘' : 'Ctrl', enter: 'Enter', escape: 'Esc' };
  return keys.split(/[ +]/).map((key) => named[key] ?? key.toUpperCase());
}
