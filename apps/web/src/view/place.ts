import { sortText, type Sort, type SortField } from './filter.js';

/** Where in a long list one looks: its start, its end, or a day. */
export type Place = 'start' | 'end' | { day: string };

/** Orders in which every row has a day. */
export const jumpFields: readonly SortField[] = ['updatedAt', 'createdAt'];

/** A question for one side of a place. */
export interface Side {
  sort: string;
  /** A condition besides the list's own. */
  where?: object;
}

/**
 * How to ask for the rows of a list from a place on: those below it, and those above it in the opposite order, nearest first. A null side
 * has nothing.
 */
export function sidesOf(place: Place, sort: Sort): { below: Side | null; above: Side | null } {
  const onward = sortText(sort);
  const back = sortText({ ...sort, falling: !sort.falling });
  if (place === 'start') return { below: { sort: onward }, above: null };
  if (place === 'end') return { below: null, above: { sort: back } };
  // A day is seen whole: newest first it begins at its evening, oldest first at its morning.
  const [below, above] = sort.falling ? [dayAfter(place.day), place.day] : [dayBefore(place.day), place.day];
  return sort.falling
    ? {
        below: { sort: onward, where: { field: sort.field, before: below } },
        above: { sort: back, where: { field: sort.field, after: above } },
      }
    : {
        below: { sort: onward, where: { field: sort.field, after: below } },
        above: { sort: back, where: { field: sort.field, before: above } },
      };
}

const shifted = (day: string, by: number) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10);
const dayAfter = (day: string) => shifted(day, 1);
const dayBefore = (day: string) => shifted(day, -1);
