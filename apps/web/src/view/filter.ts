/** Fields that a chip can be about, in the order of the menu. */
export const choiceFields = [
  'state',
  'status',
  'assignee',
  'team',
  'requester',
  'organization',
  'priority',
  'tag',
  'type',
] as const;
export const dateFields = ['createdAt', 'updatedAt', 'dueAt', 'finishedAt'] as const;
export type ChoiceField = (typeof choiceFields)[number];
export type DateField = (typeof dateFields)[number];

/** One chip of the filter bar. */
export type Chip =
  | { field: ChoiceField; op: 'is' | 'not'; values: string[] }
  | { field: DateField; op: 'before' | 'after'; values: [string] };

export const layouts = ['inbox', 'table'] as const;
export type Layout = (typeof layouts)[number];

export const sortFields = ['updatedAt', 'createdAt', 'priority', 'dueAt', 'number', 'title'] as const;
export type SortField = (typeof sortFields)[number];
export interface Sort {
  field: SortField;
  falling: boolean;
}

/** What the address of a list holds besides its view. */
export interface ListSearch {
  /** The number (or id) in the panel. */
  open?: string;
  layout?: Layout;
  /** As the API takes it: `-updatedAt`. */
  sort?: string;
  text?: string;
  chips: Chip[];
}

const isDate = (value: string) => /^\d{4}-\d\d-\d\d$/.test(value);
const isChoice = (field: string): field is ChoiceField => (choiceFields as readonly string[]).includes(field);
const isDateField = (field: string): field is DateField => (dateFields as readonly string[]).includes(field);

export const isDateChip = (chip: Chip): chip is Extract<Chip, { field: DateField }> => isDateField(chip.field);

/** Reads the query of an address. What it does not know is left out, so that an old link still opens. */
export function searchOf(query: Record<string, string>): ListSearch {
  const chips: Chip[] = [];
  for (const [name, text] of Object.entries(query)) {
    const [field = '', op = 'is'] = name.split('.');
    if (isChoice(field) && (op === 'is' || op === 'not')) {
      const values = text.split(',').filter(Boolean);
      if (values.length) chips.push({ field, op, values });
    } else if (isDateField(field) && (op === 'before' || op === 'after') && isDate(text)) {
      chips.push({ field, op, values: [text] });
    }
  }
  return {
    chips,
    ...(query.open && { open: query.open }),
    ...(layouts.includes(query.layout as Layout) && { layout: query.layout as Layout }),
    ...(sortOf(query.sort) && { sort: query.sort }),
    ...(query.text && { text: query.text }),
  };
}

/** Writes it back; `queryOf(searchOf(query))` is the query without what was not understood. */
export function queryOf({ chips, open, layout, sort, text }: ListSearch): Record<string, string> {
  const query: Record<string, string> = {};
  if (open) query.open = open;
  if (layout) query.layout = layout;
  if (sort) query.sort = sort;
  if (text) query.text = text;
  for (const { field, op, values } of chips) query[op === 'is' ? field : `${field}.${op}`] = values.join(',');
  return query;
}

export function sortOf(text: string | undefined): Sort | null {
  const field = text?.replace(/^-/, '') as SortField | undefined;
  return field && sortFields.includes(field) ? { field, falling: text?.startsWith('-') ?? false } : null;
}

/** Newest and most urgent first; dates to come and names as one reads them. A second press turns the order round. */
export const pressed = (sort: Sort, field: SortField): Sort => ({
  field,
  falling: field === sort.field ? !sort.falling : field !== 'dueAt' && field !== 'title',
});

export const sortText = ({ field, falling }: Sort) => (falling ? `-${field}` : field);

/** The chips, and a condition besides them, as the API's filter; or nothing to filter by. */
export function filterOf(chips: readonly Chip[], besides?: object): { all: object[] } | undefined {
  const all: object[] = chips.map(({ field, op, values }) => ({
    field,
    [op]: values.length === 1 ? values[0] : values,
  }));
  if (besides) all.push(besides);
  return all.length ? { all } : undefined;
}

/** The chips with one put in the place of the one about the same thing; without values it goes. */
export function withChip(chips: readonly Chip[], chip: Chip): Chip[] {
  const index = chips.findIndex(({ field, op }) => field === chip.field && sameKind(op, chip.op));
  const next = [...chips];
  if (index < 0) next.push(chip);
  else next[index] = chip;
  return next.filter(({ values }) => values.length > 0);
}

const sameKind = (one: Chip['op'], other: Chip['op']) =>
  one === other || (['is', 'not'].includes(one) && ['is', 'not'].includes(other));

export const withoutChip = (chips: readonly Chip[], gone: Chip): Chip[] => chips.filter((chip) => chip !== gone);

/** Whether two searches show the same list, whatever is open in the panel. */
export function sameList(one: ListSearch, other: ListSearch): boolean {
  const key = (search: ListSearch) => JSON.stringify(queryOf({ ...search, open: undefined, layout: undefined }));
  return key(one) === key(other);
}
