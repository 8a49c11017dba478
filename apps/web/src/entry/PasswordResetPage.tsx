import { Button, PasswordInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { resetPassword } from '@sportello/api-client';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useSentence } from '../shell/States.js';
import { fromThisBrowser, welcome } from './entry.queries.js';
import { EntryFrame } from './EntryFrame.js';
import styles from './EntryFrame.module.css';

const route = getRouteApi('/password-reset');

/** A new password, by the link from the mail. */
export function PasswordResetPage() {
  const { t } = useTranslation();
  const sentence = useSentence();
  const { token = '' } = route.useSearch();
  const form = useForm({
    initialValues: { password: '' },
    validate: { password: (password) => (password.length >= 10 ? null : t('entry.shortPassword')) },
  });
  const reset = useMutation({
    mutationFn: async ({ password }: typeof form.values) =>
      (await resetPassword({ body: { token, password }, ...fromThisBrowser })).data,
    onSuccess: (session) => welcome(session, null),
  });
  return (
    <EntryFrame title={t('entry.newPassword')} text={t('entry.newPasswordText')}>
      <form onSubmit={form.onSubmit((values) => reset.mutate(values))}>
        <PasswordInput
          label={t('entry.newPassword')}
          description={t('entry.passwordHint')}
          required
          autoFocus
          autoComplete="new-password"
          {...form.getInputProps('password')}
        />
        {reset.error && (
          <div className={styles.problem} role="alert">
            {sentence(reset.error)}
          </div>
        )}
        <Button type="submit" size="sm" loading={reset.isPending}>
          {t('entry.savePassword')}
        </Button>
      </form>
    </EntryFrame>
  );
}
