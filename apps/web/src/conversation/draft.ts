import { type Person } from '@sportello/api-client';

export type Mode = 'reply' | 'note';

/** A file that waits in the composer: uploaded, not attached to a message yet. */
export interface DraftFile {
  id: string;
  name: string;
  size: number;
  contentType: string;
}

/**
 * What somebody has written and not sent. Reply and note each have a text of their own: nothing written for the team ends up in a mail
 * because a switch was pressed.
 */
export interface Draft {
  html: Record<Mode, string>;
  files: Record<Mode, DraftFile[]>;
  /** Null: as the app proposes. */
  to: string[] | null;
  cc: string[] | null;
  mode: Mode;
  /** The message that was taken back into it last: the editor starts anew from it. */
  restored?: string;
}

export const emptyDraft: Draft = {
  html: { reply: '', note: '' },
  files: { reply: [], note: [] },
  to: null,
  cc: null,
  mode: 'reply',
};

/** Whether HTML has anything a person would see. */
export function isBlank(html: string): boolean {
  if (/<(img|hr|table)\b/i.test(html)) return false;
  return html.replace(/<[^>]*>/g, '').replace(/&nbsp;|\s/g, '') === '';
}

export const hasContent = (draft: Draft, mode: Mode) => !isBlank(draft.html[mode]) || draft.files[mode].length > 0;

/** A draft that holds nothing is not worth keeping. */
export const isEmptyDraft = (draft: Draft) => !hasContent(draft, 'reply') && !hasContent(draft, 'note');

/** After sending: this side is empty, the other one stays as it was. */
export function afterSending(draft: Draft, mode: Mode): Draft {
  return {
    ...draft,
    html: { ...draft.html, [mode]: '' },
    files: { ...draft.files, [mode]: [] },
    ...(mode === 'reply' && { to: null, cc: null }),
  };
}

/** "Send to Ola + 1": the first one's short name, and how many more. */
export function addressees(
  to: readonly string[],
  cc: readonly string[],
  people: readonly Person[],
): { first: string; more: number } {
  const all = [...to, ...cc];
  const [address = ''] = all;
  const name = people.find(({ email }) => email?.toLowerCase() === address.toLowerCase())?.name.trim();
  return { first: name ? (name.split(/\s+/)[0] as string) : address, more: Math.max(0, all.length - 1) };
}

/** Addresses out of pasted text: commas, semicolons, spaces, `Name <address>`. */
export function addressesIn(text: string): string[] {
  return [...new Set(text.match(/[^\s<>,;"]+@[^\s<>,;"]+\.[^\s<>,;"]+/g) ?? [])];
}

/** Ids of our files that a text shows as images: they belong to the message like any attachment. */
export function imagesIn(html: string): string[] {
  return [
    ...new Set([...html.matchAll(/<img[^>]*\bsrc="\/api\/v1\/files\/([0-9a-f-]{36})"/g)].map(([, id]) => id as string)),
  ];
}

/** Ids of the users that a text mentions, in order, each once. */
export function mentionsIn(html: string): string[] {
  const ids = [...html.matchAll(/<[^>]*data-type="mention"[^>]*>/g)].flatMap(
    ([tag]) => /data-id="([0-9a-f-]{36})"/.exec(tag)?.[1] ?? [],
  );
  return [...new Set(ids)];
}
