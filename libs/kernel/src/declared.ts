import { fieldsOf, type Class } from './fields.js';

/**
 * The reply as the contract declares it: only declared fields, dates as ISO text. A handler that returns a row with a column too
 * many does not send it.
 */
export function declaredOnly(output: Class, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  const source = value as Record<string, unknown>;
  const reply: Record<string, unknown> = {};
  for (const { name, kind, many, type } of fieldsOf(output)) {
    const found = source[name];
    if (found === undefined) continue;
    if (kind === 'nested' && type && found !== null) {
      reply[name] = many ? (found as unknown[]).map((each) => declaredOnly(type(), each)) : declaredOnly(type(), found);
    } else if (kind === 'instant' && found !== null) {
      // A row read by SQL has PostgreSQL's text where an entity has a Date.
      reply[name] = (found instanceof Date ? found : new Date(String(found))).toISOString();
    } else {
      reply[name] = found;
    }
  }
  return reply;
}
