import {
  Button,
  Checkbox,
  Group,
  PasswordInput,
  Select,
  Stack,
  Switch,
  Table,
  useMantineColorScheme,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import {
  changeMe,
  changePassword,
  endSession,
  getNotificationPreferencesOptions,
  getNotificationPreferencesQueryKey,
  listSessionsOptions,
  listSessionsQueryKey,
  setNotificationPreferences,
  type ChangeMe,
  type ChangePassword,
  type NotificationPreferences,
} from '@sportello/api-client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { signOut } from '../entry/entry.queries.js';
import { When } from '../item/marks.js';
import { Field } from '../people/Field.js';
import { setLanguage } from '../shell/i18n.js';
import { languageNames, languages, type Language } from '../shell/language.js';
import { usePreferences } from '../shell/preferences.js';
import { problemOf } from '../shell/problem.js';
import { useMe } from '../shell/session.js';
import { Loading, useSentence } from '../shell/States.js';
import { Block, Line, Lines } from './Block.js';
import { useSave } from './settings.queries.js';

export default function AccountSection() {
  return (
    <>
      <Profile />
      <Notifications />
      <Working />
      <Password />
      <Sessions />
    </>
  );
}

function Profile() {
  const { t } = useTranslation();
  const me = useMe();
  const change = useSave(async (body: ChangeMe) => changeMe({ body, throwOnError: true }), ['me']);
  return (
    <Block id="profile">
      <Stack maw={420}>
        <Field label={t('people.name')} value={me.name} required save={(name) => change.mutate({ name })} />
        <Select
          label={t('people.language')}
          value={me.language}
          data={languages.map((each) => ({ value: each, label: languageNames[each] }))}
          onChange={(language) => {
            if (!language) return;
            change.mutate({ language: language as Language });
            void setLanguage(language as Language);
          }}
        />
      </Stack>
    </Block>
  );
}

function Notifications() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const { data } = useQuery(getNotificationPreferencesOptions());
  const save = useSave(async (body: NotificationPreferences) =>
    setNotificationPreferences({ body, throwOnError: true }),
  );
  if (!data) return <Loading lines={4} />;
  const set = (index: number, more: Partial<NotificationPreferences['data'][number]>) => {
    const next = { data: data.data.map((each, at) => (at === index ? { ...each, ...more } : each)) };
    queryClient.setQueryData(getNotificationPreferencesQueryKey(), next);
    save.mutate(next);
  };
  return (
    <Block id="notifications">
      <Table maw={520} withRowBorders={false} verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('settings.account.when')}</Table.Th>
            <Table.Th>{t('settings.account.inApp')}</Table.Th>
            <Table.Th>{t('settings.account.byMail')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.data.map((each, index) => {
            const name = t(`settings.account.reasons.${each.reason}`);
            return (
              <Table.Tr key={each.reason}>
                <Table.Td>{name}</Table.Td>
                <Table.Td>
                  <Checkbox
                    aria-label={`${name}: ${t('settings.account.inApp')}`}
                    checked={each.app}
                    onChange={(event) => set(index, { app: event.currentTarget.checked })}
                  />
                </Table.Td>
                <Table.Td>
                  <Checkbox
                    aria-label={`${name}: ${t('settings.account.byMail')}`}
                    checked={each.mail}
                    onChange={(event) => set(index, { mail: event.currentTarget.checked })}
                  />
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Block>
  );
}

function Working() {
  const { t } = useTranslation();
  const [preferences, prefer] = usePreferences();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Block id="working">
      <Stack maw={420}>
        <Select
          label={t('settings.account.afterFinish')}
          value={preferences.afterFinish}
          data={(['next', 'list', 'stay'] as const).map((value) => ({
            value,
            label: t(`settings.account.after.${value}`),
          }))}
          onChange={(value) => prefer({ afterFinish: value as 'next' })}
        />
        <Select
          label={t('settings.account.colours')}
          value={colorScheme}
          data={(['auto', 'light', 'dark'] as const).map((value) => ({
            value,
            label: t(`settings.account.schemes.${value}`),
          }))}
          onChange={(value) => setColorScheme(value as 'auto')}
        />
        <Switch
          label={t('keys.on')}
          description={t('keys.onHint')}
          checked={preferences.keys}
          onChange={(event) => prefer({ keys: event.currentTarget.checked })}
        />
      </Stack>
    </Block>
  );
}

function Password() {
  const { t } = useTranslation();
  const sentence = useSentence();
  const form = useForm({
    initialValues: { current: '', next: '' },
    validate: { next: (next) => (next.length >= 10 ? null : t('entry.shortPassword')) },
  });
  const change = useSave(
    async (body: ChangePassword) => changePassword({ body, throwOnError: true }),
    listSessionsQueryKey(),
  );
  return (
    <Block id="password">
      <form
        onSubmit={form.onSubmit((values) =>
          change.mutate(values, {
            onSuccess: () => form.reset(),
            onError: (error) =>
              problemOf(error).code === 'wrong_password' && form.setFieldError('current', sentence(error)),
          }),
        )}
      >
        <Stack maw={420}>
          <PasswordInput
            label={t('settings.account.currentPassword')}
            autoComplete="current-password"
            required
            {...form.getInputProps('current')}
          />
          <PasswordInput
            label={t('entry.newPassword')}
            description={t('entry.passwordHint')}
            autoComplete="new-password"
            required
            {...form.getInputProps('next')}
          />
          <Group>
            <Button type="submit" loading={change.isPending}>
              {t('settings.account.changePassword')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Block>
  );
}

/** "Chrome on Linux" out of what a browser says of itself; the whole where nothing is known of it. */
function browserOf(userAgent: string): string {
  const browser = /Edg|OPR|Firefox|Chrome|Safari/.exec(userAgent)?.[0];
  const system = /iPhone|iPad|Android|Windows|Mac OS X|Linux/.exec(userAgent)?.[0];
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', 'Mac OS X': 'macOS' };
  return [browser, system].flatMap((each) => (each ? [names[each] ?? each] : [])).join(' · ') || userAgent;
}

function Sessions() {
  const { t } = useTranslation();
  const { data } = useQuery(listSessionsOptions());
  const end = useSave(async (id: string) => endSession({ path: { id }, throwOnError: true }), listSessionsQueryKey());
  if (!data) return <Loading lines={3} />;
  return (
    <Block id="sessions">
      <Lines label={t('settings.blocks.sessions.title')}>
        {data.data.map((session) => (
          <Line
            key={session.id}
            actions={
              session.current ? (
                <>
                  <small>{t('settings.account.thisOne')}</small>
                  <Button variant="default" onClick={() => void signOut()}>
                    {t('settings.account.endSession')}
                  </Button>
                </>
              ) : (
                <Button variant="default" onClick={() => end.mutate(session.id)}>
                  {t('settings.account.endSession')}
                </Button>
              )
            }
          >
            <span title={session.userAgent}>{browserOf(session.userAgent)}</span>
            <small>
              <When at={session.lastSeenAt} />
            </small>
          </Line>
        ))}
      </Lines>
    </Block>
  );
}
