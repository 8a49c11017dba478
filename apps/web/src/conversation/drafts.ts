import { del, get, set } from 'idb-keyval';
import { useEffect, useSyncExternalStore } from 'react';
import { emptyDraft, isEmptyDraft, type Draft } from './draft.js';

/** What is being written, by record. Kept in the browser, so that a reload or a lost connection loses nothing. */
const drafts = new Map<string, Draft>();
const loading = new Set<string>();
const watchers = new Set<() => void>();
const saving = new Map<string, ReturnType<typeof setTimeout>>();

const stored = (itemId: string) => `draft.${itemId}`;
const tell = () => watchers.forEach((watch) => watch());

async function load(itemId: string): Promise<void> {
  if (loading.has(itemId)) return;
  loading.add(itemId);
  const kept = await get<Draft>(stored(itemId)).catch(() => undefined);
  if (!drafts.has(itemId)) drafts.set(itemId, kept ?? emptyDraft);
  tell();
}

export function writeDraft(itemId: string, change: (draft: Draft) => Draft): void {
  const next = change(drafts.get(itemId) ?? emptyDraft);
  drafts.set(itemId, next);
  tell();
  clearTimeout(saving.get(itemId));
  saving.set(
    itemId,
    setTimeout(() => keep(itemId), 250),
  );
}

function keep(itemId: string): void {
  clearTimeout(saving.get(itemId));
  saving.delete(itemId);
  const draft = drafts.get(itemId) ?? emptyDraft;
  void (isEmptyDraft(draft) ? del(stored(itemId)) : set(stored(itemId), draft));
}

// Whoever reloads while they type loses no letter.
window.addEventListener('pagehide', () => [...saving.keys()].forEach(keep));

/** The draft of a record; undefined until the browser's store has answered. */
export function useDraft(itemId: string): Draft | undefined {
  useEffect(() => void load(itemId), [itemId]);
  return useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => drafts.get(itemId),
  );
}
