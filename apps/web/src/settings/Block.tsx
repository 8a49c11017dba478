import { useLocation } from '@tanstack/react-router';
import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type blocks } from './sections.js';
import styles from './Block.module.css';

export type BlockId = (typeof blocks)[number]['id'];

/** One setting or a few that belong together, with a title that the search finds. */
export function Block({ id, action, children }: { id: BlockId; action?: ReactNode; children: ReactNode }) {
  const { t } = useTranslation();
  // The address names a block before its section has been loaded.
  const named = useLocation({ select: ({ hash }) => hash === id });
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (named) box.current?.scrollIntoView({ block: 'start' });
  }, [named]);
  return (
    <section className={styles.block} id={id} ref={box} aria-labelledby={`${id}-title`}>
      <header>
        <h2 id={`${id}-title`}>{t(`settings.blocks.${id}.title`)}</h2>
        {action}
      </header>
      <p>{t(`settings.blocks.${id}.hint`)}</p>
      {children}
    </section>
  );
}

/** A line of a list in a block. */
export function Line({ children, actions }: { children: ReactNode; actions?: ReactNode }) {
  return (
    <li className={styles.line}>
      <div>{children}</div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </li>
  );
}

export function Lines({ children, label }: { children: ReactNode; label: string }) {
  return (
    <ul className={styles.lines} aria-label={label}>
      {children}
    </ul>
  );
}
