import { type Assignee, type AssigneeRef, type Item } from '@sportello/api-client';
import { useTranslation } from 'react-i18next';
import { useTeams, useUsers } from '../people/people.queries.js';
import { useMe } from '../shell/session.js';
import { type PickerOption } from '../shell/Picker.js';
import { Face } from './marks.js';

export const assigneesOf = (item: Item): AssigneeRef[] => item.assignees.map(({ kind, id }) => ({ kind, id }));

/** Users and teams to choose from, me first. A value is `user:<id>` or `team:<id>`. */
export function useAssigneeOptions() {
  const { t } = useTranslation();
  const me = useMe();
  const users = useUsers();
  const teams = useTeams();
  const sorted = [...users].sort(
    (a, b) => Number(b.id === me.id) - Number(a.id === me.id) || a.name.localeCompare(b.name),
  );
  const options: PickerOption[] = [
    ...sorted.map(({ id, name }) => ({
      value: `user:${id}`,
      label: name,
      icon: <Face kind="user" name={name} size={20} />,
      ...(id === me.id && { hint: t('view.me') }),
    })),
    ...teams.map(({ id, name }) => ({
      value: `team:${id}`,
      label: name,
      icon: <Face kind="team" name={name} size={20} />,
      hint: t('item.team'),
    })),
  ];
  const decode = (value: string): Assignee => {
    const [kind, id] = value.split(':') as ['user' | 'team', string];
    return { kind, id, name: options.find((each) => each.value === value)?.label ?? '' };
  };
  return { options, decode };
}
