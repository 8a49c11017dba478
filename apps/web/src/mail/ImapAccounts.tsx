import {
  ActionIcon,
  Button,
  Group,
  NumberInput,
  PasswordInput,
  Select,
  SimpleGrid,
  Stack,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import {
  addImapAccount,
  listImapAccountsOptions,
  listImapAccountsQueryKey,
  removeImapAccount,
  type SetImapAccount,
} from '@sportello/api-client';
import { IconAlertTriangle, IconCircleCheck, IconClock, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../shell/Dialog.js';
import { Block, Line, Lines } from '../settings/Block.js';
import { useSave } from '../settings/settings.queries.js';
import styles from './Mail.module.css';

/** Mailboxes that are fetched, and how each fares. */
export function ImapAccounts() {
  const { t } = useTranslation();
  const [opened, openedIs] = useDisclosure(false);
  const { data } = useQuery({ ...listImapAccountsOptions(), refetchInterval: 15_000 });
  const remove = useSave(
    async (id: string) => removeImapAccount({ path: { id }, throwOnError: true }),
    listImapAccountsQueryKey(),
  );
  return (
    <Block
      id="imap"
      action={
        <Button variant="default" leftSection={<IconPlus size={14} />} onClick={openedIs.open}>
          {t('settings.mail.addMailbox')}
        </Button>
      }
    >
      {data && data.data.length > 0 && (
        <Lines label={t('settings.blocks.imap.title')}>
          {data.data.map((account) => {
            const Mark = {
              listening: IconCircleCheck,
              failed: IconAlertTriangle,
              connecting: IconClock,
              off: IconClock,
            }[account.state];
            const tone = {
              listening: styles.good,
              failed: styles.bad,
              connecting: styles.waiting,
              off: styles.waiting,
            }[account.state];
            return (
              <Line
                key={account.id}
                actions={
                  <ActionIcon
                    data-tip={t('settings.mail.removeMailbox')}
                    aria-label={`${t('settings.mail.removeMailbox')}: ${account.user}`}
                    onClick={() => remove.mutate(account.id)}
                  >
                    <IconTrash size={15} />
                  </ActionIcon>
                }
              >
                <strong>{account.user}</strong>
                <small>
                  {account.host}:{account.port} · {account.folder}
                </small>
                <span className={tone}>
                  <Mark size={15} aria-hidden /> {t(`settings.mail.imapStates.${account.state}`)}
                </span>
                {account.problem && <small>{account.problem}</small>}
              </Line>
            );
          })}
        </Lines>
      )}
      <AddMailbox opened={opened} close={openedIs.close} />
    </Block>
  );
}

function AddMailbox({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation();
  const form = useForm<SetImapAccount>({
    initialValues: {
      host: '',
      port: 993,
      security: 'tls',
      user: '',
      authentication: 'password',
      secret: '',
      folder: 'INBOX',
    },
  });
  const add = useSave(
    async (body: SetImapAccount) => addImapAccount({ body, throwOnError: true }),
    listImapAccountsQueryKey(),
  );
  return (
    <Dialog opened={opened} onClose={close} title={t('settings.mail.addMailbox')}>
      <form
        onSubmit={form.onSubmit((values) =>
          add.mutate(values, {
            onSuccess: () => {
              form.reset();
              close();
            },
          }),
        )}
      >
        <Stack gap="sm">
          <TextInput
            label={t('settings.mail.server')}
            placeholder="imap.example.com"
            required
            data-autofocus
            {...form.getInputProps('host')}
          />
          <SimpleGrid cols={2}>
            <NumberInput
              size="sm"
              label={t('settings.mail.port')}
              min={1}
              max={65_535}
              {...form.getInputProps('port')}
            />
            <Select
              label={t('settings.mail.security')}
              data={[
                { value: 'tls', label: 'TLS' },
                { value: 'starttls', label: 'STARTTLS' },
                { value: 'none', label: t('settings.mail.noSecurity') },
              ]}
              {...form.getInputProps('security')}
            />
          </SimpleGrid>
          <TextInput label={t('settings.mail.user')} required autoComplete="off" {...form.getInputProps('user')} />
          <Select
            label={t('settings.mail.authentication')}
            data={[
              { value: 'password', label: t('entry.password') },
              { value: 'oauth2', label: t('settings.mail.accessToken') },
            ]}
            {...form.getInputProps('authentication')}
          />
          <PasswordInput
            label={form.values.authentication === 'password' ? t('entry.password') : t('settings.mail.accessToken')}
            required
            autoComplete="off"
            {...form.getInputProps('secret')}
          />
          <TextInput label={t('settings.mail.folder')} {...form.getInputProps('folder')} />
          <Group justify="flex-end">
            <Button type="submit" loading={add.isPending}>
              {t('settings.mail.addMailbox')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
