import { ActionIcon, Popover, TextInput } from '@mantine/core';
import { type User } from '@sportello/api-client';
import {
  IconBlockquote,
  IconBold,
  IconCode,
  IconItalic,
  IconLink,
  IconList,
  IconListNumbers,
  type Icon,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Image } from '@tiptap/extension-image';
import { Mention } from '@tiptap/extension-mention';
import { Placeholder } from '@tiptap/extension-placeholder';
import { EditorContent, useEditor, useEditorState, type Editor as TiptapEditor } from '@tiptap/react';
import { StarterKit } from '@tiptap/starter-kit';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usersQuery } from '../people/people.queries.js';
import { useSentence } from '../shell/States.js';
import { sayFailed } from '../shell/undo.js';
import { upload } from './conversation.queries.js';
import { mentionSuggestion } from './mentionList.js';
import styles from './Editor.module.css';

interface Props {
  html: string;
  onChange: (html: string) => void;
  label: string;
  placeholder: string;
  /** Users can be named by "@": in what only users read. */
  mentions: boolean;
  /** Files that are no images; images go into the text. Without it the text takes neither. */
  onFiles?: (files: File[]) => void;
  autoFocus?: boolean;
  /** Ctrl Enter; without it the form around the editor hears the key. */
  onSend?: () => void;
  /** Buttons after those of the text. */
  children?: ReactNode;
}

/** The text editor: bold to code, links, lists, images by paste and drop, mentions. */
export default function Editor({
  html,
  onChange,
  label,
  placeholder,
  mentions,
  onFiles,
  autoFocus,
  onSend,
  children,
}: Props) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const sentence = useSentence();

  const take = (editor: TiptapEditor, list: FileList | null | undefined): boolean => {
    const files = [...(list ?? [])];
    if (!files.length || !onFiles) return false;
    const images = files.filter(({ type }) => type.startsWith('image/'));
    for (const image of images) {
      upload(image)
        .then(({ id, name }) =>
          editor
            .chain()
            .focus()
            .setImage({ src: `/api/v1/files/${id}`, alt: name })
            .run(),
        )
        .catch((error: unknown) => sayFailed(sentence(error)));
    }
    const others = files.filter((file) => !images.includes(file));
    if (others.length) onFiles(others);
    return true;
  };

  // The editor keeps the handlers of its first moment.
  const latest = useRef(onSend);
  useEffect(() => {
    latest.current = onSend;
  });
  const sendLatest = () => latest.current?.();

  const editor = useEditor({
    content: html,
    autofocus: autoFocus ? 'end' : false,
    extensions: [
      StarterKit.configure({
        heading: { levels: [2, 3] },
        link: { openOnClick: false, autolink: true, defaultProtocol: 'https' },
      }),
      Image,
      Placeholder.configure({ placeholder }),
      ...(mentions
        ? [
            Mention.configure({
              deleteTriggerWithBackspace: true,
              suggestion: mentionSuggestion(
                () => (queryClient.getQueryData<User[]>(usersQuery.queryKey) ?? []).filter(({ active }) => active),
                t('conversation.mention'),
              ),
            }),
          ]
        : []),
    ],
    editorProps: {
      attributes: { role: 'textbox', 'aria-multiline': 'true', 'aria-label': label, class: styles.text as string },
      // Ctrl Enter sends; the editor would make a new line of it.
      handleKeyDown: (_, event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return false;
        sendLatest();
        return true;
      },
    },
    onUpdate: ({ editor: now }) => onChange(now.getHTML()),
  });

  return (
    <div
      className={styles.editor}
      onPasteCapture={(event) => {
        if (take(editor, event.clipboardData.files)) event.preventDefault();
      }}
      onDropCapture={(event) => {
        if (!event.dataTransfer.files.length) return;
        // A file that nobody takes would open in the place of the page.
        event.preventDefault();
        event.stopPropagation();
        take(editor, event.dataTransfer.files);
      }}
      onDragOver={(event) => event.preventDefault()}
    >
      <EditorContent editor={editor} />
      <div className={styles.bar}>
        <Toolbar editor={editor} />
        {children}
      </div>
    </div>
  );
}

function Toolbar({ editor }: { editor: TiptapEditor }) {
  const { t } = useTranslation();
  const active = useEditorState({
    editor,
    selector: ({ editor: now }) => ({
      bold: now.isActive('bold'),
      italic: now.isActive('italic'),
      bulletList: now.isActive('bulletList'),
      orderedList: now.isActive('orderedList'),
      blockquote: now.isActive('blockquote'),
      code: now.isActive('codeBlock'),
      link: now.isActive('link'),
    }),
  });
  const chain = () => editor.chain().focus();
  const buttons: [keyof typeof active, Icon, () => void][] = [
    ['bold', IconBold, () => chain().toggleBold().run()],
    ['italic', IconItalic, () => chain().toggleItalic().run()],
    ['bulletList', IconList, () => chain().toggleBulletList().run()],
    ['orderedList', IconListNumbers, () => chain().toggleOrderedList().run()],
    ['blockquote', IconBlockquote, () => chain().toggleBlockquote().run()],
    ['code', IconCode, () => chain().toggleCodeBlock().run()],
  ];
  return (
    <div className={styles.tools} role="toolbar" aria-label={t('conversation.formatting')}>
      {buttons.map(([name, Mark, run]) => (
        <ActionIcon
          key={name}
          data-tip={t(`conversation.format.${name}` as 'conversation.format.bold')}
          aria-label={t(`conversation.format.${name}` as 'conversation.format.bold')}
          aria-pressed={active[name]}
          variant={active[name] ? 'light' : 'subtle'}
          onMouseDown={(event) => event.preventDefault()}
          onClick={run}
        >
          <Mark size={16} stroke={1.7} />
        </ActionIcon>
      ))}
      <LinkButton editor={editor} active={active.link} />
    </div>
  );
}

function LinkButton({ editor, active }: { editor: TiptapEditor; active: boolean }) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const [address, setAddress] = useState('');
  const open = () => {
    setAddress((editor.getAttributes('link').href as string | undefined) ?? '');
    setOpened(true);
  };
  const apply = () => {
    const chain = editor.chain().focus().extendMarkRange('link');
    const href = address.trim();
    if (href) chain.setLink({ href: /^[a-z]+:/i.test(href) ? href : `https://${href}` }).run();
    else chain.unsetLink().run();
    setOpened(false);
  };
  return (
    <Popover opened={opened} onChange={setOpened} width={300} trapFocus>
      <Popover.Target>
        <ActionIcon
          aria-label={t('conversation.format.link')}
          aria-pressed={active}
          variant={active ? 'light' : 'subtle'}
          onClick={open}
        >
          <IconLink size={16} stroke={1.7} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <TextInput
          label={t('conversation.linkAddress')}
          placeholder="https://"
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            apply();
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
