import { ActionIcon, UnstyledButton } from '@mantine/core';
import { IconFilter, IconSearch, IconX } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LazyMenu } from '../shell/LazyMenu.js';
import {
  dateFields,
  withChip,
  withoutChip,
  type Chip,
  type ChoiceField,
  type DateField,
  type ListSearch,
} from './filter.js';
import styles from './FilterBar.module.css';

const loadFilterMenu = () => import('./FilterMenu.js');
const FilterMenu = lazy(loadFilterMenu);
const ChipButton = lazy(() => import('./ChipButton.js'));

interface Props {
  search: ListSearch;
  set: (next: Partial<ListSearch>) => void;
}

/** Chips of what the list is narrowed to, a button for more, and words to look for. */
export function FilterBar({ search, set }: Props) {
  const { t } = useTranslation();
  // A field that was chosen and has no value yet.
  const [fresh, setFresh] = useState<Chip | null>(null);
  // The fresh one stays known: the address follows a moment later, and until then the chip must not go.
  const put = (chip: Chip) => set({ chips: withChip(search.chips, chip) });
  const start = (field: ChoiceField | DateField) =>
    setFresh(
      (dateFields as readonly string[]).includes(field)
        ? { field: field as DateField, op: 'after', values: [''] }
        : { field: field as ChoiceField, op: 'is', values: [] },
    );
  const shown =
    fresh && !search.chips.some(({ field }) => field === fresh.field) ? [...search.chips, fresh] : search.chips;
  return (
    <div className={styles.bar} role="group" aria-label={t('view.filter')}>
      {shown.map((chip) => (
        <Suspense key={`${chip.field}.${chip.op}`}>
          <ChipButton
            chip={chip}
            fresh={chip.field === fresh?.field}
            put={put}
            remove={() => {
              setFresh(null);
              set({ chips: withoutChip(search.chips, chip) });
            }}
          />
        </Suspense>
      ))}
      <LazyMenu
        load={loadFilterMenu}
        button={(more) => (
          <UnstyledButton className={styles.add} {...more}>
            <IconFilter size={14} aria-hidden />
            {shown.length ? <span className={styles.hidden}>{t('view.filter')}</span> : t('view.filter')}
          </UnstyledButton>
        )}
      >
        {(target) => <FilterMenu target={target} start={start} />}
      </LazyMenu>
      <Words text={search.text ?? ''} set={(text) => set({ text: text || undefined })} />
    </div>
  );
}

function Words({ text, set }: { text: string; set: (text: string) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(text);
  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        set(typed.trim());
      }}
    >
      <label className={styles.words}>
        <IconSearch size={13} aria-hidden />
        <input
          type="search"
          placeholder={t('view.words')}
          aria-label={t('view.words')}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onBlur={() => typed.trim() !== text && set(typed.trim())}
        />
        {text && (
          <ActionIcon
            size={18}
            aria-label={t('view.clearWords')}
            onClick={() => {
              setTyped('');
              set('');
            }}
          >
            <IconX size={12} />
          </ActionIcon>
        )}
      </label>
    </form>
  );
}
