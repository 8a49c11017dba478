import { ActionIcon } from '@mantine/core';
import { type Attachment } from '@sportello/api-client';
import { IconFile, IconFileTypePdf, IconFileZip, IconPhoto, IconTable, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { fileSize } from '../shell/time.js';
import styles from './Attachments.module.css';

const iconOf = (type: string) =>
  type.startsWith('image/')
    ? IconPhoto
    : type.includes('pdf')
      ? IconFileTypePdf
      : /zip|compressed|tar/.test(type)
        ? IconFileZip
        : /sheet|excel|csv/.test(type)
          ? IconTable
          : IconFile;

/** Files, each a link; in the composer each can be taken off again. */
export function Attachments({
  files,
  remove,
}: {
  files: readonly Pick<Attachment, 'id' | 'name' | 'size' | 'contentType'>[];
  remove?: (id: string) => void;
}) {
  const { t, i18n } = useTranslation();
  if (!files.length) return null;
  return (
    <ul className={styles.files} aria-label={t('conversation.files')}>
      {files.map(({ id, name, size, contentType }) => {
        const Mark = iconOf(contentType);
        return (
          <li key={id} className={styles.file}>
            <a href={`/api/v1/files/${id}`} target="_blank" rel="noreferrer">
              {contentType.startsWith('image/') ? (
                <img src={`/api/v1/files/${id}`} alt="" loading="lazy" />
              ) : (
                <Mark size={18} stroke={1.5} aria-hidden />
              )}
              <span>{name}</span>
              <small>{fileSize(size, i18n.language)}</small>
            </a>
            {remove && (
              <ActionIcon size={18} aria-label={t('conversation.removeFile', { name })} onClick={() => remove(id)}>
                <IconX size={12} />
              </ActionIcon>
            )}
          </li>
        );
      })}
    </ul>
  );
}
