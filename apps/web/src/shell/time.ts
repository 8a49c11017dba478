const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** "5 minutes ago" within a week, else the date; the year only when it is another one. */
export function near(at: string, now: number, language: string, timeZone: string): string {
  const seconds = (Date.parse(at) - now) / 1000;
  if (Math.abs(seconds) < 7 * 86_400) {
    const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
    for (const [unit, size] of units) {
      if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
    }
    return relative.format(0, 'minute');
  }
  const sameYear = new Date(at).getUTCFullYear() === new Date(now).getUTCFullYear();
  return new Intl.DateTimeFormat(language, {
    day: 'numeric',
    month: 'short',
    ...(!sameYear && { year: 'numeric' }),
    timeZone,
  }).format(new Date(at));
}

/** Date and time to the minute, with the zone: what a tooltip shows. */
export function exact(at: string, language: string, timeZone: string): string {
  return new Intl.DateTimeFormat(language, {
    weekday: 'short',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
    timeZone,
  }).format(new Date(at));
}

/** "1.4 MB". */
export function fileSize(bytes: number, language: string): string {
  const [unit, size] =
    bytes >= 1e6 ? (['megabyte', 1e6] as const) : bytes >= 100 ? (['kilobyte', 1e3] as const) : (['byte', 1] as const);
  return new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: 1 }).format(bytes / size);
}
