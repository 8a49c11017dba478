import { ActionIcon, Button, Group, Menu, MultiSelect, Select, Stack, Switch, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  changeUser,
  inviteUser,
  listInvitationsOptions,
  listInvitationsQueryKey,
  withdrawInvitation,
  type ChangeUserBody,
  type Invitation,
  type User,
} from '@sportello/api-client';
import { IconDots, IconPlus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../shell/Dialog.js';
import { addressesIn } from '../conversation/draft.js';
import { Face, When } from '../item/marks.js';
import { teamsQuery, usersQuery, useTeams } from '../people/people.queries.js';
import { useMe } from '../shell/session.js';
import { Failed, Loading } from '../shell/States.js';
import { Block, Line, Lines } from './Block.js';
import { useSave } from './settings.queries.js';
import { Teams } from './Teams.js';

export default function PeopleSection() {
  return (
    <>
      <Users />
      <Invitations />
      <Teams />
    </>
  );
}

const flags = ['reply', 'publish', 'edit-messages', 'manage-macros'] as const;

function Users() {
  const { t } = useTranslation();
  const me = useMe();
  const [inviting, invitingIs] = useDisclosure(false);
  const [editing, setEditing] = useState<string | null>(null);
  const { data: users, error, refetch } = useQuery(usersQuery);
  const change = useSave(
    async ({ id, ...body }: ChangeUserBody & { id: string }) => changeUser({ path: { id }, body, throwOnError: true }),
    usersQuery.queryKey,
    teamsQuery.queryKey,
  );
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!users) return <Loading />;
  const edited = users.find(({ id }) => id === editing);
  return (
    <Block
      id="users"
      action={
        <Button leftSection={<IconPlus size={14} />} onClick={invitingIs.open}>
          {t('settings.people.invite')}
        </Button>
      }
    >
      <Lines label={t('settings.blocks.users.title')}>
        {users.map((user) => (
          <Line
            key={user.id}
            actions={
              <>
                <Select
                  size="xs"
                  w={150}
                  aria-label={t('settings.people.roleOf', { name: user.name })}
                  value={user.role}
                  disabled={!user.active}
                  data={(['administrator', 'member'] as const).map((value) => ({
                    value,
                    label: t(`settings.people.roles.${value}`),
                  }))}
                  onChange={(role) => change.mutate({ id: user.id, role: role as User['role'] })}
                />
                <Menu position="bottom-end">
                  <Menu.Target>
                    <ActionIcon aria-label={t('settings.people.moreOf', { name: user.name })}>
                      <IconDots size={16} />
                    </ActionIcon>
                  </Menu.Target>
                  <Menu.Dropdown>
                    <Menu.Item onClick={() => setEditing(user.id)}>{t('settings.people.rights')}</Menu.Item>
                    {user.id !== me.id && (
                      <Menu.Item
                        color={user.active ? 'red' : undefined}
                        onClick={() => change.mutate({ id: user.id, active: !user.active })}
                      >
                        {t(user.active ? 'settings.people.deactivate' : 'settings.people.activate')}
                      </Menu.Item>
                    )}
                  </Menu.Dropdown>
                </Menu>
              </>
            }
          >
            <Face kind="user" name={user.name} size={26} />
            <strong>{user.name}</strong>
            <small>{user.email}</small>
            {!user.active && <small>{t('settings.people.inactive')}</small>}
            {user.active && user.lastSeenAt && (
              <small>
                {t('settings.people.seen')} <When at={user.lastSeenAt} />
              </small>
            )}
          </Line>
        ))}
      </Lines>
      <Dialog opened={Boolean(edited)} onClose={() => setEditing(null)} title={edited?.name}>
        {edited && <Rights user={edited} change={(body) => change.mutate({ id: edited.id, ...body })} />}
      </Dialog>
      <Invite opened={inviting} close={invitingIs.close} />
    </Block>
  );
}

