import { type ErrorDefinition } from './errors.js';
import { fieldsOf, type Class } from './fields.js';

/** The services of the product. The first word of an operation's or event's id names its owner. */
export const services = ['gateway', 'identity', 'tickets', 'notifications', 'mail-ingest'] as const;
export type ServiceName = (typeof services)[number];

/** Apps that a workspace switches on and off (an app is not a service). */
export const apps = ['tickets'] as const;
export type App = (typeof apps)[number];

/** One thing an actor can ask of a service: over HTTP by the gateway, over the bus by `id`. */
export interface Operation<Input extends object = object, Output extends object = object> {
  readonly kind: 'operation';
  /** The bus subject: `<service>.<aggregate>.<verb>`. */
  readonly id: string;
  /** `METHOD /path/:param` below `/api/v1`, or null for an operation that only services call. */
  readonly http: string | null;
  /** A row of the policy table. */
  readonly permission: string;
  readonly app: App | null;
  readonly input: Class<Input>;
  readonly output: Class<Output>;
  readonly errors: readonly ErrorDefinition[];
  readonly emits: readonly EventDefinition[];
  /** Services that may call it with a key of their own. */
  readonly callers: readonly ServiceName[];
  readonly summary: string;
  /** What the gateway answers when it went well: 200, or 201 for what creates, or 202. */
  readonly status: number;
  /** The reply holds a secret: it is never stored, so that a repeated call is refused instead of answered again. */
  readonly secretReply: boolean;
  /** True for what changes nothing: no idempotency key, no event, a read-only transaction. */
  readonly readOnly: boolean;
  /** Set by `defineJob`: carried out in chunks. */
  readonly job: { readonly undo: boolean; readonly cancel: boolean } | null;
  /** It may take sight away: the answer waits until every copy of grants has heard of it, a second at most, else it is 202. */
  readonly takesSight: boolean;
  /** A service may call it for no workspace in particular; it then reads over all of them, by the system role. */
  readonly acrossWorkspaces: boolean;
}

type Given<Input extends object, Output extends object> = Pick<
  Operation<Input, Output>,
  'id' | 'http' | 'permission' | 'input' | 'output' | 'summary'
> &
  Partial<
    Pick<
      Operation,
      'app' | 'errors' | 'emits' | 'callers' | 'status' | 'readOnly' | 'secretReply' | 'takesSight' | 'acrossWorkspaces'
    >
  >;

const operationIds = /^(identity|tickets|notifications|mail)\.[a-z-]+(\.[a-z-]+)+$/;

/**
 * Declares an operation. Everything else follows: the subject, the route, the OpenAPI entry, the guard, the client.
 * @throws Error when the declaration contradicts itself; that is a programming error and stops the process
 */
export function defineOperation<Input extends object, Output extends object>(
  given: Given<Input, Output>,
): Operation<Input, Output> {
  const method = given.http?.split(' ')[0];
  if (!operationIds.test(given.id)) throw new Error(`${given.id} is no operation id`);
  const declared = new Set(fieldsOf(given.input).map(({ name }) => name));
  for (const name of pathFields(given.http)) {
    if (!declared.has(name)) throw new Error(`${given.id} has :${name} in its route but not in its input`);
  }
  const readOnly = given.readOnly ?? method === 'GET';
  return {
    kind: 'operation',
    app: null,
    errors: [],
    emits: [],
    callers: [],
    status: 200,
    secretReply: false,
    job: null,
    takesSight: false,
    acrossWorkspaces: false,
    ...given,
    readOnly,
  };
}

/** The names in a route's path: `POST /items/:id/convert` → `['id']`. */
export function pathFields(http: string | null): string[] {
  return [...(http ?? '').matchAll(/:([a-zA-Z]+)/g)].map(([, name]) => name as string);
}

/** What is no operation: uploads, downloads, streams, sign-in cookies, raw mail. It has an ordinary controller in the gateway. */
export interface Route {
  readonly kind: 'route';
  readonly id: string;
  /** `METHOD /path` from the root. */
  readonly http: string;
  readonly permission: string;
  /** The largest body in bytes and how many calls a minute one client may make. */
  readonly limits: { bytes: number; perMinute: number };
  readonly summary: string;
}

/** Declares a route. An undeclared controller method is denied by the gateway's guard. */
export function defineRoute(given: Omit<Route, 'kind'>): Route {
  return { kind: 'route', ...given };
}

/** A fact that other services and open browsers may learn. */
export interface EventDefinition<Payload extends object = object> {
  readonly kind: 'event';
  /** `<service>.<aggregate>.<verb in the past>`; the subject is `evt.<id>.<workspace>`. */
  readonly id: string;
  /** The aggregate after the change. */
  readonly payload: Class<Payload>;
  /** What customers who may see it get. Without one the event never reaches a customer. */
  readonly customerPayload: Class | null;
  /** Fields whose change changes who may see what. */
  readonly access: readonly string[];
  readonly summary: string;
}

/** Declares an event. */
export function defineEvent<Payload extends object>(
  given: Omit<EventDefinition<Payload>, 'kind' | 'customerPayload' | 'access'> & {
    customerPayload?: Class;
    access?: readonly (keyof Payload & string)[];
  },
): EventDefinition<Payload> {
  return { kind: 'event', customerPayload: null, access: [], ...given };
}

/** Whether an event of this kind, with these changes, changes who may see what: an `access.changed` of the design. */
export function changesAccess(event: EventDefinition, changed: readonly string[]): boolean {
  return event.access.some((field) => changed.includes(field));
}

/** An answer with nothing in it. */
export class Nothing {}
