import { Avatar } from '@mantine/core';
import { type Assignee, type Item, type Status, type StatusRef } from '@sportello/api-client';
import {
  IconBug,
  IconBulb,
  IconCheckbox,
  IconCircle,
  IconCircleCheckFilled,
  IconCircleHalf2,
  IconMessageCircle,
  IconTicket,
  IconUsersGroup,
  type Icon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useNow } from '../shell/now.js';
import { useMe } from '../shell/session.js';
import { exact, near } from '../shell/time.js';
import styles from './marks.module.css';

const typeIcons: Record<string, Icon> = {
  ticket: IconTicket,
  task: IconCheckbox,
  bug: IconBug,
  idea: IconBulb,
  feedback: IconMessageCircle,
};

/** The icon of a type, with its name for those who do not see it. */
export function TypeMark({ type }: { type: Item['type'] }) {
  const Mark = typeIcons[type.icon] ?? typeIcons[type.key] ?? IconTicket;
  return <Mark size={16} stroke={1.6} className={styles.type} aria-label={type.name} role="img" />;
}

const stateIcons: Record<Status['state'], Icon> = {
  'not-started': IconCircle,
  'in-progress': IconCircleHalf2,
  finished: IconCircleCheckFilled,
};

/** The shape tells the state, the colour and the word the status. */
export function StatusMark({
  status,
  bare = false,
}: {
  status: Pick<StatusRef, 'name' | 'state' | 'color'>;
  bare?: boolean;
}) {
  const Mark = stateIcons[status.state];
  return (
    <span className={styles.status}>
      <Mark size={14} stroke={2} style={{ color: `var(--status-${status.color})` }} aria-hidden />
      {!bare && <span>{status.name}</span>}
    </span>
  );
}

/** Bars that grow with the priority; urgent has a mark of its own. */
export function PriorityMark({ priority, words = false }: { priority: number; words?: boolean }) {
  const { t } = useTranslation();
  const name = t(`item.priorities.${priority}` as 'item.priorities.0');
  return (
    <span className={styles.priority} data-level={priority} title={words ? undefined : name}>
      <svg
        width="16"
        height="14"
        viewBox="0 0 16 14"
        role="img"
        aria-label={words ? undefined : name}
        aria-hidden={words || undefined}
      >
        {priority === 5 ? (
          <>
            <rect x="1" y="0" width="14" height="14" rx="3.5" className={styles.urgent} />
            <path d="M8 3v4.6M8 10.2v.9" className={styles.urgentMark} />
          </>
        ) : (
          [1, 2, 3, 4].map((step) => (
            <rect
              key={step}
              x={(step - 1) * 4}
              y={11 - step * 2.5}
              width="2.6"
              height={step * 2.5 + 2}
              rx="1"
              className={step <= priority ? styles.on : styles.off}
            />
          ))
        )}
      </svg>
      {words && name}
    </span>
  );
}

/** Who works on it: up to three faces. */
export function Assignees({ of, words = false }: { of: readonly Assignee[]; words?: boolean }) {
  const { t } = useTranslation();
  if (!of.length)
    return words ? (
      <span className={styles.none}>{t('item.nobody')}</span>
    ) : (
      <span className={styles.nobody} title={t('item.nobody')} />
    );
  const names = of.map(({ name }) => name).join(', ');
  return (
    <span className={styles.people} title={names}>
      {of.slice(0, 3).map((each) => (
        <Face key={each.id} {...each} />
      ))}
      {words ? <span className={styles.names}>{names}</span> : of.length > 3 && <small>+{of.length - 3}</small>}
      {!words && <span className={styles.hidden}>{names}</span>}
    </span>
  );
}

export function Face({ kind, name, size = 20 }: { kind: string; name: string; size?: number }) {
  return (
    <Avatar
      size={size}
      color={kind === 'customer' ? 'gray' : 'accent'}
      name={kind === 'team' ? undefined : name}
      variant="light"
      aria-hidden
      className={styles.face}
    >
      {kind === 'team' && <IconUsersGroup size={size * 0.65} />}
    </Avatar>
  );
}

/** Relative near; exact on hover, in the workspace's zone. */
export function When({ at }: { at: string }) {
  const { i18n } = useTranslation();
  const { timeZone } = useMe().workspace;
  const now = useNow();
  return (
    <time data-tip={exact(at, i18n.language, timeZone)} dateTime={at}>
      {near(at, now, i18n.language, timeZone)}
    </time>
  );
}
