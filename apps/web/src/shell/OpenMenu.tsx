import './moreStyles.js';

import { Menu, type MenuProps } from '@mantine/core';
import { cloneElement, useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react';

/**
 * The menu of a `LazyMenu`. It was asked for before it was there, so it opens by itself, from its button: the focus comes back to where it
 * left from.
 */
export function OpenMenu({
  target,
  children,
  ...props
}: Omit<MenuProps, 'opened' | 'onChange' | 'children'> & { target: ReactElement; children: ReactNode }) {
  const [opened, setOpened] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    button.current?.focus({ preventScroll: true });
    const frame = requestAnimationFrame(() => setOpened(true));
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <Menu opened={opened} onChange={setOpened} returnFocus {...props}>
      <Menu.Target>{cloneElement(target as ReactElement<{ ref: unknown }>, { ref: button })}</Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
