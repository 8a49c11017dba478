import { UnstyledButton } from '@mantine/core';
import { type ItemDetails } from '@sportello/api-client';
import { IconArrowBackUp, IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Keys } from '../shell/Caps.js';
import { useCommand } from '../shell/commands.js';
import { ComposerForm } from './ComposerForm.js';
import { hasContent, type Mode } from './draft.js';
import { useDraft, writeDraft } from './drafts.js';
import styles from './Composer.module.css';

interface Props {
  item: ItemDetails;
  myId: string;
  onTyping: (typing: boolean) => void;
  /** A message went off together with a finished status. */
  onFinished: () => void;
}

/** The foot of a conversation: two buttons to begin with, or what one began. It never switches between the two by itself. */
export function Composer({ item, ...rest }: Props) {
  const { t } = useTranslation();
  const draft = useDraft(item.id);
  const [opened, setOpened] = useState(false);
  // The editor keeps its own text; another round makes it start from the draft again.
  const [round, setRound] = useState(0);
  const mayReply = item.can.includes('message.reply');
  const mayNote = item.can.includes('message.note');

  const open = (mode: Mode) => {
    writeDraft(item.id, (now) => ({ ...now, mode }));
    setOpened(true);
    setRound((now) => now + 1);
  };
  useCommand('reply', () => open('reply'), mayReply);
  useCommand('note', () => open('note'), mayNote);

  if (!draft || (!mayReply && !mayNote)) return null;
  const mode: Mode = !mayReply ? 'note' : !mayNote ? 'reply' : draft.mode;
  if (opened || hasContent(draft, mode)) {
    return (
      <ComposerForm
        key={`${mode}.${round}.${draft.restored ?? ''}`}
        item={item}
        draft={draft}
        mode={mode}
        autoFocus={opened}
        open={open}
        close={() => setOpened(false)}
        {...rest}
      />
    );
  }
  const [first] = item.defaultRecipients.to;
  const name = (first?.name || first?.address)?.split(' ')[0];
  return (
    <div className={styles.closed}>
      {mayReply && (
        <UnstyledButton className={styles.starter} onClick={() => open('reply')}>
          <IconArrowBackUp size={16} aria-hidden />
          <span>{name ? t('conversation.replyTo', { name }) : t('conversation.reply')}</span>
          {hasContent(draft, 'reply') && <span className={styles.started}>{t('conversation.draft')}</span>}
          <Keys of="reply" />
        </UnstyledButton>
      )}
      {mayNote && (
        <UnstyledButton className={styles.starter} data-note onClick={() => open('note')}>
          <IconLock size={15} aria-hidden />
          <span>{t('conversation.note')}</span>
          {hasContent(draft, 'note') && <span className={styles.started}>{t('conversation.draft')}</span>}
          <Keys of="note" />
        </UnstyledButton>
      )}
    </div>
  );
}
