import './moreStyles.js';

import { Combobox, useCombobox } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useEffect, useState, type ReactElement, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from './commands.js';
import { type Command } from './keys.js';
import styles from './Picker.module.css';

export interface PickerOption {
  value: string;
  label: string;
  icon?: ReactNode;
  hint?: string;
}

interface Props {
  /** What is chosen here, for the search field and screen readers. */
  label: string;
  options: PickerOption[];
  selected: readonly string[];
  onPick: (values: string[]) => void;
  /** Several at once; else picking closes. */
  multiple?: boolean;
  /** Options come from a server: called with what was typed. */
  onSearch?: (text: string) => void;
  /** Lets a word become an option of its own. */
  onCreate?: (text: string) => void;
  command?: Command;
  /** Opens by itself when it comes onto the page. */
  startOpen?: boolean;
  disabled?: boolean;
  width?: number;
  children: (toggle: () => void) => ReactElement;
}

/** A button that opens a searchable list: one click to change, keys all the way. */
export function Picker({
  label,
  options,
  selected,
  onPick,
  multiple,
  onSearch,
  onCreate,
  command,
  startOpen,
  disabled,
  width = 260,
  children,
}: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const combobox = useCombobox({
    defaultOpened: startOpen,
    onDropdownOpen: () => {
      combobox.focusSearchInput();
      combobox.selectFirstOption();
    },
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      combobox.focusTarget();
      search('');
    },
  });
  useCommand(command ?? 'assign', () => combobox.openDropdown(), Boolean(command) && !disabled);

  const search = (next: string) => {
    setText(next);
    onSearch?.(next);
  };
  const typed = text.trim();
  const shown = onSearch ? options : options.filter((each) => each.label.toLowerCase().includes(typed.toLowerCase()));
  const creatable = onCreate && typed && !options.some((each) => each.label.toLowerCase() === typed.toLowerCase());

  // Enter takes the first of what is left; those of a server come a moment after the word.
  const left = shown.map(({ value }) => value).join();
  const { dropdownOpened, selectFirstOption } = combobox;
  useEffect(() => {
    if (dropdownOpened && text) selectFirstOption();
    // Only when there is something else to choose from.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [left, text]);
  // Opened from the start: nobody pressed a button that would say so.
  const { focusSearchInput } = combobox;
  useEffect(() => {
    if (!startOpen) return;
    focusSearchInput();
    selectFirstOption();
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const pick = (value: string) => {
    if (value === '+new') {
      onCreate?.(typed);
      search('');
    } else if (multiple) {
      onPick(selected.includes(value) ? selected.filter((each) => each !== value) : [...selected, value]);
    } else {
      onPick([value]);
    }
    if (!multiple) combobox.closeDropdown();
  };

  return (
    <Combobox
      store={combobox}
      width={width}
      position="bottom-start"
      shadow="md"
      onOptionSubmit={pick}
      disabled={disabled}
    >
      <Combobox.Target withAriaAttributes={false} targetType="button">
        {children(() => !disabled && combobox.toggleDropdown())}
      </Combobox.Target>
      <Combobox.Dropdown>
        <div role="dialog" aria-label={label}>
          <Combobox.Search
            value={text}
            onChange={(event) => search(event.currentTarget.value)}
            placeholder={label}
            aria-label={label}
          />
          <Combobox.Options mah={300} className={styles.options} aria-label={label}>
            {shown.map(({ value, label: name, icon, hint }) => (
              <Combobox.Option key={value} value={value} active={selected.includes(value)} className={styles.option}>
                {icon}
                <span className={styles.name}>{name}</span>
                {hint && <span className={styles.hint}>{hint}</span>}
                {selected.includes(value) && <IconCheck size={15} aria-label={t('shell.chosen')} />}
              </Combobox.Option>
            ))}
            {creatable && (
              <Combobox.Option value="+new" className={styles.option}>
                {t('shell.create', { name: typed })}
              </Combobox.Option>
            )}
            {shown.length === 0 && !creatable && <Combobox.Empty>{t('shell.nothingFound')}</Combobox.Empty>}
          </Combobox.Options>
        </div>
      </Combobox.Dropdown>
    </Combobox>
  );
}
