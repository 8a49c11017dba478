import { type ItemDetails, type Message } from '@sportello/api-client';
import { useQuery } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { Fragment, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMarkSeen } from '../item/item.queries.js';
import { Failed, Loading } from '../shell/States.js';
import { messagesQuery } from './conversation.queries.js';
import { HeldMessage } from './HeldMessage.js';
import { MessageView } from './MessageView.js';
import { useOutgoingOf } from './outgoing.js';
import styles from './Conversation.module.css';

/** The first message that I have not seen; nothing when I have seen the last. */
function firstUnseen(messages: Message[], seen: string | null, myId: string): string | null {
  const index = seen === null ? 0 : messages.findIndex(({ id }) => id === seen) + 1;
  return messages.slice(index).find(({ author }) => author.id !== myId)?.id ?? null;
}

/** Oldest first, opened at the first unread. */
export function Conversation({ item, myId }: { item: ItemDetails; myId: string }) {
  const { data: messages, error, refetch } = useQuery(messagesQuery(item.id));
  if (messages) return <Thread key={item.id} item={item} myId={myId} messages={messages} />;
  return error ? <Failed error={error} retry={() => void refetch()} /> : <Loading lines={6} />;
}

function Thread({ item, myId, messages }: { item: ItemDetails; myId: string; messages: Message[] }) {
  const { t } = useTranslation();
  const held = useOutgoingOf(item.id);
  const seen = useMarkSeen();
  const anchor = useLocation({ select: ({ hash }) => (hash.startsWith('m-') ? hash.slice(2) : null) });
  const box = useRef<HTMLDivElement>(null);
  // Where "new" stood when it was opened: it does not move while one reads.
  const [unseen] = useState(() => (item.unread ? firstUnseen(messages, item.seenMessageId, myId) : null));
  const last = messages.at(-1)?.id ?? null;

  useLayoutEffect(() => {
    const list = box.current as HTMLDivElement;
    const target = anchor ?? (unseen === messages[0]?.id ? null : unseen);
    const found = target && list.querySelector(`[id="m-${target}"]`);
    if (found) list.scrollTo({ top: (found as HTMLElement).offsetTop - 48 });
    else if (!unseen) list.scrollTo({ top: list.scrollHeight });
    // Only on opening, and when the address names another message.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [anchor]);

  // The composer takes its room from the foot; what stood above it stays in sight.
  useEffect(() => {
    const list = box.current as HTMLDivElement;
    let height = list.clientHeight;
    const watch = new ResizeObserver(() => {
      list.scrollTop += Math.max(0, height - list.clientHeight);
      height = list.clientHeight;
    });
    watch.observe(list);
    return () => watch.disconnect();
  }, []);

  // Read is what stood on a visible page.
  useEffect(() => {
    if (!last) return;
    const read = () => {
      if (document.visibilityState !== 'visible') return;
      if (item.unread || item.seenMessageId !== last) seen({ item, messageId: last });
    };
    const timer = setTimeout(read, 600);
    document.addEventListener('visibilitychange', read);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', read);
    };
    // Once for every new last message, not for every change of the record.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [last]);

  // Somebody at the foot stays there when something comes in.
  const count = messages.length + held.length;
  const counted = useRef(count);
  useEffect(() => {
    const list = box.current as HTMLDivElement;
    if (counted.current < count && list.scrollHeight - list.scrollTop - list.clientHeight < 500) {
      list.scrollTo({ top: list.scrollHeight, behavior: 'smooth' });
    }
    counted.current = count;
  }, [count]);

  return (
    <div ref={box} className={styles.scroll} role="log" aria-label={t('conversation.title')} tabIndex={0}>
      <ol className={styles.list}>
        {messages.map((message) => (
          <Fragment key={message.id}>
            {message.id === unseen && messages[0]?.id !== unseen && (
              <li className={styles.divider}>{t('conversation.newFromHere')}</li>
            )}
            <MessageView message={message} item={item} marked={anchor === message.id} />
          </Fragment>
        ))}
        {held.map((message) => (
          <HeldMessage key={message.id} message={message} />
        ))}
        {count === 0 && <li className={styles.nothing}>{t('conversation.empty')}</li>}
      </ol>
    </div>
  );
}
