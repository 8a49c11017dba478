import { Button } from '@mantine/core';
import { hideNotification, showNotification } from '@mantine/notifications';
import { type Item } from '@sportello/api-client';
import i18next from 'i18next';
import styles from './ConflictNotice.module.css';

/** Somebody else changed the same field. Shows what they made of it and asks; true: mine goes over it. */
export function askAboutConflict(fields: string[], current: Item): Promise<boolean> {
  const id = crypto.randomUUID();
  const theirs: Record<string, string> = {
    statusId: current.status.name,
    priority: i18next.t(`item.priorities.${current.priority}` as 'item.priorities.0'),
    assignees: current.assignees.map(({ name }) => name).join(', ') || i18next.t('item.nobody'),
    tags: current.tags.join(', ') || '–',
    title: current.title,
    requester: current.requester?.name ?? '–',
  };
  return new Promise((resolve) => {
    const answer = (mine: boolean) => {
      resolve(mine);
      hideNotification(id);
    };
    showNotification({
      id,
      autoClose: false,
      withCloseButton: false,
      onClose: () => resolve(false),
      title: i18next.t('item.conflictTitle', { number: current.number }),
      message: (
        <div className={styles.notice}>
          {fields.map((field) => (
            <span key={field}>
              {i18next.t(`item.fields.${field}` as 'item.fields.statusId', { defaultValue: field })}:{' '}
              {theirs[field] ?? '…'}
            </span>
          ))}
          <div className={styles.actions}>
            <Button onClick={() => answer(true)}>{i18next.t('item.conflictMine')}</Button>
            <Button variant="default" onClick={() => answer(false)}>
              {i18next.t('item.conflictTheirs')}
            </Button>
          </div>
        </div>
      ),
    });
  });
}
