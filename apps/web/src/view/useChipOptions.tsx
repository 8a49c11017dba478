import { listTags, type Customer, type Organization } from '@sportello/api-client';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Face, PriorityMark, StatusMark } from '../item/marks.js';
import { useTypes } from '../item/item.queries.js';
import { customersQuery, organizationsQuery, useTeams, useUsers } from '../people/people.queries.js';
import { type PickerOption } from '../shell/Picker.js';
import { type ChoiceField } from './filter.js';

/** Tags in use that contain a text. */
export function useTags(text: string, enabled = true) {
  return (
    useQuery({
      queryKey: ['tags', text],
      queryFn: async () => (await listTags({ query: text ? { text } : {}, throwOnError: true })).data.data,
      enabled,
      staleTime: 60_000,
      placeholderData: (before) => before,
    }).data ?? []
  );
}

/** What a chip about a field can be set to. People and tags are looked up while typing. */
export function useChipOptions(field: ChoiceField): {
  options: PickerOption[];
  search?: (text: string) => void;
  labelOf: (value: string) => string;
} {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [text] = useDebouncedValue(typed, 150);
  const types = useTypes();
  const users = useUsers();
  const teams = useTeams();
  const customers = useInfiniteQuery({ ...customersQuery(text), enabled: field === 'requester' });
  const organizations = useInfiniteQuery({ ...organizationsQuery(text), enabled: field === 'organization' });
  const tags = useTags(text, field === 'tag');

  const all = (): PickerOption[] => {
    switch (field) {
      case 'state':
        return (['open', 'not-started', 'in-progress', 'finished'] as const).map((value) => ({
          value,
          label: t(`item.states.${value}`),
        }));
      case 'status':
        return types.flatMap((type) =>
          type.statuses.map((status) => ({
            value: status.id,
            label: status.name,
            icon: <StatusMark status={status} bare />,
            ...(types.length > 1 && { hint: type.name }),
          })),
        );
      case 'type':
        return types.map(({ key, name }) => ({ value: key, label: name }));
      case 'priority':
        return [5, 4, 3, 2, 1, 0].map((level) => ({
          value: String(level),
          label: t(`item.priorities.${level}` as 'item.priorities.0'),
          icon: <PriorityMark priority={level} words={false} />,
        }));
      case 'assignee':
        return [
          { value: 'me', label: t('view.me') },
          { value: 'none', label: t('item.nobody') },
          ...users.map(({ id, name }) => ({
            value: id,
            label: name,
            icon: <Face kind="user" name={name} size={18} />,
          })),
        ];
      case 'team':
        return [
          { value: 'mine', label: t('view.myTeams') },
          ...teams.map(({ id, name }) => ({ value: id, label: name })),
        ];
      case 'requester':
        return (customers.data?.pages ?? [])
          .flatMap((page) => page.data)
          .map((each: Customer) => ({
            value: each.id,
            label: each.name,
            ...(each.organization && { hint: each.organization.name }),
          }));
      case 'organization':
        return (organizations.data?.pages ?? [])
          .flatMap((page) => page.data)
          .map((each: Organization) => ({ value: each.id, label: each.name }));
      case 'tag':
        return tags.map((tag) => ({ value: tag, label: tag }));
    }
  };
  const options = all();
  const fromServer = field === 'requester' || field === 'organization' || field === 'tag';
  return {
    options,
    ...(fromServer && { search: setTyped }),
    labelOf: (value) => options.find((each) => each.value === value)?.label ?? (field === 'tag' ? value : '…'),
  };
}
