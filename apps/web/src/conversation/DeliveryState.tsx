import { Button, Popover, UnstyledButton } from '@mantine/core';
import { type Delivery, type Message } from '@sportello/api-client';
import { IconAlertTriangle, IconCheck, IconClock, type Icon } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { When } from '../item/marks.js';
import styles from './DeliveryState.module.css';

type State = Delivery['state'];
const worst: State[] = ['failed', 'bounced', 'deferred', 'queued', 'sending', 'sent'];
const icons: Record<State, Icon> = {
  failed: IconAlertTriangle,
  bounced: IconAlertTriangle,
  deferred: IconClock,
  queued: IconClock,
  sending: IconClock,
  sent: IconCheck,
};

/** How our mail went: the worst of its recipients in a word, each of them on a click. */
export function DeliveryState({ message, retry }: { message: Message; retry: () => void }) {
  const { t } = useTranslation();
  const state = worst.find((each) => message.delivery.some((delivery) => delivery.state === each)) ?? 'sent';
  const Mark = icons[state];
  const bad = state === 'failed' || state === 'bounced';
  return (
    <Popover width={360} position="bottom-end">
      <Popover.Target>
        <UnstyledButton className={styles.state} data-bad={bad || undefined}>
          <Mark size={13} aria-hidden />
          {t(`conversation.delivery.${state}`)}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <ul className={styles.list}>
          {message.delivery.map((delivery) => (
            <li key={delivery.address}>
              <strong>{delivery.address}</strong>
              <span>
                {t(`conversation.delivery.${delivery.state}`)} · <When at={delivery.at} />
              </span>
              {delivery.detail && <code>{delivery.detail}</code>}
            </li>
          ))}
        </ul>
        {bad && (
          <Button mt="xs" onClick={retry}>
            {t('conversation.sendAgain')}
          </Button>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
