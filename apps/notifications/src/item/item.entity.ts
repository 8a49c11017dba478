import { defineEntity, p } from '@mikro-orm/postgresql';
import { type ItemFacts } from '@sportello/contracts';
import { type App } from '@sportello/kernel';
import { type AccessFacts } from '@sportello/permissions';

export const ItemSchema = defineEntity({
  name: 'Item',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    app: p.string().$type<App>(),
    number: p.integer(),
    title: p.text(),
    statusId: p.uuid(),
    deleted: p.boolean(),
    facts: p.json<AccessFacts>(),
    seq: p.integer(),
  },
});

/** The copy of an item: what a notification shows of it, and who may see it. Tickets owns the item. */
export class Item extends ItemSchema.class {
  static readonly viewPermission = 'item.view' as const;

  static copyOf(workspaceId: string, id: string): Item {
    return Object.assign(new Item(), { workspaceId, id, deleted: false, seq: 0 });
  }

  copy(
    { app, number, title, statusId }: Pick<ItemFacts, 'app' | 'number' | 'title' | 'statusId'>,
    facts: AccessFacts,
    seq: number,
  ): void {
    if (seq >= this.seq) Object.assign(this, { app, number, title, statusId });
    this.copyFacts(facts, seq);
  }

  /** A snapshot may have been ahead of the events: the newest stays. */
  copyFacts(facts: AccessFacts, seq: number): void {
    if (seq >= this.seq) Object.assign(this, { facts, seq });
  }

  accessFacts(): AccessFacts {
    return this.facts;
  }
}
ItemSchema.setClass(Item);
