import { Anchor, Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { findMyWorkspaces, requestPasswordReset, signIn } from '@sportello/api-client';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Face } from '../item/marks.js';
import { demoAccountsQuery, enterAs, welcome } from './entry.queries.js';
import { AskByMail } from './AskByMail.js';
import { EntryForm, EntryProblem } from './EntryForm.js';
import { EntryFrame } from './EntryFrame.js';
import styles from './EntryFrame.module.css';

/** With a workspace in the address: sign in to it. Without: name it, or have the list of yours mailed. */
export function SignInPage() {
  const { t } = useTranslation();
  const { workspace } = useParams({ strict: false });
  const { then } = useSearch({ strict: false }) as { then?: string };
  const [asking, setAsking] = useState<'sign-in' | 'reset' | 'workspaces'>('sign-in');
  const back = () => setAsking('sign-in');
  if (asking === 'reset')
    return (
      <AskByMail
        title={t('entry.resetTitle')}
        text={t('entry.resetText')}
        action={t('entry.sendLink')}
        sent={t('entry.resetSent')}
        workspace={workspace}
        needsWorkspace
        send={(body) => requestPasswordReset({ body, throwOnError: true })}
        back={back}
      />
    );
  if (asking === 'workspaces')
    return (
      <AskByMail
        title={t('entry.workspacesTitle')}
        text={t('entry.workspacesText')}
        action={t('entry.sendList')}
        sent={t('entry.workspacesSent')}
        send={({ email }) => findMyWorkspaces({ body: { email }, throwOnError: true })}
        back={back}
      />
    );
  return (
    <EntryFrame title={workspace ? t('entry.signInTo', { workspace }) : t('entry.signIn')}>
      <SignInForm workspace={workspace} then={then ?? null} />
      <div className={styles.links}>
        <Anchor component="button" size="sm" onClick={() => setAsking('reset')}>
          {t('entry.forgot')}
        </Anchor>
        {!workspace && (
          <Anchor component="button" size="sm" onClick={() => setAsking('workspaces')}>
            {t('entry.whichWorkspace')}
          </Anchor>
        )}
        <Anchor size="sm" renderRoot={(props) => <Link to="/sign-up" {...props} />}>
          {t('entry.toSignUp')}
        </Anchor>
      </div>
      <Demo />
    </EntryFrame>
  );
}

function SignInForm({ workspace, then }: { workspace: string | undefined; then: string | null }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { workspace: workspace ?? '', email: '', password: '' } });
  const enter = useMutation({
    mutationFn: async (body: typeof form.values) => (await signIn({ body, throwOnError: true })).data,
    onSuccess: (session) => welcome(session, then),
  });
  return (
    <EntryForm
      onSubmit={form.onSubmit((values) => enter.mutate(values))}
      error={enter.error}
      pending={enter.isPending}
      action={t('entry.signIn')}
    >
      {!workspace && (
        <TextInput
          label={t('entry.workspace')}
          required
          autoFocus
          autoCapitalize="none"
          spellCheck={false}
          {...form.getInputProps('workspace')}
        />
      )}
      <TextInput
        label={t('entry.email')}
        type="email"
        autoComplete="username"
        required
        autoFocus={Boolean(workspace)}
        {...form.getInputProps('email')}
      />
      <PasswordInput
        label={t('entry.password')}
        autoComplete="current-password"
        required
        {...form.getInputProps('password')}
      />
    </EntryForm>
  );
}

function Demo() {
  const { t } = useTranslation();
  const accounts = useQuery(demoAccountsQuery).data ?? [];
  const enter = useMutation({ mutationFn: enterAs });
  if (!accounts.length) return null;
  return (
    <section className={styles.demo} aria-label={t('entry.demo')}>
      <h2>{t('entry.demo')}</h2>
      {accounts.map((account) => (
        <Button
          key={account.email}
          variant="default"
          size="sm"
          justify="flex-start"
          leftSection={<Face kind="user" name={account.name} size={22} />}
          loading={enter.isPending && enter.variables?.email === account.email}
          onClick={() => enter.mutate(account)}
        >
          {t('entry.enterAs', { name: account.name.split(' ')[0], role: t(`entry.roles.${account.role}`) })}
        </Button>
      ))}
      <EntryProblem error={enter.error} />
    </section>
  );
}
