/** What ids and numbers in the log are called. */
export interface Names {
  /** Statuses, users, teams and customers that the browser knows. */
  of: ReadonlyMap<string, string>;
  priority: (level: number) => string;
  flag: (on: boolean) => string;
  date: (at: string) => string;
}

const isInstant = (text: string) => /^\d{4}-\d\d-\d\dT/.test(text);

/** A stored value in words: names where they are known, nothing of what only machines read. */
export function wordsOf(value: unknown, field: string, names: Names): string {
  if (value === null || value === undefined || value === '') return '–';
  if (Array.isArray(value)) return value.map((each) => wordsOf(each, field, names)).join(', ') || '–';
  if (typeof value === 'boolean') return names.flag(value);
  if (typeof value === 'number') return field === 'priority' ? names.priority(value) : String(value);
  if (typeof value === 'string') return names.of.get(value) ?? (isInstant(value) ? names.date(value) : value);
  const record = value as Record<string, unknown>;
  const id = record.id ?? record.statusId;
  const known = typeof id === 'string' ? names.of.get(id) : undefined;
  if (known) return known;
  const named = record.name ?? record.title ?? record.value;
  if (named !== undefined) return wordsOf(named, field, names);
  const inner = Object.entries(record).filter(([key]) => !['id', 'kind', 'state'].includes(key));
  return inner.map(([key, each]) => wordsOf(each, key, names)).join(', ') || '–';
}
