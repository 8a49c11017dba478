import { useMediaQuery } from '@mantine/hooks';
import { useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usePreferences } from './preferences.js';
import styles from './Frame.module.css';

export const usePhone = () => useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });

const [narrowest, widest] = [28, 72];
const within = (percent: number) => Math.min(widest, Math.max(narrowest, percent));

/**
 * A list and, at its right, whatever is open. On a phone the open one covers the list, which stays mounted behind it and so keeps its
 * place.
 */
export function Frame({ list, panel, inbox = false }: { list: ReactNode; panel: ReactNode; inbox?: boolean }) {
  const { t } = useTranslation();
  const phone = usePhone();
  const [{ panelWidth }, prefer] = usePreferences();
  const box = useRef<HTMLDivElement>(null);
  const width = inbox ? undefined : `${panelWidth}%`;

  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const { right, width: whole } = (box.current as HTMLDivElement).getBoundingClientRect();
    prefer({ panelWidth: within(Math.round(((right - event.clientX) / whole) * 100)) });
  };
  const step = (event: KeyboardEvent) => {
    const by = { ArrowLeft: 2, ArrowRight: -2 }[event.key];
    if (by) prefer({ panelWidth: within(panelWidth + by) });
  };

  return (
    <div className={styles.frame} ref={box} data-inbox={inbox || undefined} data-open={panel ? true : undefined}>
      <main
        className={styles.list}
        aria-hidden={(phone && panel !== null) || undefined}
        inert={phone && panel !== null}
      >
        {list}
      </main>
      {panel && (
        <aside className={styles.panel} style={{ flexBasis: phone ? undefined : width }} aria-label={t('shell.panel')}>
          {!inbox && !phone && (
            // A focusable separator is the pattern for a splitter (WAI-ARIA), whatever the rule for plain separators says.
            <div
              className={styles.grip}
              role="separator"
              aria-orientation="vertical"
              aria-label={t('shell.resize')}
              aria-valuemin={narrowest}
              aria-valuemax={widest}
              aria-valuenow={panelWidth}
              tabIndex={0}
              onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
              onPointerMove={drag}
              onKeyDown={step}
            />
          )}
          {panel}
        </aside>
      )}
    </div>
  );
}
