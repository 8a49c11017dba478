import {
  ActionIcon,
  Button,
  ColorSwatch,
  Group,
  Menu,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  Tabs,
  TextInput,
} from '@mantine/core';
import {
  addStatus,
  changeItemType,
  changeStatus,
  removeStatus,
  setStatusState,
  type AddStatusBody,
  type ChangeItemTypeBody,
  type ChangeStatusBody,
  type ItemType,
  type Status,
} from '@sportello/api-client';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../shell/Dialog.js';
import { typesQuery } from '../item/item.queries.js';
import { StatusMark } from '../item/marks.js';
import { Field } from '../people/Field.js';
import { problemOf } from '../shell/problem.js';
import { followJob } from '../shell/job.js';
import { Failed, Loading, useSentence } from '../shell/States.js';
import { Block } from './Block.js';
import { useSave } from './settings.queries.js';
import styles from './TypesSection.module.css';

const colors = ['gray', 'blue', 'cyan', 'teal', 'green', 'yellow', 'orange', 'red', 'pink', 'violet'] as const;
const states = ['not-started', 'in-progress', 'finished'] as const;

export default function TypesSection() {
  const { data: types, error, refetch } = useQuery(typesQuery);
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!types) return <Loading />;
  if (types.length === 1) return <TypeSettings type={types[0] as ItemType} />;
  return (
    <Tabs defaultValue={types[0]?.id} mt="md" keepMounted={false}>
      <Tabs.List>
        {types.map(({ id, name }) => (
          <Tabs.Tab key={id} value={id}>
            {name}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {types.map((type) => (
        <Tabs.Panel key={type.id} value={type.id}>
          <TypeSettings type={type} />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

function TypeSettings({ type }: { type: ItemType }) {
  const { t } = useTranslation();
  const change = useSave(
    async (body: ChangeItemTypeBody) => changeItemType({ path: { id: type.id }, body, throwOnError: true }),
    typesQuery.queryKey,
  );
  const statuses = [...type.statuses].sort((a, b) => a.position - b.position);
  return (
    <>
      <Block id="types">
        <SimpleGrid cols={{ base: 1, sm: 2 }} maw={560} mb="md">
          <Field label={t('settings.types.one')} value={type.name} required save={(name) => change.mutate({ name })} />
          <Field
            label={t('settings.types.many')}
            value={type.pluralName}
            required
            save={(pluralName) => change.mutate({ pluralName })}
          />
        </SimpleGrid>
        <Switch
          label={t('settings.types.published')}
          description={t('settings.types.publishedHint')}
          checked={type.publishedByDefault}
          onChange={(event) => change.mutate({ publishedByDefault: event.currentTarget.checked })}
        />
      </Block>
      <Block id="statuses">
        <ol className={styles.statuses}>
          {statuses.map((status, index) => (
            <StatusRow key={status.id} type={type} status={status} index={index} count={statuses.length} />
          ))}
        </ol>
        <NewStatus type={type} />
      </Block>
      <Block id="moves">
        <Stack maw={420}>
          {type.moves.map((move) => (
            <Select
              key={move.on}
              label={t(`settings.types.moves.${move.on}`)}
              value={move.statusId ?? ''}
              data={[
                { value: '', label: t('settings.types.stays') },
                ...statuses.map(({ id, name }) => ({ value: id, label: name })),
              ]}
              onChange={(statusId) =>
                change.mutate({
                  moves: type.moves.map((each) =>
                    each.on === move.on ? { ...each, statusId: statusId || null } : each,
                  ),
                })
              }
            />
          ))}
        </Stack>
      </Block>
    </>
  );
}

function ColorMenu({ color, pick }: { color: Status['color']; pick: (color: Status['color']) => void }) {
  const { t } = useTranslation();
  const label = `${t('settings.types.color')}: ${t(`settings.types.colors.${color}`)}`;
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon data-tip={label} aria-label={label}>
          <ColorSwatch color={`var(--status-${color})`} size={16} withShadow={false} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {colors.map((each) => (
          <Menu.Item
            key={each}
            leftSection={<ColorSwatch color={`var(--status-${each})`} size={14} withShadow={false} />}
            onClick={() => pick(each)}
          >
            {t(`settings.types.colors.${each}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function StatusRow({ type, status, index, count }: { type: ItemType; status: Status; index: number; count: number }) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const [removing, setRemoving] = useState(false);
  const path = { id: type.id, statusId: status.id };
  const change = useSave(
    async (body: ChangeStatusBody) => changeStatus({ path, body, throwOnError: true }),
    typesQuery.queryKey,
  );
  const moveTo = useSave(async (state: Status['state']) => {
    await followJob((await setStatusState({ path, body: { state }, throwOnError: true })).data.job);
  }, typesQuery.queryKey);
  const remove = useSave(async (successorId: string | undefined) => {
    const query = successorId ? { successorId } : {};
    await followJob((await removeStatus({ path, query, throwOnError: true })).data.job);
  }, typesQuery.queryKey);
  return (
    <li className={styles.status}>
      <ColorMenu color={status.color} pick={(color) => change.mutate({ color })} />
      <div className={styles.name}>
        <Field label={t('settings.types.name')} value={status.name} required save={(name) => change.mutate({ name })} />
      </div>
      <div className={styles.name}>
        <Field
          label={t('settings.types.customerName')}
          value={status.customerName}
          required
          save={(customerName) => change.mutate({ customerName })}
        />
      </div>
      <Select
        w={150}
        label={t('settings.types.state')}
        value={status.state}
        data={states.map((value) => ({ value, label: t(`item.states.${value}`) }))}
        onChange={(state) => moveTo.mutate(state as Status['state'])}
      />
      <Group gap={2} wrap="nowrap">
        <ActionIcon
          aria-label={t('settings.types.up', { name: status.name })}
          disabled={index === 0}
          onClick={() => change.mutate({ position: index - 1 })}
        >
          <IconArrowUp size={15} />
        </ActionIcon>
        <ActionIcon
          aria-label={t('settings.types.down', { name: status.name })}
          disabled={index === count - 1}
          onClick={() => change.mutate({ position: index + 1 })}
        >
          <IconArrowDown size={15} />
        </ActionIcon>
        <ActionIcon aria-label={t('settings.types.remove', { name: status.name })} onClick={() => setRemoving(true)}>
          <IconTrash size={15} />
        </ActionIcon>
      </Group>
      <Dialog
        opened={removing}
        onClose={() => setRemoving(false)}
        title={t('settings.types.remove', { name: status.name })}
      >
        <RemoveStatus
          others={type.statuses.filter(({ id }) => id !== status.id)}
          problem={remove.error && problemOf(remove.error).code !== 'status_in_use' ? sentence(remove.error) : null}
          remove={(successorId) => remove.mutate(successorId, { onSuccess: () => setRemoving(false) })}
        />
      </Dialog>
    </li>
  );
}

function RemoveStatus({
  others,
  problem,
  remove,
}: {
  others: Status[];
  problem: string | null;
  remove: (successorId: string) => void;
}) {
  const { t } = useTranslation();
  const [successor, setSuccessor] = useState(others[0]?.id ?? '');
  return (
    <Stack>
      <Select
        label={t('settings.types.successor')}
        value={successor}
        data={others.map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(value) => value && setSuccessor(value)}
      />
      {problem && <small role="alert">{problem}</small>}
      <Group justify="flex-end">
        <Button color="red" disabled={!successor} onClick={() => remove(successor)}>
          {t('settings.types.removeNow')}
        </Button>
      </Group>
    </Stack>
  );
}

function NewStatus({ type }: { type: ItemType }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [state, setState] = useState<Status['state']>('in-progress');
  const [color, setColor] = useState<Status['color']>('blue');
  const add = useSave(
    async (body: AddStatusBody) => addStatus({ path: { id: type.id }, body, throwOnError: true }),
    typesQuery.queryKey,
  );
  return (
    <form
      className={styles.fresh}
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) add.mutate({ name: name.trim(), state, color }, { onSuccess: () => setName('') });
      }}
    >
      <ColorMenu color={color} pick={setColor} />
      <TextInput
        className={styles.name}
        aria-label={t('settings.types.newStatus')}
        placeholder={t('settings.types.newStatus')}
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Select
        w={150}
        aria-label={t('settings.types.state')}
        value={state}
        data={states.map((value) => ({ value, label: t(`item.states.${value}`) }))}
        onChange={(value) => setState(value as Status['state'])}
      />
      <Button
        type="submit"
        size="sm"
        variant="default"
        leftSection={<IconPlus size={14} />}
        disabled={!name.trim()}
        loading={add.isPending}
      >
        {t('settings.types.add')}
      </Button>
      {name.trim() && <StatusMark status={{ name: name.trim(), state, color }} />}
    </form>
  );
}
