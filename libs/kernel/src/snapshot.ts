import { Flag, Id, Integer, Json, Nested, type Class } from './fields.js';
import { defineOperation, type EventDefinition, type Operation, type ServiceName } from './operation.js';

/** Which aggregates: these, or the next page of all by id. */
export class SnapshotInput {
  @Id({ optional: true }) after?: string;
  @Id({ optional: true, many: 200 }) ids?: string[];
}

/** One aggregate as its owner has it now: what its next event would carry, and the number of its last one. */
export interface AggregateState<Payload extends object = object> {
  id: string;
  seq: number;
  after: Payload;
  /** Who may see it; null where access does not depend on it. */
  is: object | null;
  deleted: boolean;
}

/** A page of them; `next` is what to ask `after`. */
export interface SnapshotPage<Payload extends object = object> {
  data: AggregateState<Payload>[];
  next: string | null;
}

/** An operation that tells the present state of all aggregates of one kind, for copies that are new or broken. */
export interface Snapshot<Payload extends object = object> extends Operation<SnapshotInput, SnapshotPage<Payload>> {
  /** An event of the aggregate: its payload is what a state carries. */
  readonly of: EventDefinition<Payload>;
}

/** How many aggregates a page has: one transaction of whoever copies them. */
export const snapshotPageSize = 200;

/** Declares a snapshot operation: for services only, read-only, by keyset. */
export function defineSnapshot<Payload extends object>(
  of: EventDefinition<Payload>,
  given: Pick<Operation, 'id' | 'summary'> & { callers: readonly ServiceName[]; acrossWorkspaces?: boolean },
): Snapshot<Payload> {
  const output = pageOf(of.payload) as Class<SnapshotPage<Payload>>;
  const operation = { http: null, permission: 'service.only', readOnly: true, input: SnapshotInput, output };
  return { ...defineOperation({ ...operation, ...given }), of };
}

function pageOf(payload: Class): Class {
  class State {
    @Id() id!: string;
    @Integer() seq!: number;
    @Nested(() => payload) after!: object;
    @Json({ nullable: true }) is!: object | null;
    @Flag() deleted!: boolean;
  }
  class Page {
    @Nested(() => State, { many: snapshotPageSize }) data!: State[];
    @Id({ nullable: true }) next!: string | null;
  }
  return Page;
}
