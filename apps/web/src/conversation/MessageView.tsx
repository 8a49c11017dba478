import { ActionIcon, Anchor, Button, Menu, Popover, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ItemDetails, type Message } from '@sportello/api-client';
import {
  IconArrowsSplit,
  IconDots,
  IconHistory,
  IconLink,
  IconLock,
  IconMail,
  IconPencil,
  IconTrash,
  IconUserQuestion,
} from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../shell/Dialog.js';
import { Face, When } from '../item/marks.js';
import { useWorkspace } from '../shell/session.js';
import { say } from '../shell/undo.js';
import { Attachments } from './Attachments.js';
import { useMessageActions } from './conversation.queries.js';
import { DeliveryState } from './DeliveryState.js';
import { cleanHtml } from './html.js';
import { MailDetails } from './MailDetails.js';
import styles from './MessageView.module.css';

const MessageEditor = lazy(() => import('./MessageEditor.js'));
const Revisions = lazy(() => import('./Revisions.js'));

/** Customer plain, ours tinted, internal on yellow with a lock and the words. */
export const kindOf = ({ thread, author }: Pick<Message, 'thread' | 'author'>) =>
  thread === 'internal' ? 'note' : author.kind === 'customer' ? 'customer' : 'ours';

export function MessageView({ message, item, marked }: { message: Message; item: ItemDetails; marked: boolean }) {
  const { t } = useTranslation();
  const actions = useMessageActions(item.id);
  const [editing, setEditing] = useState(false);
  const [history, historyIs] = useDisclosure(false);
  const kind = kindOf(message);
  // Of what a customer wrote only the copies that did not arrive are worth a word.
  const shownDelivery =
    kind === 'ours'
      ? message.delivery.length > 0
      : message.delivery.some(({ state }) => state === 'bounced' || state === 'failed');
  const names = [...message.to, ...message.cc].map(({ name, address }) => name || address);

  if (message.deletedAt) {
    return (
      <li id={`m-${message.id}`} className={styles.deleted}>
        {t('conversation.deleted', { name: message.author.name })} · <When at={message.deletedAt} />
      </li>
    );
  }

  return (
    <li
      id={`m-${message.id}`}
      className={styles.message}
      data-kind={kind}
      data-marked={marked || undefined}
      aria-label={t(`conversation.by.${kind}`, { name: message.author.name })}
    >
      <header className={styles.head}>
        <Face kind={message.author.kind} name={message.author.name} size={24} />
        <strong>{message.author.name}</strong>
        {kind === 'note' && (
          <span className={styles.note}>
            <IconLock size={13} aria-hidden /> {t('conversation.note')}
          </span>
        )}
        {kind === 'ours' && names.length > 0 && (
          <span
            data-tip={[...message.to, ...message.cc].map(({ address }) => address).join(', ')}
            className={styles.faint}
          >
            {t('conversation.toWhom', { names: names.join(', ') })}
          </span>
        )}
        {kind === 'customer' && message.author.email && (
          <span className={`${styles.faint} ${styles.address}`}>{message.author.email}</span>
        )}
        <span className={styles.space} />
        {shownDelivery && <DeliveryState message={message} retry={() => actions.retry.mutate(message.id)} />}
        {message.mail && <MailButton message={message} />}
        {message.editedAt && (
          <UnstyledButton className={styles.faint} onClick={historyIs.open}>
            {t('conversation.edited')}
          </UnstyledButton>
        )}
        <span className={styles.faint}>
          <When at={message.createdAt} />
        </span>
        <MessageMenu message={message} item={item} edit={() => setEditing(true)} history={historyIs.open} />
      </header>
      {message.subject && message.subject !== item.title && (
        <div className={styles.subject}>
          <span>
            {t('conversation.subject')}: <strong>{message.subject}</strong>
          </span>
          {item.can.includes('item.edit') && <SplitOff message={message} item={item} />}
        </div>
      )}
      {message.newHere && (
        <div className={styles.newHere} role="note">
          <IconUserQuestion size={16} aria-hidden />
          <span>{t('conversation.newHere', { name: message.author.name })}</span>
          {item.can.includes('item.edit') && (
            <Button
              size="compact-xs"
              variant="default"
              loading={actions.confirm.isPending}
              onClick={() => actions.confirm.mutate(message.id)}
            >
              {t('conversation.confirmSender')}
            </Button>
          )}
        </div>
      )}
      {editing ? (
        <Suspense>
          <MessageEditor
            message={message}
            save={(html) => actions.edit.mutate({ id: message.id, html }, { onSuccess: () => setEditing(false) })}
            saving={actions.edit.isPending}
            cancel={() => setEditing(false)}
          />
        </Suspense>
      ) : (
        <Body message={message} />
      )}
      <Attachments files={message.attachments.filter(({ inline }) => !inline)} />
      <Dialog opened={history} onClose={historyIs.close} title={t('conversation.history')} size="lg">
        <Suspense>{history && <Revisions itemId={item.id} messageId={message.id} />}</Suspense>
      </Dialog>
    </li>
  );
}

