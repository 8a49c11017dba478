import { ActionIcon, Menu, TextInput, UnstyledButton } from '@mantine/core';
import { IconFilter, IconSearch, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Picker } from '../shell/Picker.js';
import {
  choiceFields,
  dateFields,
  isDateChip,
  withChip,
  withoutChip,
  type Chip,
  type ChoiceField,
  type DateField,
  type ListSearch,
} from './filter.js';
import { useChipOptions } from './useChipOptions.js';
import styles from './FilterBar.module.css';

interface Props {
  search: ListSearch;
  set: (next: Partial<ListSearch>) => void;
}

/** Chips of what the list is narrowed to, a button for more, and words to look for. */
export function FilterBar({ search, set }: Props) {
  const { t } = useTranslation();
  // A field that was chosen and has no value yet.
  const [fresh, setFresh] = useState<Chip | null>(null);
  const put = (chip: Chip) => {
    set({ chips: withChip(search.chips, chip) });
    if (chip.values.length) setFresh(null);
  };
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
        <ChipButton
          key={`${chip.field}.${chip.op}`}
          chip={chip}
          fresh={chip === fresh}
          put={put}
          remove={() => {
            setFresh(null);
            set({ chips: withoutChip(search.chips, chip) });
          }}
        />
      ))}
      <Menu>
        <Menu.Target>
          <UnstyledButton className={styles.add}>
            <IconFilter size={14} aria-hidden />
            {shown.length ? <span className={styles.hidden}>{t('view.filter')}</span> : t('view.filter')}
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          {choiceFields.map((field) => (
            <Menu.Item key={field} onClick={() => start(field)}>
              {t(`view.fields.${field}`)}
            </Menu.Item>
          ))}
          <Menu.Divider />
          {dateFields.map((field) => (
            <Menu.Item key={field} onClick={() => start(field)}>
              {t(`view.fields.${field}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
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
      <TextInput
        size="xs"
        variant="unstyled"
        className={styles.words}
        leftSection={<IconSearch size={13} aria-hidden />}
        placeholder={t('view.words')}
        aria-label={t('view.words')}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={() => typed.trim() !== text && set(typed.trim())}
        rightSection={
          text && (
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
          )
        }
      />
    </form>
  );
}

function ChipButton({
  chip,
  fresh,
  put,
  remove,
}: {
  chip: Chip;
  fresh: boolean;
  put: (chip: Chip) => void;
  remove: () => void;
}) {
  const { t } = useTranslation();
  const name = t(`view.fields.${chip.field}`);
  return (
    <span className={styles.chip}>
      {isDateChip(chip) ? (
        <DateChip chip={chip} put={put} name={name} />
      ) : (
        <ChoiceChip chip={chip} fresh={fresh} put={put} name={name} />
      )}
      <ActionIcon size={18} aria-label={t('view.removeChip', { name })} onClick={remove}>
        <IconX size={12} />
      </ActionIcon>
    </span>
  );
}

function ChoiceChip({
  chip,
  fresh,
  put,
  name,
}: {
  chip: Extract<Chip, { field: ChoiceField }>;
  fresh: boolean;
  put: (chip: Chip) => void;
  name: string;
}) {
  const { t } = useTranslation();
  const { options, search, labelOf } = useChipOptions(chip.field);
  return (
    <>
      <span>{name}</span>
      <UnstyledButton className={styles.op} onClick={() => put({ ...chip, op: chip.op === 'is' ? 'not' : 'is' })}>
        {t(chip.op === 'is' ? 'view.is' : 'view.isNot')}
      </UnstyledButton>
      <Picker
        label={name}
        options={options}
        selected={chip.values}
        multiple
        onSearch={search}
        startOpen={fresh}
        onPick={(values) => put({ ...chip, values })}
      >
        {(toggle) => (
          <UnstyledButton className={styles.value} onClick={toggle}>
            {chip.values.map(labelOf).join(', ') || '…'}
          </UnstyledButton>
        )}
      </Picker>
    </>
  );
}

function DateChip({
  chip,
  put,
  name,
}: {
  chip: Extract<Chip, { field: DateField }>;
  put: (chip: Chip) => void;
  name: string;
}) {
  const { t } = useTranslation();
  return (
    <>
      <span>{name}</span>
      <UnstyledButton
        className={styles.op}
        onClick={() => put({ ...chip, op: chip.op === 'after' ? 'before' : 'after' })}
      >
        {t(chip.op === 'after' ? 'view.after' : 'view.before')}
      </UnstyledButton>
      <input
        type="date"
        className={styles.date}
        aria-label={name}
        defaultValue={chip.values[0]}
        onChange={(event) => event.currentTarget.value && put({ ...chip, values: [event.currentTarget.value] })}
      />
    </>
  );
}
