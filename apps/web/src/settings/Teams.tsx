import { ActionIcon, Button, Group, MultiSelect, Stack, TextInput } from '@mantine/core';
import { changeTeam, createTeam, removeTeam, type ChangeTeamBody, type Team } from '@sportello/api-client';
import { IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Field } from '../people/Field.js';
import { teamsQuery, usersQuery } from '../people/people.queries.js';
import { Loading } from '../shell/States.js';
import { Block } from './Block.js';
import styles from './Teams.module.css';
import { useSave } from './settings.queries.js';

/** Teams and who is in them. Everybody is in the first. */
export function Teams() {
  const { t } = useTranslation();
  const { data: teams } = useQuery(teamsQuery);
  const [name, setName] = useState('');
  const create = useSave(
    async (body: { name: string }) => createTeam({ body, throwOnError: true }),
    teamsQuery.queryKey,
  );
  return (
    <Block id="teams">
      {!teams ? (
        <Loading lines={3} />
      ) : (
        <Stack gap="xs">
          {teams.map((team) => (
            <TeamCard key={team.id} team={team} />
          ))}
        </Stack>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) create.mutate({ name: name.trim() }, { onSuccess: () => setName('') });
        }}
      >
        <Group mt="md" gap="xs">
          <TextInput
            aria-label={t('settings.people.newTeam')}
            placeholder={t('settings.people.newTeam')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" size="sm" variant="default" disabled={!name.trim()} loading={create.isPending}>
            {t('settings.people.addTeam')}
          </Button>
        </Group>
      </form>
    </Block>
  );
}

function TeamCard({ team }: { team: Team }) {
  const { t } = useTranslation();
  const users = useQuery(usersQuery).data ?? [];
  const change = useSave(
    async (body: ChangeTeamBody) => changeTeam({ path: { id: team.id }, body, throwOnError: true }),
    teamsQuery.queryKey,
    usersQuery.queryKey,
  );
  const remove = useSave(
    async () => removeTeam({ path: { id: team.id }, throwOnError: true }),
    teamsQuery.queryKey,
    usersQuery.queryKey,
  );
  if (team.everyone) {
    return (
      <div className={styles.team}>
        <strong>{team.name}</strong>
        <small>{t('settings.people.everyone')}</small>
      </div>
    );
  }
  return (
    <div className={styles.team}>
      <Field label={t('people.name')} value={team.name} required save={(name) => change.mutate({ name })} />
      <MultiSelect
        size="sm"
        className={styles.members}
        label={t('settings.people.members')}
        searchable
        data={users.map(({ id, name }) => ({ value: id, label: name }))}
        value={team.members.map(({ id }) => id)}
        onChange={(memberIds) => change.mutate({ memberIds })}
      />
      <ActionIcon
        data-tip={t('settings.people.removeTeam')}
        aria-label={`${t('settings.people.removeTeam')}: ${team.name}`}
        onClick={() => remove.mutate(undefined)}
      >
        <IconTrash size={15} />
      </ActionIcon>
    </div>
  );
}
