import { type EventDefinition, type Operation, type Route } from './operation.js';

/** Everything that is declared. What is not in it does not exist: no route, no subject, no event. */
export interface Registry {
  readonly operations: ReadonlyMap<string, Operation>;
  readonly routes: ReadonlyMap<string, Route>;
  readonly events: ReadonlyMap<string, EventDefinition>;
  /** The name a declaration is exported under, by id: what clients of the API call it. */
  readonly names: ReadonlyMap<string, string>;
}

/**
 * Collects the declarations of contract modules (`import * as tickets from './tickets.js'`).
 * @throws Error when an id or a route is declared twice
 */
export function buildRegistry(...modules: Record<string, unknown>[]): Registry {
  const operations = new Map<string, Operation>();
  const routes = new Map<string, Route>();
  const events = new Map<string, EventDefinition>();
  const names = new Map<string, string>();
  const https = new Map<string, string>();
  const add = <T extends { id: string }>(map: Map<string, T>, one: T) => {
    if (map.has(one.id) && map.get(one.id) !== one) throw new Error(`${one.id} is declared twice`);
    map.set(one.id, one);
  };
  for (const [name, value] of modules.flatMap((module) => Object.entries(module))) {
    const one = value as Operation | Route | EventDefinition | null;
    if (one === null || typeof one !== 'object') continue;
    if (one.kind) names.set(one.id, name);
    if (one.kind === 'operation') add(operations, one);
    if (one.kind === 'route') add(routes, one);
    if (one.kind === 'event') add(events, one);
    if ((one.kind === 'operation' || one.kind === 'route') && one.http) {
      const at = one.http.replace(/:[a-zA-Z]+/g, ':x');
      if (https.has(at) && https.get(at) !== one.id)
        throw new Error(`${one.id} and ${https.get(at)} share the route ${at}`);
      https.set(at, one.id);
    }
  }
  return { operations, routes, events, names };
}

/** The service that owns an operation or event, by the first word of its id (`mail.*` is mail-ingest's). */
export function ownerOf(id: string): string {
  const first = id.split('.')[0] as string;
  return first === 'mail' ? 'mail-ingest' : first;
}
