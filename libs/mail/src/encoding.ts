import { isUtf8 } from 'node:buffer';
import { type AttachmentCommon } from 'mailparser';

/** Characters that reorder or hide others on screen ("exe.fdp" for "pdf.exe"), and the byte order mark. */
const INVISIBLE = /[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g;
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g;
const FILENAME_CHARACTERS = 200;

/** A body as it may be stored: no control characters but tab and line feed (PostgreSQL refuses NUL), lines end in \n. */
export function plain(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(CONTROLS, '').toWellFormed();
}

/** A header value on one line. */
export function singleLine(value: string | undefined): string {
  return plain(value ?? '')
    .replace(/\s+/g, ' ')
    .trim();
}

/**
 * Decodes encoded words wherever they stand. mailparser does so where RFC 2047 allows them; this is for what it leaves:
 * words with a broken end or an unknown charset, as old mailers put them into file names.
 */
export function decodeWords(value: string): string {
  return value
    .replace(/(\?=)\s+(?==\?)/g, '$1')
    .replace(
      /=\?([\w-]+)(?:\*[\w-]*)?\?([BQ])\?([^?]*)\?=?/gi,
      (word, charset: string, encoding: string, text: string) => {
        const bytes =
          encoding.toUpperCase() === 'B'
            ? Buffer.from(text, 'base64')
            : Buffer.from(
                text
                  .replace(/_/g, ' ')
                  .replace(/=([\dA-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
                'latin1',
              );
        return decodeBytes(bytes, charset) ?? word;
      },
    );
}

/** UTF-8, or Windows-1252 where the bytes are none: nothing is lost to U+FFFD. */
export function utf8(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString() : new TextDecoder('windows-1252').decode(bytes);
}

/** Null if the charset is unknown. */
function decodeBytes(bytes: Buffer, charset: string): string | null {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return null;
  }
}

/** The name of a file as it may be shown, stored and offered for download; a made-up one where the part has none. */
export function attachmentName(part: Pick<AttachmentCommon, 'filename' | 'contentType' | 'headers'>): string {
  return safeFilename(decodeWords(part.filename ?? '')) || defaultName(part);
}

/** The last part of the path, without what reorders, hides or means something to a shell, a header or a file system. */
export function safeFilename(name: string): string {
  const base = singleLine(name).replace(INVISIBLE, '').split(/[/\\]/).at(-1)!;
  const safe = base
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[\s.]+|[\s.]+$/g, '')
    .toWellFormed();
  if (safe.length <= FILENAME_CHARACTERS) return safe;
  const ending = /\.[^.]{1,16}$/.exec(safe)?.[0] ?? '';
  return safe.slice(0, FILENAME_CHARACTERS - ending.length).replace(/[\uD800-\uDBFF]$/, '') + ending;
}

const ENDINGS: Record<string, string> = {
  'message/rfc822': 'eml',
  'text/plain': 'txt',
  'text/html': 'html',
  'text/calendar': 'ics',
  'text/csv': 'csv',
  'image/jpeg': 'jpg',
  'image/svg+xml': 'svg',
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  'application/octet-stream': 'bin',
};

function defaultName({ contentType }: { contentType: string }): string {
  const type = contentType.toLowerCase();
  const subtype = /\/(?:x-)?([a-z\d]+)/.exec(type)?.[1] ?? 'bin';
  const stem = type === 'message/rfc822' ? 'message' : type.startsWith('image/') ? 'image' : 'attachment';
  return `${stem}.${ENDINGS[type] ?? subtype}`;
}