function Body({ message }: { message: Message }) {
  const { t } = useTranslation();
  const [remote, setRemote] = useState(false);
  const [quoted, setQuoted] = useState(false);
  const html = useMemo(() => cleanHtml(message.html, remote), [message.html, remote]);
  const quotedHtml = useMemo(
    () => (quoted && message.quotedHtml ? cleanHtml(message.quotedHtml, remote) : ''),
    [message.quotedHtml, quoted, remote],
  );
  return (
    <>
      {message.remoteImages > 0 && !remote && (
        <Button size="compact-xs" variant="default" className={styles.remote} onClick={() => setRemote(true)}>
          {t('conversation.showRemote', { count: message.remoteImages })}
        </Button>
      )}
      <div className={styles.html} dangerouslySetInnerHTML={{ __html: html }} />
      {message.quotedHtml && (
        <UnstyledButton
          className={styles.fold}
          aria-expanded={quoted}
          aria-label={t(quoted ? 'conversation.hideQuoted' : 'conversation.showQuoted')}
          onClick={() => setQuoted(!quoted)}
        >
          <IconDots size={16} aria-hidden />
        </UnstyledButton>
      )}
      {quoted && <div className={`${styles.html} ${styles.quoted}`} dangerouslySetInnerHTML={{ __html: quotedHtml }} />}
    </>
  );
}

function MailButton({ message }: { message: Message }) {
  const { t } = useTranslation();
  return (
    <Popover width={380} position="bottom-end">
      <Popover.Target>
        <ActionIcon data-tip={t('conversation.mailDetails')} size={22} aria-label={t('conversation.mailDetails')}>
          <IconMail size={14} stroke={1.6} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <MailDetails message={message} />
      </Popover.Dropdown>
    </Popover>
  );
}

function SplitOff({ message, item }: { message: Message; item: ItemDetails }) {
  const { t } = useTranslation();
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const { split } = useMessageActions(item.id);
  return (
    <Anchor
      component="button"
      size="xs"
      onClick={() =>
        split.mutate(message.id, {
          onSuccess: ({ number, type }) => {
            say(t('conversation.splitDone', { type: type.name, number }));
            void navigate({ to: '/$workspace/i/$number', params: { workspace, number: String(number) } });
          },
        })
      }
    >
      {t('conversation.splitOff')}
    </Anchor>
  );
}

function MessageMenu({
  message,
  item,
  edit,
  history,
}: {
  message: Message;
  item: ItemDetails;
  edit: () => void;
  history: () => void;
}) {
  const { t } = useTranslation();
  const workspace = useWorkspace();
  const actions = useMessageActions(item.id);
  const mayEdit = message.can.includes('message.edit');
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size={22} aria-label={t('conversation.more')}>
          <IconDots size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconLink size={15} />}
          onClick={() => {
            void navigator.clipboard.writeText(`${location.origin}/${workspace}/i/${item.number}#m-${message.id}`);
            say(t('item.linkCopied'));
          }}
        >
          {t('item.copyLink')}
        </Menu.Item>
        {item.can.includes('item.edit') && message.thread === 'customer' && (
          <Menu.Item leftSection={<IconArrowsSplit size={15} />} onClick={() => actions.split.mutate(message.id)}>
            {t('conversation.splitOff')}
          </Menu.Item>
        )}
        {mayEdit && (
          <>
            <Menu.Item leftSection={<IconHistory size={15} />} onClick={history}>
              {t('conversation.history')}
            </Menu.Item>
            <Menu.Item leftSection={<IconPencil size={15} />} onClick={edit}>
              {t('conversation.edit')}
            </Menu.Item>
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={15} />}
              onClick={() => actions.remove.mutate(message.id)}
            >
              {t('conversation.delete')}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
