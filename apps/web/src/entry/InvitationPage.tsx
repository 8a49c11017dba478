import { PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { acceptInvitation, previewInvitationOptions } from '@sportello/api-client';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type Language } from '../shell/language.js';
import { Loading, useSentence } from '../shell/States.js';
import { problemOf } from '../shell/problem.js';
import { welcome } from './entry.queries.js';
import { EntryForm } from './EntryForm.js';
import { EntryFrame } from './EntryFrame.js';
import { VoidLink } from './VoidLink.js';

const route = getRouteApi('/invitation');

/** Somebody was invited to a team: name and password, and they are in. */
export function InvitationPage() {
  const { t, i18n } = useTranslation();
  const sentence = useSentence();
  const { token = '' } = route.useSearch();
  const preview = useQuery(previewInvitationOptions({ query: { token } }));
  const form = useForm({
    initialValues: { name: '', password: '' },
    validate: { password: (password) => (password.length >= 10 ? null : t('entry.shortPassword')) },
  });
  const accept = useMutation({
    mutationFn: async (values: typeof form.values) =>
      (await acceptInvitation({ body: { ...values, token, language: i18n.language as Language }, throwOnError: true }))
        .data,
    onSuccess: (session) => welcome(session, null),
  });
  if (preview.isPending) return <Loading />;
  if (preview.error)
    return <VoidLink text={problemOf(preview.error).status === 400 ? t('entry.linkCut') : sentence(preview.error)} />;
  return (
    <EntryFrame
      title={t('entry.join', { workspace: preview.data.workspaceName })}
      text={t('entry.invitedBy', { name: preview.data.invitedBy, email: preview.data.email })}
    >
      <EntryForm
        onSubmit={form.onSubmit((values) => accept.mutate(values))}
        error={accept.error}
        pending={accept.isPending}
        action={t('entry.joinNow')}
      >
        <input type="hidden" autoComplete="username" value={preview.data.email} readOnly />
        <TextInput label={t('entry.yourName')} required autoFocus autoComplete="name" {...form.getInputProps('name')} />
        <PasswordInput
          label={t('entry.password')}
          description={t('entry.passwordHint')}
          required
          autoComplete="new-password"
          {...form.getInputProps('password')}
        />
      </EntryForm>
    </EntryFrame>
  );
}
