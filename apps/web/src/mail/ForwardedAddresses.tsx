import { ActionIcon, Alert, Anchor, Button, Code, Group, TextInput } from '@mantine/core';
import {
  addForwardedAddress,
  getMailTestOptions,
  listForwardedAddressesOptions,
  listForwardedAddressesQueryKey,
  listForwardingConfirmationsOptions,
  removeForwardedAddress,
  startMailTest,
} from '@sportello/api-client';
import { IconAlertTriangle, IconCircleCheck, IconClock, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { When } from '../item/marks.js';
import { Block, Line, Lines } from '../settings/Block.js';
import { useSave } from '../settings/settings.queries.js';
import { Loading, useSentence } from '../shell/States.js';
import { sayFailed } from '../shell/undo.js';
import styles from './Mail.module.css';

/** Addresses that forward to the workspace: what a provider asks to confirm, and a test of the way. */
export function ForwardedAddresses() {
  const { t } = useTranslation();
  // Mail and confirmations come in while somebody sets up forwarding elsewhere.
  const { data } = useQuery({ ...listForwardedAddressesOptions(), refetchInterval: 10_000 });
  const confirmations = useQuery({ ...listForwardingConfirmationsOptions(), refetchInterval: 10_000 }).data?.data ?? [];
  const [address, setAddress] = useState('');
  const add = useSave(
    async (next: string) => addForwardedAddress({ body: { address: next }, throwOnError: true }),
    listForwardedAddressesQueryKey(),
  );
  const remove = useSave(
    async (id: string) => removeForwardedAddress({ path: { id }, throwOnError: true }),
    listForwardedAddressesQueryKey(),
  );
  return (
    <Block id="forwarded">
      {confirmations.map((confirmation) => (
        <Alert
          key={confirmation.id}
          color="accent"
          mb="sm"
          title={t('settings.mail.confirmation', {
            provider: confirmation.provider,
            address: confirmation.address ?? '',
          })}
        >
          <Group gap="xs">
            {confirmation.code && <Code fz="md">{confirmation.code}</Code>}
            {confirmation.link && (
              <Anchor size="sm" href={confirmation.link} target="_blank" rel="noreferrer">
                {t('settings.mail.confirmLink')}
              </Anchor>
            )}
            <When at={confirmation.receivedAt} />
          </Group>
        </Alert>
      ))}
      {!data ? (
        <Loading lines={2} />
      ) : (
        data.data.length > 0 && (
          <Lines label={t('settings.blocks.forwarded.title')}>
            {data.data.map((each) => (
              <Line
                key={each.id}
                actions={
                  <>
                    <MailTest address={each.address} />
                    <ActionIcon
                      data-tip={t('settings.mail.forget')}
                      aria-label={`${t('settings.mail.forget')}: ${each.address}`}
                      onClick={() => remove.mutate(each.id)}
                    >
                      <IconTrash size={15} />
                    </ActionIcon>
                  </>
                }
              >
                <strong>{each.address}</strong>
                {each.confirmedAt ? (
                  <span className={styles.good}>
                    <IconCircleCheck size={15} aria-hidden /> {t('settings.mail.arrives')}{' '}
                    <When at={each.confirmedAt} />
                  </span>
                ) : (
                  <span className={styles.waiting}>
                    <IconClock size={15} aria-hidden /> {t('settings.mail.nothingYet')}
                  </span>
                )}
              </Line>
            ))}
          </Lines>
        )
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate(address.trim(), { onSuccess: () => setAddress('') });
        }}
      >
        <Group gap="xs" mt="sm">
          <TextInput
            w={300}
            type="email"
            required
            aria-label={t('settings.mail.newAddress')}
            placeholder="support@…"
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
          />
          <Button type="submit" size="sm" variant="default" loading={add.isPending}>
            {t('settings.mail.addAddress')}
          </Button>
        </Group>
      </form>
    </Block>
  );
}

/** Sends a mail to the address and waits for it to come back in. */
function MailTest({ address }: { address: string }) {
  const { t } = useTranslation();
  const [id, setId] = useState<string | null>(null);
  const sentence = useSentence();
  const start = useMutation({
    mutationFn: async () => (await startMailTest({ body: { address }, throwOnError: true })).data,
    onSuccess: (sent) => setId(sent.id),
    onError: (error) => sayFailed(sentence(error)),
  });
  const test = useQuery({
    ...getMailTestOptions({ path: { id: id ?? '' } }),
    enabled: id !== null,
    refetchInterval: ({ state }) => (state.data && state.data.state !== 'sent' ? false : 2000),
  }).data;
  if (id && (!test || test.state === 'sent')) {
    return (
      <span className={styles.waiting} role="status">
        <IconClock size={15} aria-hidden /> {t('settings.mail.testing')}
      </span>
    );
  }
  return (
    <>
      {test?.state === 'arrived' && (
        <span className={styles.good} role="status">
          <IconCircleCheck size={15} aria-hidden /> {t('settings.mail.testArrived')}
        </span>
      )}
      {test?.state === 'lost' && (
        <span className={styles.bad} role="status">
          <IconAlertTriangle size={15} aria-hidden /> {t('settings.mail.testLost')}
        </span>
      )}
      <Button variant="default" loading={start.isPending} onClick={() => start.mutate()}>
        {t('settings.mail.sendTest')}
      </Button>
    </>
  );
}
