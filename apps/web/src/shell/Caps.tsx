import { capsOf, type Command } from './keys.js';
import { usePreferences } from './preferences.js';
import styles from './Caps.module.css';

export const onMac = /mac|iphone|ipad/i.test(navigator.userAgent);

/** The keys of a command, as menus and tooltips show them beside it. */
export function Keys({ of }: { of: Command }) {
  const [{ keys }] = usePreferences();
  if (!keys && !['palette', 'send', 'close'].includes(of)) return null;
  return (
    <span className={styles.keys} aria-hidden>
      {capsOf(of, onMac).map((cap) => (
        <kbd key={cap}>{cap}</kbd>
      ))}
    </span>
  );
}
