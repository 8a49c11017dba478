import '../shell/moreStyles.js';

import { ActionIcon, Menu, Tabs, Textarea } from '@mantine/core';
import { type ItemDetails } from '@sportello/api-client';
import {
  IconArrowsDiagonal,
  IconBell,
  IconBellFilled,
  IconChevronDown,
  IconChevronUp,
  IconDots,
  IconEye,
  IconEyeOff,
  IconLink,
  IconMailOpened,
  IconTrash,
  IconUserPlus,
  IconX,
} from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Composer } from '../conversation/Composer.js';
import { Conversation } from '../conversation/Conversation.js';
import { usePresence } from '../conversation/presence.js';
import { Keys } from '../shell/Caps.js';
import { useCommand } from '../shell/commands.js';
import { usePhone } from '../shell/Frame.js';
import { type Command } from '../shell/keys.js';
import { problemOf } from '../shell/problem.js';
import { useMe, useWorkspace } from '../shell/session.js';
import { Empty, Failed, Loading } from '../shell/States.js';
import { say } from '../shell/undo.js';
import { ActivityTab } from './ActivityTab.js';
import { DetailsTab } from './DetailsTab.js';
import { knownItem } from './item.cache.js';
import { itemQuery, useChangeItem, useDeleteItem, useFollow, useMarkSeen } from './item.queries.js';
import { Looking, Typing } from './Looking.js';
import { TypeMark } from './marks.js';
import { Properties } from './Properties.js';
import { useAssignMe } from './useAssignMe.js';
import { useFinish } from './useFinish.js';
import styles from './ItemPanel.module.css';

interface Props {
  /** Number or id. */
  reference: string;
  close: () => void;
  onFinished: () => void;
  step?: (by: 1 | -1) => void;
  full?: boolean;
}

/** One record: header, properties, conversation. What a list knew of it is shown while the rest loads. */
export function ItemPanel({ reference, ...rest }: Props) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const { data, error, refetch, isPlaceholderData } = useQuery({
    ...itemQuery(reference),
    placeholderData: () => {
      const known = knownItem(queryClient, reference);
      return known && { ...known, ...unknown };
    },
  });
  if (data) return <Panel item={data} partial={isPlaceholderData} {...rest} />;
  if (!error) return <Loading lines={6} />;
  return problemOf(error).status === 404 ? (
    <Empty alone={rest.full ?? false}>{t('item.notFound')}</Empty>
  ) : (
    <Failed error={error} retry={() => void refetch()} />
  );
}

/** What only the record's own answer tells. */
const unknown = {
  followers: [],
  links: [],
  following: false,
  seenMessageId: null,
  defaultRecipients: { to: [], cc: [] },
};

interface PanelProps extends Omit<Props, 'reference'> {
  item: ItemDetails;
  /** Only what a list knew, so far. */
  partial: boolean;
}

