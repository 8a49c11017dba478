import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Face } from '../item/marks.js';
import { useMe } from '../shell/session.js';
import { useSentence } from '../shell/States.js';
import { cleanHtml } from './html.js';
import { sendNow, takeBack, type Outgoing } from './outgoing.js';
import styles from './MessageView.module.css';

/** A message that has not left yet: it can be taken back. */
export function HeldMessage({ message }: { message: Outgoing }) {
  const { t } = useTranslation();
  const me = useMe();
  const sentence = useSentence();
  const queryClient = useQueryClient();
  const html = useMemo(() => cleanHtml(message.body.html, false), [message.body.html]);
  const left = useSecondsTo(message.dueAt);
  return (
    <li className={styles.message} data-kind={message.body.thread === 'internal' ? 'note' : 'ours'} data-held>
      <header className={styles.head}>
        <Face kind="user" name={me.name} size={24} />
        <strong>{me.name}</strong>
      </header>
      <div className={styles.html} dangerouslySetInnerHTML={{ __html: html }} />
      <div className={styles.held} role="status">
        {message.state === 'failed' ? (
          <span>{sentence(message.problem)}</span>
        ) : message.state === 'sending' || left <= 0 ? (
          <span>{t('conversation.sending')}</span>
        ) : message.problem ? (
          <span>{t('conversation.waitsForConnection')}</span>
        ) : (
          <span>{t('conversation.leavesIn', { seconds: left })}</span>
        )}
        {message.state !== 'sending' && (
          <>
            <Button size="compact-xs" variant="default" onClick={() => takeBack(message.id)}>
              {t(message.state === 'failed' ? 'conversation.backToEditing' : 'shell.undo')}
            </Button>
            <Button size="compact-xs" variant="subtle" onClick={() => void sendNow(queryClient, message.id)}>
              {t(message.state === 'failed' ? 'shell.retry' : 'conversation.sendNow')}
            </Button>
          </>
        )}
      </div>
    </li>
  );
}

function useSecondsTo(at: number): number {
  const [left, setLeft] = useState(10);
  useEffect(() => {
    const tick = () => setLeft(Math.ceil((at - Date.now()) / 1000));
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [at]);
  return left;
}
