import { Button } from '@mantine/core';
import { type FormEventHandler, type ReactNode } from 'react';
import { useSentence } from '../shell/States.js';
import styles from './EntryFrame.module.css';

/** A form before sign-in: fields, what went wrong, one button. */
export function EntryForm({
  onSubmit,
  error,
  pending,
  action,
  children,
}: {
  onSubmit: FormEventHandler<HTMLFormElement>;
  error: unknown;
  pending: boolean;
  action: string;
  children: ReactNode;
}) {
  return (
    <form onSubmit={onSubmit}>
      {children}
      <EntryProblem error={error} />
      <Button type="submit" size="sm" loading={pending}>
        {action}
      </Button>
    </form>
  );
}

/** What went wrong, if anything did. */
export function EntryProblem({ error }: { error: unknown }) {
  const sentence = useSentence();
  if (!error) return null;
  return (
    <div className={styles.problem} role="alert">
      {sentence(error)}
    </div>
  );
}
