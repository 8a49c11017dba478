import { snapshotPageSize, type AggregateState, type SnapshotInput, type SnapshotPage } from '@sportello/kernel';
import { type Aggregate } from '@sportello/persistence';
import { type AggregateClass, type Context, type Guarded } from './context.js';

/**
 * One page of a snapshot. Read by the ORM and not by hand-written columns: a state is what the next event would carry, because the same method of the
 * entity makes both.
 * @param facts the payload of the aggregate's events
 */
export async function readSnapshot<T extends Aggregate & Partial<Guarded>, Payload extends object>(
  ctx: Context,
  type: AggregateClass<T>,
  { after, ids }: SnapshotInput,
  facts: (aggregate: T) => Payload,
): Promise<SnapshotPage<Payload>> {
  const { workspaceId } = ctx;
  const where = { workspaceId, ...(ids ? { id: { $in: ids } } : after && { id: { $gt: after } }) };
  const options = { orderBy: { id: 'asc' }, limit: snapshotPageSize };
  const found = (await ctx.em.find(type as never, where as never, options as never)) as T[];
  return snapshotPage(found.map((aggregate) => stateOf(aggregate, facts(aggregate))));
}

/** An aggregate as a snapshot tells it. */
export function stateOf<Payload extends object>(
  aggregate: Aggregate & Partial<Guarded> & { deletedAt?: Date | null },
  after: Payload,
): AggregateState<Payload> {
  const { id, seq, deletedAt } = aggregate;
  return { id, seq, after, is: aggregate.accessFacts?.() ?? null, deleted: Boolean(deletedAt) };
}

/** A page, and where the next one begins unless this was the last. */
export function snapshotPage<Payload extends object>(data: AggregateState<Payload>[]): SnapshotPage<Payload> {
  return { data, next: data.length < snapshotPageSize ? null : (data.at(-1)?.id ?? null) };
}
