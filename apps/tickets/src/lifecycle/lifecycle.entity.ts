import { defineEntity, p } from '@mikro-orm/postgresql';
import {
  itemTypeChanged,
  stateNeeded,
  statusNotFound,
  type ItemType as ItemTypeDto,
  type Language,
  type MoveTrigger,
  type State,
  type StatusColor,
} from '@sportello/contracts';
import { Refusal, type App } from '@sportello/kernel';
import { record } from '@sportello/persistence';

export const StatusSchema = defineEntity({
  name: 'Status',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    typeId: p.uuid(),
    name: p.text(),
    customerName: p.text(),
    color: p.string().$type<StatusColor>(),
    state: p.string().$type<State>(),
    position: p.integer(),
    successorId: p.uuid().nullable(),
  },
});

/** A step of a type's lifecycle. One with a successor is being removed: nothing new comes into it. */
export class Status extends StatusSchema.class {}
StatusSchema.setClass(Status);

export const ItemTypeSchema = defineEntity({
  name: 'ItemType',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    key: p.string(),
    app: p.string().$type<App>(),
    name: p.text(),
    pluralName: p.text(),
    icon: p.string(),
    publishedByDefault: p.boolean(),
    hidden: p.boolean(),
    moves: p.json<Partial<Record<MoveTrigger, string>>>(),
    seq: p.integer(),
  },
});

/** A type of item with its default moves: rows that a workspace changes, not branches in code. */
export class ItemType extends ItemTypeSchema.class {
  /** The status that a trigger leads to; null leaves the item where it is. */
  moveOn(trigger: MoveTrigger): string | null {
    return this.moves[trigger] ?? null;
  }

  setMoves(moves: readonly { on: MoveTrigger; statusId: string | null }[], statuses: readonly Status[]): void {
    for (const { on, statusId } of moves) {
      if (statusId && !statuses.some(({ id }) => id === statusId)) throw new Refusal(statusNotFound);
      const { [on]: _previous, ...others } = this.moves;
      this.moves = statusId ? { ...others, [on]: statusId } : others;
    }
  }

  /** @throws Refusal `state_needed` when no open or no finished status is left */
  keepsBothKinds(statuses: readonly Status[]): void {
    const staying = statuses.filter(({ successorId }) => !successorId);
    const finished = staying.filter(({ state }) => state === 'finished').length;
    if (finished === 0 || finished === staying.length) throw new Refusal(stateNeeded);
  }

  /** Records the type as it is now. @throws Refusal `state_needed` */
  changed(statuses: readonly Status[]): void {
    this.keepsBothKinds(statuses);
    record(this, itemTypeChanged, this.toDto(statuses));
  }

  toDto(statuses: readonly Status[]): ItemTypeDto {
    const { id, key, app, name, pluralName, icon, publishedByDefault, hidden, moves, seq: version } = this;
    return {
      ...{ id, key, app, name, pluralName, icon, publishedByDefault, hidden, version },
      statuses: [...statuses].sort((a, b) => a.position - b.position),
      moves: (['customer-reply', 'agent-reply', 'reply-after-finish'] as const).map((on) => ({
        on,
        statusId: moves[on] ?? null,
      })),
    };
  }
}
ItemTypeSchema.setClass(ItemType);

const shipped = {
  en: {
    name: 'Ticket',
    plural: 'Tickets',
    new: ['New', 'Received'],
    open: ['Open', 'In progress'],
    waiting: ['Waiting for customer', 'Waiting for your answer'],
    solved: ['Solved', 'Solved'],
  },
  it: {
    name: 'Ticket',
    plural: 'Ticket',
    new: ['Nuovo', 'Ricevuto'],
    open: ['Aperto', 'In lavorazione'],
    waiting: ['In attesa del cliente', 'In attesa di una sua risposta'],
    solved: ['Risolto', 'Risolto'],
  },
  nb: {
    name: 'Sak',
    plural: 'Saker',
    new: ['Ny', 'Mottatt'],
    open: ['Åpen', 'Under arbeid'],
    waiting: ['Venter på kunden', 'Venter på svar fra deg'],
    solved: ['Løst', 'Løst'],
  },
} as const satisfies Record<Language, unknown>;

/** The type that every workspace starts with: tickets, in its language. */
export function shippedTicketType(
  workspaceId: string,
  language: Language,
  newId: () => string,
): { type: ItemType; statuses: Status[] } {
  const words = shipped[language];
  const typeId = newId();
  const status = (
    position: number,
    [name, customerName]: readonly [string, string],
    color: StatusColor,
    state: State,
  ) =>
    Object.assign(new Status(), {
      ...{ workspaceId, id: newId(), typeId, name, customerName, color, state, position, successorId: null },
    });
  const fresh = status(0, words.new, 'blue', 'not-started');
  const open = status(1, words.open, 'orange', 'in-progress');
  const waiting = status(2, words.waiting, 'gray', 'in-progress');
  const solved = status(3, words.solved, 'green', 'finished');
  const statuses = [fresh, open, waiting, solved];
  const type = Object.assign(new ItemType(), {
    workspaceId,
    id: typeId,
    key: 'ticket',
    app: 'tickets' as const,
    name: words.name,
    pluralName: words.plural,
    icon: 'ticket',
    publishedByDefault: true,
    hidden: false,
    moves: { 'customer-reply': open.id, 'agent-reply': waiting.id, 'reply-after-finish': open.id },
    seq: 0,
  });
  type.changed(statuses);
  return { type, statuses };
}
