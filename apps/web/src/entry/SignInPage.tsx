import { Anchor, Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { findMyWorkspaces, requestPasswordReset, signIn } from '@sportello/api-client';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Face } from '../item/marks.js';
import { useSentence } from '../shell/States.js';
import { demoAccountsQuery, enterAs, fromThisBrowser, welcome } from './entry.queries.js';
import { EntryFrame } from './EntryFrame.js';
import styles from './EntryFrame.module.css';

/** With a workspace in the address: sign in to it. Without: name it, or have the list of yours mailed. */
export function SignInPage() {
  const { t } = useTranslation();
  const { workspace } = useParams({ strict: false });
  const { then } = useSearch({ strict: false }) as { then?: string };
  const [asking, setAsking] = useState<'sign-in' | 'reset' | 'workspaces'>('sign-in');
  if (asking === 'reset') return <AskForReset workspace={workspace} back={() => setAsking('sign-in')} />;
  if (asking === 'workspaces') return <AskForWorkspaces back={() => setAsking('sign-in')} />;
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
  const sentence = useSentence();
  const form = useForm({ initialValues: { workspace: workspace ?? '', email: '', password: '' } });
  const enter = useMutation({
    mutationFn: async (body: typeof form.values) => (await signIn({ body, ...fromThisBrowser })).data,
    onSuccess: (session) => welcome(session, then),
  });
  return (
    <form onSubmit={form.onSubmit((values) => enter.mutate(values))}>
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
      {enter.error && (
        <div className={styles.problem} role="alert">
          {sentence(enter.error)}
        </div>
      )}
      <Button type="submit" size="sm" loading={enter.isPending}>
        {t('entry.signIn')}
      </Button>
    </form>
  );
}

function Demo() {
  const { t } = useTranslation();
  const sentence = useSentence();
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
      {enter.error && (
        <div className={styles.problem} role="alert">
          {sentence(enter.error)}
        </div>
      )}
    </section>
  );
}

function AskForReset({ workspace, back }: { workspace: string | undefined; back: () => void }) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const form = useForm({ initialValues: { workspace: workspace ?? '', email: '' } });
  const ask = useMutation({
    mutationFn: async (body: typeof form.values) => requestPasswordReset({ body, throwOnError: true }),
  });
  return (
    <EntryFrame title={t('entry.resetTitle')} text={t('entry.resetText')}>
      {ask.isSuccess ? (
        <p className={styles.good} role="status">
          {t('entry.resetSent')}
        </p>
      ) : (
        <form onSubmit={form.onSubmit((values) => ask.mutate(values))}>
          {!workspace && <TextInput label={t('entry.workspace')} required {...form.getInputProps('workspace')} />}
          <TextInput
            label={t('entry.email')}
            type="email"
            autoComplete="username"
            required
            autoFocus
            {...form.getInputProps('email')}
          />
          {ask.error && (
            <div className={styles.problem} role="alert">
              {sentence(ask.error)}
            </div>
          )}
          <Button type="submit" size="sm" loading={ask.isPending}>
            {t('entry.sendLink')}
          </Button>
        </form>
      )}
      <Back back={back} />
    </EntryFrame>
  );
}

function AskForWorkspaces({ back }: { back: () => void }) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const form = useForm({ initialValues: { email: '' } });
  const ask = useMutation({
    mutationFn: async (body: typeof form.values) => findMyWorkspaces({ body, throwOnError: true }),
  });
  return (
    <EntryFrame title={t('entry.workspacesTitle')} text={t('entry.workspacesText')}>
      {ask.isSuccess ? (
        <p className={styles.good} role="status">
          {t('entry.workspacesSent')}
        </p>
      ) : (
        <form onSubmit={form.onSubmit((values) => ask.mutate(values))}>
          <TextInput
            label={t('entry.email')}
            type="email"
            autoComplete="username"
            required
            autoFocus
            {...form.getInputProps('email')}
          />
          {ask.error && (
            <div className={styles.problem} role="alert">
              {sentence(ask.error)}
            </div>
          )}
          <Button type="submit" size="sm" loading={ask.isPending}>
            {t('entry.sendList')}
          </Button>
        </form>
      )}
      <Back back={back} />
    </EntryFrame>
  );
}

function Back({ back }: { back: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={styles.links}>
      <Anchor component="button" size="sm" onClick={back}>
        {t('entry.back')}
      </Anchor>
    </div>
  );
}
