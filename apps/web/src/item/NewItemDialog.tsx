import '../shell/moreStyles.js';

import { Button, Group, SegmentedControl, Select, Stack, TextInput, UnstyledButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { createCustomer, createItem, type Attachment, type Person } from '@sportello/api-client';
import { IconLock, IconPlus, IconX } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../shell/Dialog.js';
import { Attachments } from '../conversation/Attachments.js';
import { upload } from '../conversation/conversation.queries.js';
import { imagesIn, isBlank } from '../conversation/draft.js';
import { customersQuery } from '../people/people.queries.js';
import { Picker } from '../shell/Picker.js';
import { useMe, useWorkspace } from '../shell/session.js';
import { Loading, useSentence } from '../shell/States.js';
import { sayFailed } from '../shell/undo.js';
import { listsKey } from './item.cache.js';
import { useTypes } from './item.queries.js';
import { Assignees, Face, PriorityMark } from './marks.js';
import { useAssigneeOptions } from './useAssigneeOptions.js';
import styles from './NewItemDialog.module.css';

const Editor = lazy(() => import('../conversation/Editor.js'));

type Requester = Pick<Person, 'kind' | 'id' | 'name'>;

/** A new record, for a customer or for oneself. The dialog keeps what was typed until it is created or thrown away. */
export default function NewItemDialog({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation();
  const types = useTypes().filter(({ hidden }) => !hidden);
  const [type, setType] = useState('ticket');
  const chosen = types.find(({ key }) => key === type) ?? types[0];
  return (
    <Dialog
      opened={opened}
      onClose={close}
      size={720}
      title={t('item.newTitle', { type: (chosen?.name ?? '').toLowerCase() })}
    >
      <NewItemForm
        close={close}
        type={chosen?.key ?? 'ticket'}
        types={types.map(({ key, name }) => ({ value: key, label: name }))}
        setType={setType}
        publishedByDefault={chosen?.publishedByDefault ?? true}
      />
    </Dialog>
  );
}

interface FormProps {
  close: () => void;
  type: string;
  types: { value: string; label: string }[];
  setType: (type: string) => void;
  publishedByDefault: boolean;
}

function NewItemForm({ close, type, types, setType, publishedByDefault }: FormProps) {
  const { t } = useTranslation();
  const me = useMe();
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const sentence = useSentence();
  const { options: people, decode } = useAssigneeOptions();
  const [title, setTitle] = useState('');
  const [html, setHtml] = useState('');
  const [thread, setThread] = useState<'customer' | 'internal'>('customer');
  const [requester, setRequester] = useState<Requester | null>(null);
  const [priority, setPriority] = useState(2);
  const [assignees, setAssignees] = useState<string[]>([]);
  const [files, setFiles] = useState<Attachment[]>([]);
  const [tried, setTried] = useState(false);

  // What somebody notes for themselves is for the team; only a customer can be written to.
  const internal = thread === 'internal' || requester?.kind !== 'customer';

  const create = useMutation({
    mutationFn: async () =>
      (
        await createItem({
          body: {
            title: title.trim(),
            type,
            priority,
            requester: requester ? { kind: requester.kind, id: requester.id } : { kind: 'user', id: me.id },
            assignees: assignees.map(decode).map(({ kind, id }) => ({ kind, id })),
            ...(requester?.kind === 'customer' && { published: publishedByDefault || thread === 'customer' }),
            ...(!isBlank(html) && { html, thread: internal ? 'internal' : 'customer' }),
            attachments: [...files.map(({ id }) => id), ...imagesIn(html)],
          },
          throwOnError: true,
        })
      ).data,
    onSuccess: ({ number }) => {
      void queryClient.invalidateQueries({ queryKey: listsKey });
      void queryClient.invalidateQueries({ queryKey: ['views'] });
      close();
      void navigate({ to: '/$workspace/i/$number', params: { workspace, number: String(number) } });
    },
    onError: (error) => sayFailed(sentence(error)),
  });

  const submit = () => {
    setTried(true);
    if (title.trim()) create.mutate();
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
      }}
    >
      <Stack gap="sm">
        <Group gap="xs">
          {types.length > 1 && (
            <Select
              data={types}
              value={type}
              onChange={(value) => value && setType(value)}
              aria-label={t('item.fields.type')}
              w={140}
              size="xs"
            />
          )}
          <RequesterPicker requester={requester} set={setRequester} />
        </Group>
        <TextInput
          label={t('item.fields.title')}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          error={tried && !title.trim() ? t('item.titleNeeded') : null}
          maxLength={1000}
          data-autofocus
        />
        {requester?.kind === 'customer' && (
          <SegmentedControl
            size="xs"
            value={thread}
            onChange={(value) => setThread(value as typeof thread)}
            data={[
              { value: 'customer', label: t('item.firstToCustomer', { name: requester.name }) },
              { value: 'internal', label: t('conversation.note') },
            ]}
          />
        )}
        <div className={styles.editor} data-note={internal || undefined}>
          {internal && (
            <p className={styles.internal}>
              <IconLock size={13} aria-hidden /> <strong>{t('conversation.note')}</strong> {t('conversation.onlyTeam')}
            </p>
          )}
          <Suspense fallback={<Loading lines={3} />}>
            <Editor
              html={html}
              onChange={setHtml}
              label={t('item.description')}
              placeholder={t('item.describe')}
              key={String(internal)}
              mentions={internal}
              onFiles={(list) => {
                for (const file of list) {
                  upload(file)
                    .then((attachment) => setFiles((now) => [...now, attachment]))
                    .catch((error: unknown) => sayFailed(sentence(error)));
                }
              }}
            />
          </Suspense>
          <Attachments files={files} remove={(id) => setFiles((now) => now.filter((file) => file.id !== id))} />
        </div>
        <Group gap="xs">
          <Picker
            label={t('item.fields.priority')}
            selected={[String(priority)]}
            options={[5, 4, 3, 2, 1, 0].map((level) => ({
              value: String(level),
              label: t(`item.priorities.${level}` as 'item.priorities.0'),
              icon: <PriorityMark priority={level} />,
            }))}
            onPick={([level]) => setPriority(Number(level))}
          >
            {(toggle) => (
              <UnstyledButton className={styles.property} onClick={toggle}>
                <PriorityMark priority={priority} words />
              </UnstyledButton>
            )}
          </Picker>
          <Picker
            label={t('item.fields.assignees')}
            multiple
            selected={assignees}
            options={people}
            onPick={setAssignees}
          >
            {(toggle) => (
              <UnstyledButton className={styles.property} onClick={toggle}>
                <Assignees of={assignees.map(decode)} words />
              </UnstyledButton>
            )}
          </Picker>
          <span className={styles.space} />
          <Button variant="default" onClick={close}>
            {t('shell.cancel')}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {requester?.kind === 'customer' && thread === 'customer' && !isBlank(html)
              ? t('item.createAndSend')
              : t('item.create')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Finds a customer by name or address, or makes one of what was typed. */
function RequesterPicker({
  requester,
  set,
}: {
  requester: Requester | null;
  set: (requester: Requester | null) => void;
}) {
  const { t } = useTranslation();
  const me = useMe();
  const sentence = useSentence();
  const [typed, setTyped] = useState('');
  const [text] = useDebouncedValue(typed, 150);
  const found = useInfiniteQuery(customersQuery(text)).data?.pages.flatMap(({ data }) => data) ?? [];

  const make = async (words: string) => {
    const email = /\S+@\S+\.\S+/.exec(words)?.[0].replace(/[<>,;]/g, '') ?? null;
    const name = words.replace(/<?\S+@\S+\.\S+>?/, '').trim() || (email?.split('@')[0] ?? words);
    try {
      const { data } = await createCustomer({ body: { name, email }, throwOnError: true });
      set({ kind: 'customer', id: data.id, name: data.name });
    } catch (error) {
      sayFailed(sentence(error));
    }
  };

  return (
    <Group gap={4}>
      <Picker
        label={t('item.forWhom')}
        width={340}
        selected={requester ? [requester.id] : []}
        options={found.map(({ id, name, email, organization }) => ({
          value: id,
          label: name,
          icon: <Face kind="customer" name={name} />,
          hint: organization?.name ?? email ?? '',
        }))}
        onSearch={setTyped}
        onCreate={(words) => void make(words)}
        onPick={([id]) => {
          const customer = found.find((each) => each.id === id);
          if (customer) set({ kind: 'customer', id: customer.id, name: customer.name });
        }}
      >
        {(toggle) => (
          <UnstyledButton className={styles.property} onClick={toggle}>
            {requester ? (
              <>
                <Face kind="customer" name={requester.name} /> {requester.name}
              </>
            ) : (
              <>
                <IconPlus size={14} aria-hidden /> {t('item.forCustomer')}
              </>
            )}
          </UnstyledButton>
        )}
      </Picker>
      {requester ? (
        <UnstyledButton aria-label={t('item.forMe')} onClick={() => set(null)} className={styles.clear}>
          <IconX size={14} />
        </UnstyledButton>
      ) : (
        <span className={styles.hint}>{t('item.elseFor', { name: me.name })}</span>
      )}
    </Group>
  );
}
