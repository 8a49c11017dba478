import { type SortField } from './filter.js';

/** What a row of the table can show besides its title, in the order of the columns. */
export const columns = [
  'type',
  'number',
  'title',
  'status',
  'priority',
  'requester',
  'assignees',
  'due',
  'created',
  'updated',
] as const;
export type Column = (typeof columns)[number];

/** Without a title a row says nothing. */
export const choosable = columns.filter((column) => column !== 'title');
export const standardColumns: Column[] = choosable.filter((column) => column !== 'created');

/** The order that a click on a column's head asks for. */
export const sortOfColumn: Partial<Record<Column, SortField>> = {
  number: 'number',
  title: 'title',
  priority: 'priority',
  due: 'dueAt',
  created: 'createdAt',
  updated: 'updatedAt',
};

const widths: Record<Column, number> = {
  type: 22,
  number: 58,
  title: 180,
  status: 150,
  priority: 62,
  requester: 200,
  assignees: 72,
  due: 88,
  created: 96,
  updated: 96,
};
const gap = 8;
/** The box to tick, and the row's margins. */
const edges = 34 + 20;

/** Where there is no room for all, these go, one after the other; what is chosen stays chosen. */
const given: readonly Column[] = ['created', 'due', 'requester', 'type', 'priority', 'number', 'assignees', 'updated'];

/** The columns that a list of this width shows of the chosen ones, and the grid that lays them out. */
export function layOut(chosen: readonly Column[], width: number): { shown: Column[]; template: string } {
  let shown = columns.filter((column) => column === 'title' || chosen.includes(column));
  const needed = () => shown.reduce((sum, column) => sum + widths[column] + gap, edges);
  for (const column of given) {
    if (needed() <= width) break;
    shown = shown.filter((each) => each !== column);
  }
  const track = (column: Column) =>
    column === 'title'
      ? `minmax(${needed() > width ? 0 : widths.title}px, 1fr)`
      : column === 'status' && needed() > width
        ? '20px'
        : `${widths[column]}px`;
  return { shown, template: ['34px', ...shown.map(track)].join(' ') };
}
