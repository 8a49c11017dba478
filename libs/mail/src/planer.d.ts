/** The package ships no types; this is what is used of it. */
declare module 'planer' {
  /** One letter a line: s introduces a quote, m is quoted, f forwards, e is empty, t is text. */
  export function markMessageLines(lines: string[]): string;
  const planer: { markMessageLines: typeof markMessageLines };
  export default planer;
}
