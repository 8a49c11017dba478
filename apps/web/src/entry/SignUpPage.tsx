import { Anchor, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { checkSlugOptions, signUp } from '@sportello/api-client';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type Language } from '../shell/language.js';
import { fieldErrors, problemOf } from '../shell/problem.js';
import { useSentence } from '../shell/States.js';
import { welcome } from './entry.queries.js';
import { EntryForm } from './EntryForm.js';
import { EntryFrame } from './EntryFrame.js';
import { slugOf } from './slug.js';
import styles from './EntryFrame.module.css';

/** Makes a workspace. Its address follows from its name until somebody writes one. */
export function SignUpPage() {
  const { t, i18n } = useTranslation();
  const sentence = useSentence();
  const form = useForm({
    initialValues: { workspaceName: '', slug: '', name: '', email: '', password: '' },
    validate: {
      slug: (slug) => (/^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$/.test(slug) ? null : t('entry.badSlug')),
      password: (password) => (password.length >= 10 ? null : t('entry.shortPassword')),
    },
  });
  const { slug } = form.values;
  const [settled] = useDebouncedValue(slug, 300);
  const free = useQuery({
    ...checkSlugOptions({ path: { slug: settled } }),
    enabled: settled.length >= 3,
    staleTime: 10_000,
  }).data?.free;
  const create = useMutation({
    mutationFn: async (values: typeof form.values) =>
      (
        await signUp({
          body: {
            ...values,
            language: i18n.language as Language,
            timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
          },
          throwOnError: true,
        })
      ).data,
    onSuccess: (session) => welcome(session, null),
    onError: (error) => {
      const problem = problemOf(error);
      if (problem.code === 'slug_taken') form.setFieldError('slug', sentence(error));
      else if (problem.errors?.length) form.setErrors(fieldErrors(problem));
    },
  });
  const own = form.isTouched('slug');
  return (
    <EntryFrame title={t('entry.signUp')} text={t('entry.signUpText')}>
      <EntryForm
        onSubmit={form.onSubmit((values) => create.mutate(values))}
        error={Object.keys(form.errors).length ? null : create.error}
        pending={create.isPending}
        action={t('entry.createWorkspace')}
      >
        <TextInput
          label={t('entry.workspaceName')}
          required
          autoFocus
          autoComplete="organization"
          {...form.getInputProps('workspaceName')}
          onChange={(event) => {
            form.setFieldValue('workspaceName', event.currentTarget.value);
            if (!own) {
              form.setFieldValue('slug', slugOf(event.currentTarget.value));
              form.resetTouched();
            }
          }}
        />
        <TextInput
          label={t('entry.slug')}
          description={`${location.host}/${slug || '…'}`}
          required
          autoCapitalize="none"
          spellCheck={false}
          {...form.getInputProps('slug')}
          error={form.errors.slug ?? (free === false && settled === slug ? t('entry.slugTaken') : null)}
        />
        <TextInput label={t('entry.yourName')} required autoComplete="name" {...form.getInputProps('name')} />
        <TextInput
          label={t('entry.email')}
          type="email"
          required
          autoComplete="username"
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label={t('entry.password')}
          description={t('entry.passwordHint')}
          required
          autoComplete="new-password"
          {...form.getInputProps('password')}
        />
      </EntryForm>
      <div className={styles.links}>
        <Anchor size="sm" renderRoot={(props) => <Link to="/sign-in" {...props} />}>
          {t('entry.haveOne')}
        </Anchor>
      </div>
    </EntryFrame>
  );
}
