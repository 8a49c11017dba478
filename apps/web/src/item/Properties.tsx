import { ActionIcon, Button, Popover, UnstyledButton } from '@mantine/core';
import { type ItemDetails } from '@sportello/api-client';
import { IconCalendar, IconCheck, IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../shell/commands.js';
import { Keys } from '../shell/Caps.js';
import { Picker } from '../shell/Picker.js';
import { useTags } from '../view/useChipOptions.js';
import { useChangeItem, useStatuses } from './item.queries.js';
import { Assignees, PriorityMark, StatusMark, When } from './marks.js';
import { useAssigneeOptions } from './useAssigneeOptions.js';
import { useAssignMe } from './useAssignMe.js';
import { useFinish } from './useFinish.js';
import styles from './Properties.module.css';

/** What is changed most, each by one click or key. */
export function Properties({ item, onFinished }: { item: ItemDetails; onFinished: () => void }) {
  const { t } = useTranslation();
  const change = useChangeItem();
  const finish = useFinish();
  const statuses = useStatuses(item);
  const { options: people, decode } = useAssigneeOptions();
  const mayEdit = item.can.includes('item.edit');

  const assign = (values: string[]) => {
    const assignees = values.map(decode);
    change(item, { assignees: assignees.map(({ kind, id }) => ({ kind, id })) }, { assignees });
  };
  const assigned = item.assignees.map(({ kind, id }) => `${kind}:${id}`);
  const assignMe = useAssignMe();
  useCommand('assignMe', () => assignMe(item)?.(), mayEdit);

  return (
    <div className={styles.row}>
      <Picker
        label={t('item.fields.statusId')}
        command="status"
        disabled={!mayEdit}
        selected={[item.status.id]}
        options={statuses.map((status) => ({
          value: status.id,
          label: status.name,
          icon: <StatusMark status={status} bare />,
        }))}
        onPick={([id]) => {
          const status = statuses.find((each) => each.id === id);
          if (!status || status.id === item.status.id) return;
          change(
            item,
            { statusId: status.id },
            { status },
            t('item.statusNow', { number: item.number, status: status.name }),
          );
          if (status.state === 'finished') onFinished();
        }}
      >
        {(toggle) => (
          <UnstyledButton className={styles.property} onClick={toggle} disabled={!mayEdit}>
            <StatusMark status={item.status} />
          </UnstyledButton>
        )}
      </Picker>
      <Picker
        label={t('item.fields.priority')}
        command="priority"
        disabled={!mayEdit}
        selected={[String(item.priority)]}
        options={[5, 4, 3, 2, 1, 0].map((level) => ({
          value: String(level),
          label: t(`item.priorities.${level}` as 'item.priorities.0'),
          icon: <PriorityMark priority={level} />,
        }))}
        onPick={([level]) => change(item, { priority: Number(level) }, { priority: Number(level) })}
      >
        {(toggle) => (
          <UnstyledButton className={styles.property} onClick={toggle} disabled={!mayEdit}>
            <PriorityMark priority={item.priority} words />
          </UnstyledButton>
        )}
      </Picker>
      <Picker
        label={t('item.fields.assignees')}
        command="assign"
        multiple
        disabled={!mayEdit}
        selected={assigned}
        options={people}
        onPick={assign}
      >
        {(toggle) => (
          <UnstyledButton className={styles.property} onClick={toggle} disabled={!mayEdit}>
            <Assignees of={item.assignees} words />
          </UnstyledButton>
        )}
      </Picker>
      <Due item={item} mayEdit={mayEdit} />
      <Tags item={item} mayEdit={mayEdit} />
      <span className={styles.space} />
      {mayEdit && item.status.state !== 'finished' && (
        <Button
          variant="light"
          size="compact-sm"
          leftSection={<IconCheck size={14} />}
          rightSection={<Keys of="finish" />}
          onClick={() => finish(item) && onFinished()}
        >
          {t('item.finish')}
        </Button>
      )}
    </div>
  );
}

/** Due on a day: by its afternoon. */
const endOf = (day: string) => `${day}T16:00:00.000Z`;

function Due({ item, mayEdit }: { item: ItemDetails; mayEdit: boolean }) {
  const { t } = useTranslation();
  const change = useChangeItem();
  const [opened, setOpened] = useState(false);
  const [day, setDay] = useState(item.dueAt?.slice(0, 10) ?? '');
  if (!mayEdit && !item.dueAt) return null;
  const set = (dueAt: string | null) => {
    setOpened(false);
    change(item, { dueAt }, { dueAt });
  };
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus>
      <Popover.Target>
        <UnstyledButton
          className={styles.property}
          onClick={() => setOpened(!opened)}
          disabled={!mayEdit}
          data-empty={!item.dueAt || undefined}
        >
          <IconCalendar size={14} stroke={1.7} aria-hidden />
          {item.dueAt ? <When at={item.dueAt} /> : t('item.fields.dueAt')}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={styles.due}>
        <input
          type="date"
          aria-label={t('item.fields.dueAt')}
          value={day}
          onChange={(event) => setDay(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && day && set(endOf(day))}
        />
        <Button disabled={!day} onClick={() => set(endOf(day))}>
          {t('shell.set')}
        </Button>
        {item.dueAt && (
          <ActionIcon aria-label={t('item.noDue')} onClick={() => set(null)}>
            <IconX size={14} />
          </ActionIcon>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

function Tags({ item, mayEdit }: { item: ItemDetails; mayEdit: boolean }) {
  const { t } = useTranslation();
  const change = useChangeItem();
  const [text, setText] = useState('');
  const known = useTags(text, mayEdit);
  const set = (tags: string[]) => change(item, { tags }, { tags });
  const options = [...new Set([...item.tags, ...known])].filter((tag) =>
    tag.toLowerCase().includes(text.trim().toLowerCase()),
  );
  return (
    <>
      {item.tags.map((tag) => (
        <span key={tag} className={styles.tag}>
          {tag}
          {mayEdit && (
            <ActionIcon
              size={16}
              aria-label={t('item.removeTag', { tag })}
              onClick={() => set(item.tags.filter((each) => each !== tag))}
            >
              <IconX size={11} />
            </ActionIcon>
          )}
        </span>
      ))}
      {mayEdit && (
        <Picker
          label={t('item.fields.tags')}
          command="tag"
          multiple
          selected={item.tags}
          options={options.map((tag) => ({ value: tag, label: tag }))}
          onSearch={setText}
          onCreate={(tag) => set([...item.tags, tag])}
          onPick={set}
        >
          {(toggle) => (
            <UnstyledButton className={styles.property} data-empty onClick={toggle}>
              <IconPlus size={13} aria-hidden /> {t('item.tag')}
            </UnstyledButton>
          )}
        </Picker>
      )}
    </>
  );
}
