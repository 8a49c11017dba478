import { ActionIcon, Button, FileButton, Loader, Menu } from '@mantine/core';
import { deleteMessage, type ItemDetails } from '@sportello/api-client';
import { IconChevronDown, IconLock, IconPaperclip, IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { refetchMessages } from '../item/item.cache.js';
import { useStatuses } from '../item/item.queries.js';
import { StatusMark } from '../item/marks.js';
import { useCommand } from '../shell/commands.js';
import { Loading, useSentence } from '../shell/States.js';
import { offerUndo, sayFailed } from '../shell/undo.js';
import { Attachments } from './Attachments.js';
import { upload } from './conversation.queries.js';
import { addressees, afterSending, hasContent, imagesIn, mentionsIn, type Draft, type Mode } from './draft.js';
import { writeDraft } from './drafts.js';
import { hold, holdMs, sendNow } from './outgoing.js';
import { Recipients } from './Recipients.js';
import styles from './Composer.module.css';

const Editor = lazy(() => import('./Editor.js'));

interface Props {
  item: ItemDetails;
  myId: string;
  draft: Draft;
  mode: Mode;
  autoFocus: boolean;
  open: (mode: Mode) => void;
  close: () => void;
  onTyping: (typing: boolean) => void;
  onFinished: () => void;
}

/** Reply or internal note: the switch recolours all of it, and the button says what happens. */
export function ComposerForm({ item, myId, draft, mode, autoFocus, open, close, onTyping, onFinished }: Props) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const sentence = useSentence();
  const statuses = useStatuses(item);
  const [uploading, setUploading] = useState(0);
  const typingUntil = useRef<ReturnType<typeof setTimeout>>(undefined);
  const mayReply = item.can.includes('message.reply');
  const mayNote = item.can.includes('message.note');
  const text = draft.html[mode];
  useEffect(() => () => clearTimeout(typingUntil.current), []);

  const proposed = item.defaultRecipients;
  const to = draft.to ?? proposed.to.map(({ address }) => address);
  const cc = draft.cc ?? proposed.cc.map(({ address }) => address);
  const people = [...(item.requester ? [item.requester] : []), ...item.followers];
  const { first, more } = addressees(to, cc, people);
  const action =
    mode === 'note'
      ? t('conversation.addNote')
      : more
        ? t('conversation.sendToMore', { name: first, count: more })
        : t('conversation.sendTo', { name: first });
  const ready = hasContent(draft, mode) && uploading === 0 && (mode === 'note' || to.length + cc.length > 0);

  const change = (html: string) => {
    writeDraft(item.id, (now) => ({ ...now, html: { ...now.html, [mode]: html } }));
    onTyping(true);
    clearTimeout(typingUntil.current);
    typingUntil.current = setTimeout(() => onTyping(false), 4000);
  };

  const addFiles = async (files: File[]) => {
    setUploading((now) => now + files.length);
    await Promise.all(
      files.map(async (file) => {
        try {
          const { id, name, size, contentType } = await upload(file);
          writeDraft(item.id, (now) => ({
            ...now,
            files: { ...now.files, [mode]: [...now.files[mode], { id, name, size, contentType }] },
          }));
        } catch (error) {
          sayFailed(`${file.name}: ${sentence(error)}`);
        } finally {
          setUploading((now) => now - 1);
        }
      }),
    );
  };

  const takeNoteBack = async (messageId: string, before: Draft) => {
    try {
      await deleteMessage({ path: { id: item.id, messageId }, throwOnError: true });
      writeDraft(item.id, () => ({ ...before, restored: messageId }));
      await refetchMessages(queryClient, item.id);
    } catch (error) {
      sayFailed(sentence(error));
    }
  };

  const send = (statusId?: string) => {
    if (!ready) return;
    const id = crypto.randomUUID();
    const html = draft.html[mode];
    hold({
      id,
      itemId: item.id,
      userId: myId,
      draft,
      body: {
        thread: mode === 'reply' ? 'customer' : 'internal',
        html: html || '<p></p>',
        attachments: [...draft.files[mode].map((file) => file.id), ...imagesIn(html)],
        ...(mode === 'reply' && { to, cc }),
        ...(mode === 'note' && { mentions: mentionsIn(html) }),
        ...(statusId && { statusId }),
      },
      forMs: mode === 'reply' ? holdMs : 0,
    });
    writeDraft(item.id, (now) => afterSending(now, mode));
    close();
    onTyping(false);
    if (mode === 'note') {
      void sendNow(queryClient, id).then((messageId) => {
        if (messageId) offerUndo(t('conversation.noteAdded'), () => void takeNoteBack(messageId, draft));
      });
    }
    if (statusId && statuses.find((status) => status.id === statusId)?.state === 'finished') onFinished();
  };

  useCommand('send', () => send());
  useCommand('close', close, !hasContent(draft, mode));

  return (
    <section
      className={styles.composer}
      data-mode={mode}
      aria-label={mode === 'note' ? t('conversation.note') : t('conversation.reply')}
    >
      <div className={styles.head}>
        <div className={styles.switch} role="radiogroup" aria-label={t('conversation.kind')}>
          {mayReply && (
            <button type="button" role="radio" aria-checked={mode === 'reply'} onClick={() => open('reply')}>
              {t('conversation.reply')}
              {mode === 'note' && hasContent(draft, 'reply') && (
                <span className={styles.started}>{t('conversation.draft')}</span>
              )}
            </button>
          )}
          {mayNote && (
            <button type="button" role="radio" aria-checked={mode === 'note'} onClick={() => open('note')}>
              <IconLock size={13} aria-hidden /> {t('conversation.note')}
              {mode === 'reply' && hasContent(draft, 'note') && (
                <span className={styles.started}>{t('conversation.draft')}</span>
              )}
            </button>
          )}
        </div>
        {mode === 'reply' ? (
          <Recipients
            to={to}
            cc={cc}
            people={people}
            change={(next) => writeDraft(item.id, (now) => ({ ...now, ...next }))}
          />
        ) : (
          <span className={styles.only}>{t('conversation.onlyTeam')}</span>
        )}
        {!hasContent(draft, mode) && (
          <ActionIcon data-tip={t('shell.close')} size={22} aria-label={t('conversation.fold')} onClick={close}>
            <IconX size={14} />
          </ActionIcon>
        )}
      </div>
      <Suspense fallback={<Loading lines={2} />}>
        <Editor
          html={text}
          onChange={change}
          label={action}
          placeholder={mode === 'note' ? t('conversation.notePlaceholder') : t('conversation.replyPlaceholder')}
          mentions={mode === 'note'}
          onFiles={(files) => void addFiles(files)}
          autoFocus={autoFocus}
          onSend={() => send()}
        >
          <FileButton multiple onChange={(files) => void addFiles(files)}>
            {(props) => (
              <ActionIcon data-tip={t('conversation.attach')} {...props} aria-label={t('conversation.attach')}>
                {uploading ? <Loader size={14} /> : <IconPaperclip size={16} stroke={1.7} />}
              </ActionIcon>
            )}
          </FileButton>
          <span className={styles.space} />
          <Button.Group>
            <Button data-tip={action} data-keys="send" className={styles.send} onClick={() => send()} disabled={!ready}>
              {action}
            </Button>
            <Menu position="top-end">
              <Menu.Target>
                <Button className={styles.sendMore} disabled={!ready} aria-label={t('conversation.sendAndSet')}>
                  <IconChevronDown size={14} />
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Label>{t('conversation.sendAndSet')}</Menu.Label>
                {statuses
                  .filter(({ id }) => id !== item.status.id)
                  .map((status) => (
                    <Menu.Item key={status.id} onClick={() => send(status.id)}>
                      <StatusMark status={status} />
                    </Menu.Item>
                  ))}
              </Menu.Dropdown>
            </Menu>
          </Button.Group>
        </Editor>
      </Suspense>
      <div className={styles.files}>
        <Attachments
          files={draft.files[mode]}
          remove={(id) =>
            writeDraft(item.id, (now) => ({
              ...now,
              files: { ...now.files, [mode]: now.files[mode].filter((file) => file.id !== id) },
            }))
          }
        />
      </div>
    </section>
  );
}
