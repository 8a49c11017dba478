import { type MailKind } from './automatic.js';
import { type Reason } from './mail.js';

/** A thread of an item; `id` null is the item's first internal thread. */
export type ThreadRef = { kind: 'customer'; id: null } | { kind: 'internal'; id: string | null };

/** An item that a mail might belong to, as the tables have it now. Deleted items are not among the facts. */
export interface ItemFacts {
  id: string;
  state: 'not started' | 'in progress' | 'finished';
  finishedAt: Date | null;
  /** How long after finishing a reply still reopens it. */
  graceSeconds: number;
  organizationId: string | null;
  /** Every From, To and Cc of its customer thread. */
  participants: string[];
}

/** All that the verdict rests on: plain data, read in the transaction that carries the verdict out. */
export interface VerdictFacts {
  kind: MailKind;
  /** This message key was seen in this workspace before, with the same content or with other content. */
  seen: 'no' | 'same' | 'other content';
  authenticationFailed: boolean;
  /** A user has looked at it in quarantine and let it in. */
  released: boolean;
  /** Null: no address could be made out. */
  sender: { address: string; kind: 'user' | 'customer' | 'unknown'; organizationId: string | null } | null;
  /** Reply tokens of the mail that are known, with the address each was made for. */
  tokens: { itemId: string; thread: ThreadRef; issuedTo: string }[];
  /** Ids the mail names that are known, nearest first; `ours`: we made the id, so 128 random bits vouch for it. */
  references: { itemId: string; ours: boolean; thread: ThreadRef }[];
  /** The item that the `[#number]` tag names. */
  numbered: string | null;
  items: ItemFacts[];
  now: Date;
}

/** `new here`: the sender is no participant and gains nothing until a user confirms. */
export type Mark = 'new here' | 'unverified' | 'same id, other content';

export type Verdict = { reason: Reason } & (
  | { action: 'append'; itemId: string; thread: ThreadRef; marks: Mark[]; reopen: boolean }
  /** `relation`: `continues` a finished item after its grace period; `maybe the same` is a suggestion to a user. */
  | { action: 'create'; related: { itemId: string; relation: 'continues' | 'maybe the same' } | null; marks: Mark[] }
  | { action: 'nothing' }
  | { action: 'bounce' }
  | { action: 'quarantine' }
);