function Panel({ item, partial, close, onFinished, step, full = false }: PanelProps) {
  const { t } = useTranslation();
  const me = useMe();
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const [tab, setTab] = useState<string | null>('conversation');
  const [typing, setTyping] = useState(false);
  const others = usePresence(item.id, me.id, typing);
  const phone = usePhone();
  const finish = useFinish();
  const mayEdit = item.can.includes('item.edit');
  const done = () => {
    if (finish(item)) onFinished();
  };
  const toggleFull = () =>
    full
      ? history.back()
      : void navigate({ to: '/$workspace/i/$number', params: { workspace, number: String(item.number) } });
  useCommand('finish', done, mayEdit);
  useCommand('full', toggleFull);

  return (
    <section className={styles.panel} aria-label={`${item.type.name} ${item.number}`} data-full={full || undefined}>
      <header className={styles.head}>
        <div className={styles.top}>
          <TypeMark type={item.type} />
          <span className={styles.number}>{item.number}</span>
          {!item.published && (
            <span data-tip={t('item.unpublishedHint')} className={styles.internal}>
              <IconEyeOff size={13} aria-hidden /> {t('item.unpublished')}
            </span>
          )}
          <span className={styles.space} />
          <Looking others={others} />
          {step && (
            <>
              <IconButton
                name={t('item.previous')}
                command="previous"
                icon={<IconChevronUp size={16} />}
                onClick={() => step(-1)}
              />
              <IconButton
                name={t('item.next')}
                command="next"
                icon={<IconChevronDown size={16} />}
                onClick={() => step(1)}
              />
            </>
          )}
          <CopyLink item={item} />
          <FollowButton item={item} />
          <MoreMenu item={item} />
          {!full && !phone && (
            <IconButton
              name={t('item.fullPage')}
              command="full"
              icon={<IconArrowsDiagonal size={16} />}
              onClick={toggleFull}
            />
          )}
          <IconButton name={t('shell.close')} command="close" icon={<IconX size={16} />} onClick={close} />
        </div>
        <Title key={item.title} item={item} first={full || phone} />
        <Properties item={item} onFinished={onFinished} />
      </header>
      <Tabs value={tab} onChange={setTab} className={styles.tabs} keepMounted={false}>
        <Tabs.List className={styles.tabList}>
          <Tabs.Tab value="conversation">{t('item.tabs.conversation')}</Tabs.Tab>
          <Tabs.Tab value="details">{t('item.tabs.details')}</Tabs.Tab>
          <Tabs.Tab value="activity">{t('item.tabs.activity')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="conversation" className={styles.tab}>
          {partial ? <Loading lines={6} /> : <Conversation item={item} myId={me.id} />}
          <Typing others={others} />
          {!partial && <Composer key={item.id} item={item} myId={me.id} onTyping={setTyping} onFinished={onFinished} />}
        </Tabs.Panel>
        <Tabs.Panel value="details" className={styles.tab}>
          {partial ? <Loading lines={6} /> : <DetailsTab item={item} />}
        </Tabs.Panel>
        <Tabs.Panel value="activity" className={styles.tab}>
          <ActivityTab item={item} />
        </Tabs.Panel>
      </Tabs>
    </section>
  );
}

function IconButton({
  name,
  command,
  icon,
  onClick,
}: {
  name: string;
  command: Command;
  icon: ReactNode;
  onClick: () => void;
}) {
  return (
    <ActionIcon data-tip={name} data-keys={command} aria-label={name} onClick={onClick}>
      {icon}
    </ActionIcon>
  );
}

/** The first heading of a page, where nothing stands above it. */
function Title({ item, first }: { item: ItemDetails; first: boolean }) {
  const Heading = first ? 'h1' : 'h2';
  const { t } = useTranslation();
  const change = useChangeItem();
  const [title, setTitle] = useState(item.title);
  const save = () => {
    const next = title.trim();
    if (!next) setTitle(item.title);
    else if (next !== item.title) change(item, { title: next }, { title: next });
  };
  if (!item.can.includes('item.edit')) return <Heading className={styles.title}>{item.title}</Heading>;
  return (
    <Heading className={styles.title}>
      <Textarea
        variant="unstyled"
        autosize
        minRows={1}
        maxRows={4}
        aria-label={t('item.fields.title')}
        value={title}
        maxLength={1000}
        onChange={(event) => setTitle(event.currentTarget.value.replace(/\n/g, ' '))}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.currentTarget.blur();
          if (event.key === 'Escape') setTitle(item.title);
        }}
        classNames={{ input: styles.titleInput }}
      />
    </Heading>
  );
}

function CopyLink({ item }: { item: ItemDetails }) {
  const { t } = useTranslation();
  const workspace = useWorkspace();
  return (
    <ActionIcon
      data-tip={t('item.copyLink')}
      aria-label={t('item.copyLink')}
      onClick={() => {
        void navigator.clipboard.writeText(`${location.origin}/${workspace}/i/${item.number}`);
        say(t('item.linkCopied'));
      }}
    >
      <IconLink size={16} />
    </ActionIcon>
  );
}

function FollowButton({ item }: { item: ItemDetails }) {
  const { t } = useTranslation();
  const follow = useFollow(item);
  if (!item.can.includes('item.follow')) return null;
  const name = t(item.following ? 'item.unfollow' : 'item.follow');
  return (
    <ActionIcon
      data-tip={name}
      aria-label={name}
      aria-pressed={item.following}
      onClick={() => follow.mutate(!item.following)}
      color={item.following ? 'accent' : 'gray'}
    >
      {item.following ? <IconBellFilled size={16} /> : <IconBell size={16} />}
    </ActionIcon>
  );
}

function MoreMenu({ item }: { item: ItemDetails }) {
  const { t } = useTranslation();
  const change = useChangeItem();
  const seen = useMarkSeen();
  const remove = useDeleteItem();
  const assignMe = useAssignMe()(item);
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t('item.more')}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {assignMe && (
          <Menu.Item leftSection={<IconUserPlus size={15} />} rightSection={<Keys of="assignMe" />} onClick={assignMe}>
            {t('item.assignMe')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconMailOpened size={15} />} onClick={() => seen({ item, messageId: null })}>
          {t('item.markUnread')}
        </Menu.Item>
        {item.can.includes('item.publish') && (
          <Menu.Item
            leftSection={item.published ? <IconEyeOff size={15} /> : <IconEye size={15} />}
            onClick={() =>
              change(
                item,
                { published: !item.published },
                { published: !item.published },
                t(item.published ? 'item.unpublishedNow' : 'item.publishedNow'),
              )
            }
          >
            {t(item.published ? 'item.unpublish' : 'item.publish')}
          </Menu.Item>
        )}
        {item.can.includes('item.delete') && (
          <>
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={() => void remove(item)}>
              {t('item.delete')}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
