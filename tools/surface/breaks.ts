/** As much of an OpenAPI document as a client depends on. */
export interface Api {
  paths: Record<string, Record<string, Endpoint>>;
  components?: { schemas?: Record<string, Schema> };
}
interface Endpoint {
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema }[];
  requestBody?: { content?: Content };
  responses?: Record<string, { content?: Content }>;
}
type Content = Record<string, { schema?: Schema }>;
interface Schema {
  $ref?: string;
  allOf?: Schema[];
  type?: string;
  format?: string;
  nullable?: boolean;
  enum?: unknown[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
}

/**
 * What a client of `before` would miss in `after`: whatever is no addition. A field that is asked for may not be dropped, become required or
 * narrower; one that is answered may not be dropped, become optional or wider.
 */
export function breaks(before: Api, after: Api): string[] {
  const found: string[] = [];
  for (const [path, methods] of Object.entries(before.paths)) {
    for (const [method, was] of Object.entries(methods)) {
      const at = `${method.toUpperCase()} ${path}`;
      const is = after.paths[path]?.[method];
      if (!is) found.push(`${at} is gone`);
      else found.push(...breaksOf(was, is, { before, after }).map((each) => `${at}: ${each}`));
    }
  }
  return found;
}

interface Both {
  before: Api;
  after: Api;
}

function breaksOf(was: Endpoint, is: Endpoint, both: Both): string[] {
  const asObject = ({ parameters = [] }: Endpoint): Schema => ({
    properties: Object.fromEntries(parameters.map(({ name, schema = {} }) => [name, schema])),
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
  });
  const body = ({ requestBody }: Endpoint) => Object.values(requestBody?.content ?? {})[0]?.schema ?? {};
  const found = [
    ...narrower(asObject(was), asObject(is), both, 'asked'),
    ...narrower(body(was), body(is), both, 'asked'),
  ];
  for (const [status, { content }] of Object.entries(was.responses ?? {})) {
    const schema = Object.values(content ?? {})[0]?.schema;
    const now = Object.values(is.responses?.[status]?.content ?? {})[0]?.schema;
    if (!status.startsWith('2') || !schema) continue;
    if (!now) found.push(`it no longer answers ${status}`);
    else found.push(...narrower(schema, now, both, 'answered'));
  }
  return found;
}

/** What is no addition between two shapes, `way` said which side must be able to go on as before. */
function narrower(
  given: Schema,
  now: Schema,
  both: Both,
  way: 'asked' | 'answered',
  at = '',
  seen: readonly string[] = [],
): string[] {
  const [was, is] = [resolve(given, both.before), resolve(now, both.after)];
  const name = at || 'the body';
  if (given.$ref) {
    if (seen.includes(given.$ref)) return [];
    seen = [...seen, given.$ref];
  }
  const found: string[] = [];
  if (was.type !== is.type || was.format !== is.format) found.push(`${name} is another type`);
  // Whoever sends must not be refused what was taken; whoever reads must not meet what was never there.
  const [wider, smaller] = way === 'asked' ? [was, is] : [is, was];
  if (wider.nullable && !smaller.nullable)
    found.push(`${name} ${way === 'asked' ? 'may no longer' : 'may now'} be null`);
  if (smaller.enum && (wider.enum ?? []).some((value) => !smaller.enum?.includes(value)))
    found.push(`${name} has ${way === 'asked' ? 'fewer' : 'new'} values`);
  if (was.items && is.items) found.push(...narrower(was.items, is.items, both, way, `${at}[]`, seen));
  for (const [field, schema] of Object.entries(was.properties ?? {})) {
    const path = at ? `${at}.${field}` : field;
    const next = is.properties?.[field];
    if (!next) found.push(`${path} is gone`);
    else found.push(...narrower(schema, next, both, way, path, seen));
  }
  for (const field of smaller.required ?? []) {
    if (
      smaller.properties?.[field] &&
      !(wider.required ?? []).includes(field) &&
      (way === 'asked' || is.properties?.[field])
    )
      found.push(`${at ? `${at}.${field}` : field} is ${way === 'asked' ? 'now required' : 'no longer always there'}`);
  }
  return found;
}

function resolve(schema: Schema, { components }: Api): Schema {
  const [only, ...more] = schema.allOf ?? [];
  const ref = schema.$ref ?? (more.length ? undefined : only?.$ref);
  if (!ref) return schema;
  return { ...components?.schemas?.[ref.split('/').at(-1) as string], ...(schema.nullable && { nullable: true }) };
}
