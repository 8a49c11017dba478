/** What an erased person was called. */
export interface FormerIdentity {
  name: string;
  /** Every address they had, lower case. */
  addresses: readonly string[];
}

/**
 * Takes a person's addresses and full name out of a text, of HTML too. A name of one word stays: "Rosa" is somebody else as well, and a colour.
 * @param label what stands there instead
 */
export function withoutPerson(text: string, person: FormerIdentity, label: string): string {
  const pattern = patternOf(person);
  return pattern ? text.replace(pattern, () => label) : text;
}

/** Whether a text names the person in a way that `withoutPerson` takes out. */
export function namesPerson(text: string, person: FormerIdentity): boolean {
  return patternOf(person)?.test(text) ?? false;
}

/** Runs of letters, lower case: every text that names the person contains one of them, however it is written. To find candidates in a database. */
export function tracesOf({ name, addresses }: FormerIdentity): string[] {
  const words = fullName(name);
  const parts = [
    ...addresses.map((address) => address.split('@')[0] as string),
    ...(words ? [words.at(-1) as string] : []),
  ];
  return parts.flatMap((part) => longest(part.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []));
}

const longest = (runs: readonly string[]): string[] => [...runs].sort((a, b) => b.length - a.length).slice(0, 1);

function patternOf({ name, addresses }: FormerIdentity): RegExp | null {
  const written = addresses.flatMap((address) => [address, encodeURIComponent(address), address.replace('@', '&#64;')]);
  const words = fullName(name);
  const names = words ? [words, [`${words.at(-1)},`, ...words.slice(0, -1)]] : [];
  const all = [...written.map(inText), ...names.map((parts) => parts.map(inText).join('(?:\\s|&nbsp;)+'))];
  return all.length ? new RegExp(`(?<![\\p{L}\\p{N}.+_-])(?:${all.join('|')})(?![\\p{L}\\p{N}_-])`, 'giu') : null;
}

/** A word as plain text has it, and as HTML does. */
function inText(word: string): string {
  const literal = word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return literal.replaceAll('&', '&(?:amp;)?').replace(/['’]/g, "(?:'|&#0?39;|&apos;|’)");
}

function fullName(name: string): string[] | null {
  const words = name.trim().split(/\s+/);
  return words.length > 1 ? words : null;
}
