import { PasswordInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { resetPassword } from '@sportello/api-client';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { welcome } from './entry.queries.js';
import { EntryForm } from './EntryForm.js';
import { EntryFrame } from './EntryFrame.js';
import { VoidLink } from './VoidLink.js';

const route = getRouteApi('/password-reset');

/** A new password, by the link from the mail. */
export function PasswordResetPage() {
  const { t } = useTranslation();
  const { token = '' } = route.useSearch();
  const form = useForm({
    initialValues: { password: '' },
    validate: { password: (password) => (password.length >= 10 ? null : t('entry.shortPassword')) },
  });
  const reset = useMutation({
    mutationFn: async ({ password }: typeof form.values) =>
      (await resetPassword({ body: { token, password }, throwOnError: true })).data,
    onSuccess: (session) => welcome(session, null),
  });
  if (!token) return <VoidLink text={t('entry.linkCut')} />;
  return (
    <EntryFrame title={t('entry.newPassword')} text={t('entry.newPasswordText')}>
      <EntryForm
        onSubmit={form.onSubmit((values) => reset.mutate(values))}
        error={reset.error}
        pending={reset.isPending}
        action={t('entry.savePassword')}
      >
        <PasswordInput
          label={t('entry.newPassword')}
          description={t('entry.passwordHint')}
          required
          autoFocus
          autoComplete="new-password"
          {...form.getInputProps('password')}
        />
      </EntryForm>
    </EntryFrame>
  );
}
