import { Button, Group } from '@mantine/core';
import { type Message } from '@sportello/api-client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isBlank } from './draft.js';
import Editor from './Editor.js';

/** Changes the wording of a message in its place. */
export default function MessageEditor({
  message,
  save,
  saving,
  cancel,
}: {
  message: Message;
  save: (html: string) => void;
  saving: boolean;
  cancel: () => void;
}) {
  const { t } = useTranslation();
  const [html, setHtml] = useState(message.html);
  return (
    <>
      <Editor
        html={html}
        onChange={setHtml}
        label={t('conversation.edit')}
        placeholder=""
        mentions={message.thread === 'internal'}
        autoFocus
      />
      <Group gap="xs" mt="xs">
        <Button onClick={() => save(html)} loading={saving} disabled={isBlank(html)}>
          {t('shell.save')}
        </Button>
        <Button variant="default" onClick={cancel}>
          {t('shell.cancel')}
        </Button>
      </Group>
    </>
  );
}
