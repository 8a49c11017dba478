import { Anchor, Button, Code, CopyButton, Group, Select, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  getWorkspaceQueryKey,
  listForwardedAddressesOptions,
  removeDkim,
  renewInboundAddress,
  setDkim,
  type Workspace,
} from '@sportello/api-client';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../shell/Dialog.js';
import { ForwardedAddresses } from '../mail/ForwardedAddresses.js';
import { ImapAccounts } from '../mail/ImapAccounts.js';
import { Templates } from '../mail/Templates.js';
import { Field } from '../people/Field.js';
import { useWorkspace } from '../shell/session.js';
import { Failed, Loading } from '../shell/States.js';
import { Block } from './Block.js';
import { useChangeWorkspace, useSave, useWorkspaceSettings } from './settings.queries.js';

export default function MailSection() {
  const { t } = useTranslation();
  const slug = useWorkspace();
  const { data: workspace, error, refetch } = useWorkspaceSettings();
  const { mutate: change } = useChangeWorkspace();
  const addresses = useQuery(listForwardedAddressesOptions()).data?.data ?? [];
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!workspace) return <Loading />;
  return (
    <>
      <Inbound workspace={workspace} />
      <ForwardedAddresses />
      <Block id="reply">
        <Stack maw={420}>
          <Select
            label={t('settings.mail.replyAddress')}
            description={t('settings.mail.replyHint')}
            value={workspace.replyAddress ?? ''}
            data={[
              { value: '', label: workspace.inboundAddress },
              ...addresses.flatMap(({ address, confirmedAt }) => (confirmedAt ? [address] : [])),
            ]}
            onChange={(address) => change({ replyAddress: address || null })}
          />
        </Stack>
      </Block>
      <Templates />
      <ImapAccounts />
      <Dkim workspace={workspace} />
      <Text size="sm" mt="lg">
        <Anchor
          size="sm"
          renderRoot={(props) => (
            <Link to="/$workspace/settings/$section" params={{ workspace: slug, section: 'quarantine' }} {...props} />
          )}
        >
          {t('settings.mail.toQuarantine')}
        </Anchor>
      </Text>
    </>
  );
}

function Inbound({ workspace }: { workspace: Workspace }) {
  const { t } = useTranslation();
  const [asking, askingIs] = useDisclosure(false);
  const renew = useSave(async () => renewInboundAddress({ throwOnError: true }), getWorkspaceQueryKey(), ['me']);
  return (
    <Block id="inbound">
      <Group gap="xs">
        <Code fz="sm">{workspace.inboundAddress}</Code>
        <CopyButton value={workspace.inboundAddress}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {t(copied ? 'shell.copied' : 'shell.copy')}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" onClick={askingIs.open}>
          {t('settings.mail.renew')}
        </Button>
      </Group>
      <Dialog opened={asking} onClose={askingIs.close} title={t('settings.mail.renewTitle')}>
        <Stack>
          <Text size="sm">{t('settings.mail.renewText')}</Text>
          <Group justify="flex-end">
            <Button
              color="red"
              loading={renew.isPending}
              onClick={() => renew.mutate(undefined, { onSuccess: askingIs.close })}
            >
              {t('settings.mail.renewNow')}
            </Button>
          </Group>
        </Stack>
      </Dialog>
    </Block>
  );
}

function Dkim({ workspace }: { workspace: Workspace }) {
  const { t } = useTranslation();
  const set = useSave(
    async (domain: string) => setDkim({ body: { domain }, throwOnError: true }),
    getWorkspaceQueryKey(),
  );
  const remove = useSave(async () => removeDkim({ throwOnError: true }), getWorkspaceQueryKey());
  return (
    <Block id="dkim">
      <Stack maw={560}>
        <Field
          label={t('settings.mail.domain')}
          value={workspace.dkimDomain ?? ''}
          save={(domain) => (domain ? set.mutate(domain.toLowerCase()) : remove.mutate(undefined))}
        />
        {workspace.dkimRecord && (
          <>
            <Text size="sm">{t('settings.mail.publish')}</Text>
            <Code
              block
              tabIndex={0}
            >{`${workspace.dkimSelector}._domainkey.${workspace.dkimDomain}  TXT\n${workspace.dkimRecord}`}</Code>
            <Group gap="xs">
              <CopyButton value={workspace.dkimRecord}>
                {({ copied, copy }) => (
                  <Button variant="default" onClick={copy}>
                    {t(copied ? 'shell.copied' : 'shell.copy')}
                  </Button>
                )}
              </CopyButton>
              <Button variant="default" onClick={() => remove.mutate(undefined)}>
                {t('settings.mail.stopSigning')}
              </Button>
            </Group>
          </>
        )}
      </Stack>
    </Block>
  );
}
