import { ActionIcon, UnstyledButton } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Picker } from '../shell/Picker.js';
import { isDateChip, type Chip, type ChoiceField, type DateField } from './filter.js';
import { useChipOptions } from './useChipOptions.js';
import styles from './FilterBar.module.css';

/** One thing that a list is narrowed to: the field, is or is not, and the values; each can be changed in place. */
export default function ChipButton({
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
