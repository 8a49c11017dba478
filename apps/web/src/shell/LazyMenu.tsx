import { Suspense, useState, type ReactElement } from 'react';

/**
 * A button whose menu is fetched when somebody comes near it and opens when they press it: menus and what places them are 35 kB that
 * no list needs to be seen.
 */
export function LazyMenu({
  load,
  button,
  children,
}: {
  load: () => Promise<unknown>;
  button: (more: object) => ReactElement;
  /** The menu, open from the start, with the button as its target. */
  children: (target: ReactElement) => ReactElement;
}) {
  const [pressed, setPressed] = useState(false);
  const ahead = () => void load();
  const alone = button({
    'aria-haspopup': 'menu',
    'aria-expanded': pressed,
    onPointerEnter: ahead,
    onFocus: ahead,
    onClick: () => setPressed(true),
  });
  return pressed ? <Suspense fallback={alone}>{children(button({}))}</Suspense> : alone;
}
