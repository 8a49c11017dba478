import { TagsInput, UnstyledButton } from '@mantine/core';
import { type Person } from '@sportello/api-client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addressesIn } from './draft.js';
import styles from './Recipients.module.css';

interface Props {
  to: string[];
  cc: string[];
  people: readonly Person[];
  change: (next: { to: string[]; cc: string[] }) => void;
}

/** Who gets the reply: a line to read, two fields to change it. */
export function Recipients({ to, cc, people, change }: Props) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const nameOf = (address: string) =>
    people.find(({ email }) => email?.toLowerCase() === address.toLowerCase())?.name ?? address;
  const known = people.flatMap(({ email }) => (email ? [email] : []));
  if (!editing && to.length + cc.length > 0) {
    return (
      <UnstyledButton className={styles.line} onClick={() => setEditing(true)} title={[...to, ...cc].join(', ')}>
        {to.length > 0 && (
          <span>
            {t('conversation.to')} <strong>{to.map(nameOf).join(', ')}</strong>
          </span>
        )}
        {cc.length > 0 && (
          <span>
            {t('conversation.cc')} <strong>{cc.map(nameOf).join(', ')}</strong>
          </span>
        )}
      </UnstyledButton>
    );
  }
  const field = (value: string[], set: (next: string[]) => void, label: string) => (
    <TagsInput
      size="xs"
      className={styles.field}
      aria-label={label}
      placeholder={value.length ? undefined : t('conversation.addAddress')}
      leftSection={<span className={styles.label}>{label}</span>}
      leftSectionWidth={32}
      value={value}
      data={known.filter((address) => !to.includes(address) && !cc.includes(address))}
      splitChars={[',', ';', ' ']}
      acceptValueOnBlur
      onChange={(next) => set(next.flatMap((text) => addressesIn(text)))}
    />
  );
  return (
    <div className={styles.fields}>
      {field(to, (next) => change({ to: next, cc }), t('conversation.to'))}
      {field(cc, (next) => change({ to, cc: next }), t('conversation.cc'))}
    </div>
  );
}
