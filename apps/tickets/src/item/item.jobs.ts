import { changeItems, itemNotFound, type ChangeItems } from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import {
  Runs,
  type ChunkAnswer,
  type Context,
  type Place,
  type RowAnswer,
  type UndoableJobHandler,
} from '@sportello/service';
import { logActivity } from './activity.entity.js';
import { changeResolver } from './change.js';
import { Item, type Changed } from './item.entity.js';

/** What an undo needs: what was changed, from what to what. */
interface Kept {
  changes: Changed[];
}

/** The same change to many. */
@Runs(changeItems)
export class ChangeItemsJob implements UndoableJobHandler<ChangeItems> {
  async begin({ ids }: ChangeItems): Promise<number> {
    return new Set(ids).size;
  }

  async chunk(input: ChangeItems, { done, size }: Place, ctx: Context): Promise<ChunkAnswer> {
    const { ids, state, addTags = [], removeTags = [], ...rest } = input;
    const gone = new Set(removeTags.map((tag) => tag.trim().toLowerCase()));
    const retagged = ({ tags }: Item) => [...tags.filter((tag) => !gone.has(tag.toLowerCase())), ...addTags];
    const all = [...new Set(ids)];
    const resolve = await changeResolver(ctx, rest);
    const rows = await eachItem(ctx, all.slice(done, done + size), async (item) => {
      const tags = addTags.length || removeTags.length ? retagged(item) : undefined;
      const changes = item.change(await resolve(item, { tags, state }), ctx.now);
      logActivity(ctx, item, changes);
      const kept: Kept = { changes };
      return { outcome: changes.length ? 'done' : 'unchanged', ...(changes.length && { kept }) };
    });
    return { rows, ends: done + size >= all.length };
  }

  async undo(rows: readonly { id: string; kept: object }[], ctx: Context): Promise<RowAnswer[]> {
    const keptOf = new Map(rows.map(({ id, kept }) => [id, (kept as Kept).changes]));
    return eachItem(ctx, [...keptOf.keys()], async (item) => {
      const back = item.inverse(keptOf.get(item.id) as Changed[]);
      // A status that was removed since, or a person who left, is no way back.
      const change =
        back &&
        (await changeResolver(ctx, back)
          .then((resolve) => resolve(item))
          .catch(unlessRefused));
      if (!change) return { outcome: 'left' };
      logActivity(ctx, item, item.change(change, ctx.now));
      return { outcome: 'done' };
    });
  }
}

/** Loads what the actor may change and answers for each, in the order asked. */
async function eachItem(
  ctx: Context,
  ids: readonly string[],
  work: (item: Item) => Promise<Pick<RowAnswer, 'outcome' | 'kept'>>,
): Promise<RowAnswer[]> {
  const rows: RowAnswer[] = [];
  for (const [id, item] of await ctx.loadMany(Item, ids, itemNotFound)) {
    try {
      if (item instanceof Refusal) throw item;
      if (item.deletedAt) throw new Refusal(itemNotFound);
      rows.push({ id, code: null, ...(await work(item)) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      rows.push({ id, outcome: 'refused', code: error.definition.code });
    }
  }
  return rows;
}

function unlessRefused(error: unknown): null {
  if (error instanceof Refusal) return null;
  throw error;
}
