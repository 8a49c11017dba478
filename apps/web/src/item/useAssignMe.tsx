import { type Item } from '@sportello/api-client';
import { useTranslation } from 'react-i18next';
import { useMe } from '../shell/session.js';
import { useChangeItem } from './item.queries.js';

/** Gives a record to me as well. Null: it is mine, or not mine to change. */
export function useAssignMe() {
  const { t } = useTranslation();
  const me = useMe();
  const change = useChangeItem();
  return (item: Item): (() => void) | null => {
    if (!item.can.includes('item.edit') || item.assignees.some(({ id }) => id === me.id)) return null;
    const assignees = [...item.assignees, { kind: 'user' as const, id: me.id, name: me.name }];
    return () =>
      change(
        item,
        { assignees: assignees.map(({ kind, id }) => ({ kind, id })) },
        { assignees },
        t('item.assignedToMe', { number: item.number }),
      );
  };
}
