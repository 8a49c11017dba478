import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import { type Item } from '@sportello/api-client';
import { IconEye, IconEyeOff, IconTag, IconUserPlus, IconX } from '@tabler/icons-react';
import { useEffect, useEffectEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAssigneeOptions } from '../item/useAssigneeOptions.js';
import { PriorityMark, StatusMark } from '../item/marks.js';
import { useChangeItems, useStatuses } from '../item/item.queries.js';
import { useCommand } from '../shell/commands.js';
import { type Command } from '../shell/keys.js';
import { Picker } from '../shell/Picker.js';
import { useMe } from '../shell/session.js';
import { useTags } from './useChipOptions.js';
import styles from './BulkBar.module.css';

interface Props {
  items: Item[];
  clear: () => void;
  all: () => void;
  /** The key that was pressed on a row brought this bar: what it asks for is open at once. */
  asked: Command | null;
  onAsked: () => void;
}

/** What can be done with the selected rows. Every change can be undone. */
export function BulkBar({ items, clear, all, asked, onAsked }: Props) {
  // Asked for once: what is selected next begins with nothing open.
  const answered = useEffectEvent(onAsked);
  useEffect(() => answered(), []);

  const { t } = useTranslation();
  const me = useMe();
  const change = useChangeItems();
  const statuses = useStatuses(items[0]);
  const { options: people, decode } = useAssigneeOptions();
  const [tagText, setTagText] = useState('');
  const tags = useTags(tagText);
  const oneType = items.every(({ type }) => type.id === items[0]?.type.id);
  const may = items.some(({ can }) => can.includes('item.edit'));
  const mayPublish = items.some(({ can }) => can.includes('item.publish'));

  const assign = (refs: { kind: 'user' | 'team'; id: string }[]) => void change(items, { assignees: refs });
  useCommand('assignMe', () => assign([{ kind: 'user', id: me.id }]), may);
  useCommand('finish', () => void change(items, { state: 'finished' }), may);

  return (
    <div className={styles.bar} role="toolbar" aria-label={t('view.bulk')}>
      <span className={styles.count}>{t('view.selected', { count: items.length })}</span>
      {may && (
        <>
          <Picker
            label={t('item.fields.assignees')}
            options={people}
            selected={[]}
            command="assign"
            startOpen={asked === 'assign'}
            onPick={([value]) => value && assign([decode(value)])}
          >
            {(toggle) => (
              <Button variant="default" onClick={toggle} leftSection={<IconUserPlus size={14} />}>
                {t('item.assign')}
              </Button>
            )}
          </Picker>
          <Picker
            label={t('item.fields.statusId')}
            options={
              oneType
                ? statuses.map((status) => ({
                    value: status.id,
                    label: status.name,
                    icon: <StatusMark status={status} bare />,
                  }))
                : (['not-started', 'in-progress', 'finished'] as const).map((state) => ({
                    value: state,
                    label: t(`item.states.${state}`),
                  }))
            }
            selected={[]}
            command="status"
            startOpen={asked === 'status'}
            onPick={([value]) =>
              value && void change(items, oneType ? { statusId: value } : { state: value as 'finished' })
            }
          >
            {(toggle) => (
              <Button variant="default" onClick={toggle}>
                {t('item.fields.statusId')}
              </Button>
            )}
          </Picker>
          <Picker
            label={t('item.fields.priority')}
            options={[5, 4, 3, 2, 1, 0].map((level) => ({
              value: String(level),
              label: t(`item.priorities.${level}` as 'item.priorities.0'),
              icon: <PriorityMark priority={level} />,
            }))}
            selected={[]}
            command="priority"
            startOpen={asked === 'priority'}
            onPick={([value]) => void change(items, { priority: Number(value) })}
          >
            {(toggle) => (
              <Button variant="default" onClick={toggle}>
                {t('item.fields.priority')}
              </Button>
            )}
          </Picker>
          <Picker
            label={t('item.fields.tags')}
            options={tags.map((tag) => ({ value: tag, label: tag }))}
            selected={[]}
            command="tag"
            startOpen={asked === 'tag'}
            onSearch={setTagText}
            onCreate={(tag) => void change(items, { addTags: [tag] })}
            onPick={([tag]) => tag && void change(items, { addTags: [tag] })}
          >
            {(toggle) => (
              <Button variant="default" onClick={toggle} leftSection={<IconTag size={14} />}>
                {t('item.tag')}
              </Button>
            )}
          </Picker>
          <Button variant="default" onClick={() => void change(items, { state: 'finished' })}>
            {t('item.finish')}
          </Button>
        </>
      )}
      {mayPublish && (
        <Menu position="top-end">
          <Menu.Target>
            <Button variant="default">{t('item.visibility')}</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {[true, false].map((published) => (
              <Menu.Item
                key={String(published)}
                leftSection={published ? <IconEye size={14} /> : <IconEyeOff size={14} />}
                onClick={() => void change(items, { published })}
              >
                {t(published ? 'item.publish' : 'item.unpublish')}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      <span className={styles.space} />
      <Button variant="subtle" onClick={all}>
        {t('view.selectAll')}
      </Button>
      <Tooltip label={t('view.clearSelection')}>
        <ActionIcon aria-label={t('view.clearSelection')} onClick={clear}>
          <IconX size={15} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
