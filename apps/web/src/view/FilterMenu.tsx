import { Menu } from '@mantine/core';
import { type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { OpenMenu } from '../shell/OpenMenu.js';
import { choiceFields, dateFields, type ChoiceField, type DateField } from './filter.js';

/** What a list can be narrowed by. */
export default function FilterMenu({
  target,
  start,
}: {
  target: ReactElement;
  start: (field: ChoiceField | DateField) => void;
}) {
  const { t } = useTranslation();
  return (
    // The focus goes to the new chip, and not back to the button.
    <OpenMenu target={target} returnFocus={false}>
      {choiceFields.map((field) => (
        <Menu.Item key={field} onClick={() => start(field)}>
          {t(`view.fields.${field}`)}
        </Menu.Item>
      ))}
      <Menu.Divider />
      {dateFields.map((field) => (
        <Menu.Item key={field} onClick={() => start(field)}>
          {t(`view.fields.${field}`)}
        </Menu.Item>
      ))}
    </OpenMenu>
  );
}