function Rights({ user, change }: { user: User; change: (body: ChangeUserBody) => void }) {
  const { t } = useTranslation();
  const teams = useTeams();
  const everyone = teams.find((team) => team.everyone)?.id;
  return (
    <Stack>
      {user.role === 'administrator' && <small>{t('settings.people.administratorHasAll')}</small>}
      {flags.map((flag) => (
        <Switch
          key={flag}
          label={t(`settings.people.flags.${flag}`)}
          disabled={user.role === 'administrator'}
          checked={user.role === 'administrator' || user.flags.includes(flag)}
          onChange={(event) =>
            change({
              flags: event.currentTarget.checked ? [...user.flags, flag] : user.flags.filter((each) => each !== flag),
            })
          }
        />
      ))}
      <MultiSelect
        size="sm"
        label={t('settings.blocks.teams.title')}
        data={teams.filter((team) => !team.everyone).map(({ id, name }) => ({ value: id, label: name }))}
        value={user.teams.map(({ id }) => id).filter((id) => id !== everyone)}
        onChange={(teamIds) => change({ teamIds })}
      />
    </Stack>
  );
}

function Invite({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation();
  const teams = useTeams();
  const [text, setText] = useState('');
  const [role, setRole] = useState<User['role']>('member');
  const [teamIds, setTeamIds] = useState<string[]>([]);
  const addresses = addressesIn(text);
  const invite = useSave(
    async (email: string) =>
      inviteUser({ body: { email, role, ...(teamIds.length && { teamIds }) }, throwOnError: true }),
    listInvitationsQueryKey(),
  );
  const send = async () => {
    for (const address of addresses) await invite.mutateAsync(address);
    setText('');
    close();
  };
  return (
    <Dialog opened={opened} onClose={close} title={t('settings.people.invite')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          // A refusal is said by the mutation; the dialog stays open with what was typed.
          send().catch(() => undefined);
        }}
      >
        <Stack>
          <Textarea
            label={t('settings.people.addresses')}
            description={t('settings.people.addressesHint')}
            autosize
            minRows={2}
            data-autofocus
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Select
            label={t('settings.people.role')}
            value={role}
            data={(['member', 'administrator'] as const).map((value) => ({
              value,
              label: t(`settings.people.roles.${value}`),
            }))}
            onChange={(value) => setRole(value as User['role'])}
          />
          <MultiSelect
            size="sm"
            label={t('settings.blocks.teams.title')}
            data={teams.filter((team) => !team.everyone).map(({ id, name }) => ({ value: id, label: name }))}
            value={teamIds}
            onChange={setTeamIds}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={invite.isPending} disabled={!addresses.length}>
              {t('settings.people.sendInvitations', { count: Math.max(1, addresses.length) })}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

function Invitations() {
  const { t } = useTranslation();
  const { data } = useQuery(listInvitationsOptions());
  const withdraw = useSave(
    async (id: string) => withdrawInvitation({ path: { id }, throwOnError: true }),
    listInvitationsQueryKey(),
  );
  // Whoever is invited anew is invited into the same: without role and teams they would become a member of none.
  const again = useSave(
    async ({ email, role, teams }: Invitation) =>
      inviteUser({ body: { email, role, teamIds: teams.map(({ id }) => id) }, throwOnError: true }),
    listInvitationsQueryKey(),
  );
  if (!data?.data.length) return null;
  return (
    <Block id="invitations">
      <Lines label={t('settings.blocks.invitations.title')}>
        {data.data.map((invitation) => (
          <Line
            key={invitation.id}
            actions={
              <>
                <Button variant="default" onClick={() => again.mutate(invitation)}>
                  {t('settings.people.sendAgain')}
                </Button>
                <ActionIcon
                  data-tip={t('settings.people.withdraw')}
                  aria-label={`${t('settings.people.withdraw')}: ${invitation.email}`}
                  onClick={() => withdraw.mutate(invitation.id)}
                >
                  <IconX size={15} />
                </ActionIcon>
              </>
            }
          >
            <strong>{invitation.email}</strong>
            <small>
              {t('settings.people.sent')} <When at={invitation.sentAt} />
            </small>
          </Line>
        ))}
      </Lines>
    </Block>
  );
}
