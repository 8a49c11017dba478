import {
  type CustomerFacts,
  type OrganizationFacts,
  type TeamFacts,
  type UserFacts,
  type WorkspaceFacts,
} from '@sportello/contracts';
import { type Context } from '@sportello/service';

/** Columns of a copy, besides its key and `seq`. */
export type Columns = Record<string, unknown>;

/** Which columns a service keeps of identity's facts, in its own tables `workspace`, `person`, `team`, `organization`. What it leaves out it does not copy. */
export interface DirectoryCopies {
  workspace(facts: WorkspaceFacts): Columns;
  user(facts: UserFacts): Columns;
  customer(facts: CustomerFacts): Columns;
  team?(facts: TeamFacts): Columns;
  organization?(facts: OrganizationFacts): Columns;
  /** What a service keeps of users besides `person`; `copied` is the user as just written. */
  alsoOfUser?(ctx: Context, copied: UserFacts, seq: number): Promise<void>;
}

/** The name under which Nest finds a service's `DirectoryCopies`. */
export const DIRECTORY_COPIES = Symbol('DIRECTORY_COPIES');

/**
 * Writes a copy unless a newer one is there. The same `seq` is written again: that mends a copy that was damaged.
 * @param key names the row within the workspace
 * @returns whether it was written
 */
export async function keepNewest(
  ctx: Context,
  table: string,
  key: Readonly<Record<string, string>>,
  columns: Columns,
  seq: number,
): Promise<boolean> {
  const copy = { ...columns, seq };
  const written = await ctx
    .db<Record<string, Columns>>()
    .insertInto(table)
    .values({ workspace_id: ctx.workspaceId, ...key, ...copy })
    .onConflict((conflict) =>
      conflict
        .columns(['workspace_id', ...Object.keys(key)])
        .doUpdateSet(copy)
        .where(`${table}.seq`, '<=', seq),
    )
    .returning('seq')
    .executeTakeFirst();
  return written !== undefined;
}
