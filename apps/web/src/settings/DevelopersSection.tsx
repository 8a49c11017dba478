import {
  ActionIcon,
  Alert,
  Anchor,
  Button,
  Code,
  CopyButton,
  Group,
  MultiSelect,
  Stack,
  TextInput,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  createToken,
  listTokensOptions,
  listTokensQueryKey,
  revokeToken,
  type CreateApiToken,
} from '@sportello/api-client';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../shell/Dialog.js';
import { When } from '../item/marks.js';
import { useMe } from '../shell/session.js';
import { Loading, useSentence } from '../shell/States.js';
import { Block, Line, Lines } from './Block.js';
import { useSave } from './settings.queries.js';

export default function DevelopersSection() {
  const { t } = useTranslation();
  const [opened, openedIs] = useDisclosure(false);
  const { data } = useQuery(listTokensOptions());
  const revoke = useSave(async (id: string) => revokeToken({ path: { id }, throwOnError: true }), listTokensQueryKey());
  return (
    <>
      <Block
        id="tokens"
        action={
          <Button leftSection={<IconPlus size={14} />} onClick={openedIs.open}>
            {t('settings.developers.newToken')}
          </Button>
        }
      >
        {!data ? (
          <Loading lines={2} />
        ) : data.data.length === 0 ? (
          <small>{t('settings.developers.noTokens')}</small>
        ) : (
          <Lines label={t('settings.blocks.tokens.title')}>
            {data.data.map((token) => (
              <Line
                key={token.id}
                actions={
                  <ActionIcon
                    data-tip={t('settings.developers.revoke')}
                    aria-label={`${t('settings.developers.revoke')}: ${token.name}`}
                    onClick={() => revoke.mutate(token.id)}
                  >
                    <IconTrash size={15} />
                  </ActionIcon>
                }
              >
                <strong>{token.name}</strong>
                <small>{token.scopes ? token.scopes.join(', ') : t('settings.developers.allMine')}</small>
                <small>
                  {token.lastUsedAt ? (
                    <>
                      {t('settings.developers.lastUsed')} <When at={token.lastUsedAt} />
                    </>
                  ) : (
                    t('settings.developers.neverUsed')
                  )}
                </small>
              </Line>
            ))}
          </Lines>
        )}
      </Block>
      <Block id="api">
        <Group gap="md">
          <Anchor href="/api/docs" target="_blank" size="sm">
            {t('settings.developers.docs')}
          </Anchor>
          <Anchor href="/api/openapi.json" target="_blank" size="sm">
            {t('settings.developers.openApi')}
          </Anchor>
        </Group>
      </Block>
      <NewToken opened={opened} close={openedIs.close} />
    </>
  );
}

function NewToken({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const sentence = useSentence();
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<string[]>([]);
  const create = useMutation({
    mutationFn: async () =>
      (
        await createToken({
          body: {
            name: name.trim(),
            ...(scopes.length && { scopes: scopes as NonNullable<CreateApiToken['scopes']> }),
          },
          throwOnError: true,
        })
      ).data,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: listTokensQueryKey() }),
  });
  const leave = () => {
    close();
    create.reset();
    setName('');
    setScopes([]);
  };
  return (
    <Dialog opened={opened} onClose={leave} title={t('settings.developers.newToken')}>
      {create.data ? (
        <Stack>
          <Alert color="accent">{t('settings.developers.once')}</Alert>
          <Code block tabIndex={0}>
            {create.data.token}
          </Code>
          <Group justify="flex-end">
            <CopyButton value={create.data.token}>
              {({ copied, copy }) => <Button onClick={copy}>{t(copied ? 'shell.copied' : 'shell.copy')}</Button>}
            </CopyButton>
            <Button variant="default" onClick={leave}>
              {t('shell.close')}
            </Button>
          </Group>
        </Stack>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate();
          }}
        >
          <Stack>
            <TextInput
              label={t('people.name')}
              placeholder={t('settings.developers.namePlaceholder')}
              required
              maxLength={100}
              data-autofocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <MultiSelect
              size="sm"
              label={t('settings.developers.scopes')}
              description={t('settings.developers.scopesHint')}
              data={me.can as string[]}
              value={scopes}
              onChange={setScopes}
              searchable
              clearable
              clearButtonProps={{ 'aria-label': t('settings.developers.allMine') }}
            />
            {create.error && <Alert color="red">{sentence(create.error)}</Alert>}
            <Group justify="flex-end">
              <Button type="submit" loading={create.isPending}>
                {t('settings.developers.make')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}
