import { Button, Code, Group, Stack, Text } from '@mantine/core';
import {
  dropQuarantined,
  listQuarantineInfiniteOptions,
  readQuarantinedOptions,
  retryQuarantined,
  type QuarantinedMail,
} from '@sportello/api-client';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../shell/Dialog.js';
import { When } from '../item/marks.js';
import { Block, Line, Lines } from '../settings/Block.js';
import { useSave } from '../settings/settings.queries.js';
import { Failed, Loading } from '../shell/States.js';
import { fileSize } from '../shell/time.js';
import styles from './Mail.module.css';

/** Mails that could not be processed: read, try again, drop. */
export default function QuarantineSection() {
  const { t, i18n } = useTranslation();
  const [reading, setReading] = useState<QuarantinedMail | null>(null);
  const [dropping, setDropping] = useState<QuarantinedMail | null>(null);
  const list = useInfiniteQuery({
    ...listQuarantineInfiniteOptions({ query: { limit: 50 } }),
    initialPageParam: {},
    getNextPageParam: ({ nextCursor }) => (nextCursor ? { query: { cursor: nextCursor } } : undefined),
    refetchInterval: 15_000,
  });
  const stale = [{ _id: 'listQuarantine' }];
  const retry = useSave(async (id: string) => retryQuarantined({ path: { id }, throwOnError: true }), stale);
  const drop = useSave(async (id: string) => dropQuarantined({ path: { id }, throwOnError: true }), stale);
  const mails = list.data?.pages.flatMap(({ data }) => data);
  return (
    <Block id="quarantine">
      {list.error ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : !mails ? (
        <Loading lines={3} />
      ) : mails.length === 0 ? (
        <Text size="sm">{t('settings.mail.quarantineEmpty')}</Text>
      ) : (
        <Lines label={t('settings.blocks.quarantine.title')}>
          {mails.map((mail) => (
            <Line
              key={mail.id}
              actions={
                <>
                  <Button variant="default" onClick={() => setReading(mail)}>
                    {t('settings.mail.read')}
                  </Button>
                  <Button variant="default" onClick={() => retry.mutate(mail.id)}>
                    {t('shell.retry')}
                  </Button>
                  <Button variant="subtle" color="red" onClick={() => setDropping(mail)}>
                    {t('settings.mail.drop')}
                  </Button>
                </>
              }
            >
              <strong>{mail.subject || t('settings.mail.noSubject')}</strong>
              <small>
                {mail.from} · {fileSize(mail.size, i18n.language)} · <When at={mail.receivedAt} />
              </small>
              <span className={styles.bad}>{mail.reason}</span>
            </Line>
          ))}
        </Lines>
      )}
      {list.hasNextPage && (
        <Button mt="sm" variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t('settings.mail.more')}
        </Button>
      )}
      <Dialog
        opened={reading !== null}
        onClose={() => setReading(null)}
        title={reading?.subject || t('settings.mail.noSubject')}
        size="xl"
      >
        {reading && <Source id={reading.id} />}
      </Dialog>
      <Dialog opened={dropping !== null} onClose={() => setDropping(null)} title={t('settings.mail.dropTitle')}>
        <Stack>
          <Text size="sm">{t('settings.mail.dropText')}</Text>
          <Group justify="flex-end">
            <Button
              color="red"
              loading={drop.isPending}
              onClick={() => dropping && drop.mutate(dropping.id, { onSuccess: () => setDropping(null) })}
            >
              {t('settings.mail.drop')}
            </Button>
          </Group>
        </Stack>
      </Dialog>
    </Block>
  );
}

function Source({ id }: { id: string }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(readQuarantinedOptions({ path: { id } }));
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading />;
  return (
    <Stack>
      <Text size="sm">{data.reason}</Text>
      <Code block className={styles.source} tabIndex={0}>
        {data.source}
      </Code>
      {data.cut && <Text size="sm">{t('settings.mail.cut')}</Text>}
    </Stack>
  );
}
