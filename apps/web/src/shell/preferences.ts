import { readLocalStorageValue, useLocalStorage } from '@mantine/hooks';
import { standardColumns, type Column } from '../view/columns.js';

/** What one browser remembers: it concerns the screen at hand, not the person. */
export interface Preferences {
  keys: boolean;
  /** After finishing or moving: the next in the list, back to the list, or stay. */
  afterFinish: 'next' | 'list' | 'stay';
  barFolded: boolean;
  /** Share of the width that the panel takes, in percent. */
  panelWidth: number;
  layout: 'inbox' | 'table';
  /** What the table shows besides the title. */
  columns: Column[];
}

const standard: Preferences = {
  keys: true,
  afterFinish: 'next',
  barFolded: false,
  panelWidth: 45,
  layout: 'table',
  columns: standardColumns,
};
const key = 'sportello.preferences';

export function usePreferences(): [Preferences, (change: Partial<Preferences>) => void] {
  const [kept, keep] = useLocalStorage<Partial<Preferences>>({ key, defaultValue: {}, getInitialValueInEffect: false });
  return [{ ...standard, ...kept }, (change) => keep((current) => ({ ...current, ...change }))];
}

/** For handlers outside React. */
export const readPreferences = (): Preferences => ({
  ...standard,
  ...readLocalStorageValue<Partial<Preferences>>({ key, defaultValue: {} }),
});
