import { type Item } from '@sportello/api-client';
import { useTranslation } from 'react-i18next';
import { useChangeItem, useTypes } from './item.queries.js';

/** Finishes a record: the first finished status of its type. Already finished: nothing to do. */
export function useFinish() {
  const { t } = useTranslation();
  const types = useTypes();
  const change = useChangeItem();
  return (item: Item): boolean => {
    const statuses = types.find(({ id }) => id === item.type.id)?.statuses ?? [];
    const [status] = [...statuses].sort((a, b) => a.position - b.position).filter(({ state }) => state === 'finished');
    if (!status || item.status.state === 'finished') return false;
    change(
      item,
      { statusId: status.id },
      { status },
      t('item.finished', { type: item.type.name, number: item.number }),
    );
    return true;
  };
}
