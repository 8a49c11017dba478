import { Anchor, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { EntryForm } from './EntryForm.js';
import { EntryFrame } from './EntryFrame.js';
import styles from './EntryFrame.module.css';

interface Props {
  title: string;
  text: string;
  action: string;
  /** Said once it is on its way: the same whether the address is known here or not. */
  sent: string;
  /** Asked for as well, unless it is known. */
  workspace?: string | undefined;
  needsWorkspace?: boolean;
  send: (values: { workspace: string; email: string }) => Promise<unknown>;
  back: () => void;
}

/** Asks for a mail address and has something mailed there. */
export function AskByMail({ title, text, action, sent, workspace, needsWorkspace, send, back }: Props) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { workspace: workspace ?? '', email: '' } });
  const ask = useMutation({ mutationFn: send });
  const asksWorkspace = needsWorkspace && !workspace;
  return (
    <EntryFrame title={title} text={text}>
      {ask.isSuccess ? (
        <p className={styles.good} role="status">
          {sent}
        </p>
      ) : (
        <EntryForm
          onSubmit={form.onSubmit((values) => ask.mutate(values))}
          error={ask.error}
          pending={ask.isPending}
          action={action}
        >
          {asksWorkspace && (
            <TextInput label={t('entry.workspace')} required autoFocus {...form.getInputProps('workspace')} />
          )}
          <TextInput
            label={t('entry.email')}
            type="email"
            autoComplete="username"
            required
            autoFocus={!asksWorkspace}
            {...form.getInputProps('email')}
          />
        </EntryForm>
      )}
      <div className={styles.links}>
        <Anchor component="button" size="sm" onClick={back}>
          {t('entry.back')}
        </Anchor>
      </div>
    </EntryFrame>
  );
}
