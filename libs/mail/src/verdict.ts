import { sameAddress } from './addresses.js';
import { type MailKind } from './automatic.js';
import { type Reason } from './mail.js';

/** A thread of an item; an internal thread without id is the item's first. */
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
  /** Whether this message key came to this workspace before, and if so with the same content. Outlives the item. */
  seen: 'no' | 'same' | 'other content';
  authenticationFailed: boolean;
  /** A user has looked at it in quarantine and let it in. */
  released: boolean;
  /** Null: no address can be made out. */
  sender: { address: string; kind: 'user' | 'customer' | 'unknown'; organizationId: string | null } | null;
  /** Reply tokens of the mail that are known, each with the address it was made for. */
  tokens: { itemId: string; thread: ThreadRef; issuedTo: string }[];
  /** Ids that the mail names and that are known, nearest first. `ours`: we made the id, so 128 random bits vouch for it. */
  references: { itemId: string; thread: ThreadRef; ours: boolean }[];
  /** The item that the `[#number]` tag names. */
  numbered: string | null;
  /** The items that tokens, references and the number name. */
  items: ItemFacts[];
  now: Date;
}

/** `new here`: the sender is no participant and gains no access and no copies until a user confirms. */
export type Mark = 'new here' | 'unverified' | 'same id, other content';

/** What becomes of a mail, and why. */
export type Verdict = { reason: Reason } & (
  | { action: 'append'; itemId: string; thread: ThreadRef; marks: Mark[]; reopen: boolean }
  /** `continues`: the item was finished too long ago to be reopened. `maybe the same`: a suggestion to a user, no more. */
  | { action: 'create'; related: { itemId: string; relation: 'continues' | 'maybe the same' } | null; marks: Mark[] }
  | { action: 'nothing' }
  /** For the service that sent the mail which came back. */
  | { action: 'bounce' }
  | { action: 'quarantine' }
);

/** Decides where a mail belongs. */
export function decide(facts: VerdictFacts): Verdict {
  return sorted(facts) ?? bySecret(facts) ?? refused(facts) ?? byAcquaintance(facts) ?? create(facts);
}

/** What is no new mail of a person goes no further. */
function sorted({ seen, kind, sender }: VerdictFacts): Verdict | null {
  if (seen === 'same') return nothing('duplicate', 'The same mail arrived before.');
  if (kind === 'bounce')
    return { action: 'bounce', ...because('bounce', 'It says that a mail could not be delivered.') };
  if (kind === 'own-loop') return nothing('own_mail', 'It is a mail of this workspace that came back.');
  if (kind === 'auto-reply') return nothing('auto_reply', 'It is an automatic answer.');
  if (kind === 'report') return nothing('report', 'It is an automatic report.');
  if (!sender) return { action: 'quarantine', ...because('no_sender', 'It names no sender that could be answered.') };
  return null;
}

/** A token or an id of ours: 128 random bits that only those know who were sent them. */
function bySecret(facts: VerdictFacts): Verdict | null {
  for (const token of facts.tokens) {
    const item = itemOf(facts, token.itemId);
    // An agent's words reach customers only by the agent's own token: a customer may know another, and a sender can be forged.
    const mayPublish = !isUser(facts) || (sameAddress(token.issuedTo, facts.sender!.address) && !isUnverified(facts));
    if (item)
      return reply(
        facts,
        item,
        mayPublish ? token.thread : internal(token.thread),
        because('token', 'It was sent to the reply address of this conversation.'),
      );
  }
  for (const reference of facts.references.filter(({ ours }) => ours)) {
    const item = itemOf(facts, reference.itemId);
    const thread = isUser(facts) ? internal(reference.thread) : reference.thread;
    if (item) return reply(facts, item, thread, because('our_id', 'It answers a mail that was sent from here.'));
  }
  return null;
}

function refused(facts: VerdictFacts): Verdict | null {
  if (!isUnverified(facts)) return null;
  return {
    action: 'quarantine',
    ...because('unverified', "The sender could not be verified, and the sender's domain asks to refuse such mail."),
  };
}

/** Ids and numbers that others can know or guess count only from those who belong to the conversation. */
function byAcquaintance(facts: VerdictFacts): Verdict | null {
  for (const { itemId, thread } of facts.references) {
    const item = itemOf(facts, itemId);
    if (item && isKnown(facts, item)) {
      return reply(
        facts,
        item,
        isUser(facts) ? internal(thread) : thread,
        because('known_id', 'It answers a mail of this conversation, and the sender takes part in it.'),
      );
    }
  }
  const item = itemOf(facts, facts.numbered);
  if (!item || !isKnown(facts, item)) return null;
  const thread: ThreadRef = isUser(facts) ? { kind: 'internal', id: null } : { kind: 'customer', id: null };
  return reply(
    facts,
    item,
    thread,
    because('number', 'Its subject names the number, and the sender takes part in the conversation.'),
  );
}

/** Appends, unless a customer answers what was finished too long ago. Internal words reopen nothing. */
function reply(facts: VerdictFacts, item: ItemFacts, thread: ThreadRef, why: { reason: Reason }): Verdict {
  const marks = marksOf(facts, item);
  const answersFinished = item.state === 'finished' && thread.kind === 'customer' && !isUser(facts);
  if (!answersFinished) return { action: 'append', itemId: item.id, thread, marks, reopen: false, ...why };
  const graceEnds = (item.finishedAt?.getTime() ?? 0) + item.graceSeconds * 1000;
  if (facts.now.getTime() <= graceEnds)
    return { action: 'append', itemId: item.id, thread, marks, reopen: true, ...why };
  return {
    action: 'create',
    related: { itemId: item.id, relation: 'continues' },
    marks,
    ...because('after_grace', 'It answers what was finished too long ago to be reopened.'),
  };
}

function create(facts: VerdictFacts): Verdict {
  const named =
    facts.references.map(({ itemId }) => itemId).find((id) => itemOf(facts, id)) ?? itemOf(facts, facts.numbered)?.id;
  const marks = contentMark(facts);
  return named === undefined
    ? { action: 'create', related: null, marks, ...because('new', 'It answers nothing that is known here.') }
    : {
        action: 'create',
        related: { itemId: named, relation: 'maybe the same' },
        marks,
        ...because('stranger', 'It names a conversation that the sender does not take part in.'),
      };
}

function marksOf(facts: VerdictFacts, item: ItemFacts): Mark[] {
  const marks: Mark[] = contentMark(facts);
  if (isUnverified(facts)) marks.push('unverified');
  if (!isUser(facts) && !isKnown(facts, item)) marks.push('new here');
  return marks;
}

function contentMark({ seen }: VerdictFacts): Mark[] {
  return seen === 'other content' ? ['same id, other content'] : [];
}

/** A participant of the customer thread, or a colleague of the customer. */
function isKnown({ sender }: VerdictFacts, item: ItemFacts): boolean {
  if (!sender) return false;
  const colleague = sender.organizationId !== null && sender.organizationId === item.organizationId;
  return colleague || item.participants.some((participant) => sameAddress(participant, sender.address));
}

function isUser({ sender }: VerdictFacts): boolean {
  return sender?.kind === 'user';
}

function isUnverified({ authenticationFailed, released }: VerdictFacts): boolean {
  return authenticationFailed && !released;
}

/** Where a user's words go that must not reach a customer. */
function internal(thread: ThreadRef): ThreadRef {
  return thread.kind === 'internal' ? thread : { kind: 'internal', id: null };
}

function itemOf({ items }: VerdictFacts, id: string | null): ItemFacts | undefined {
  return items.find((item) => item.id === id);
}

function nothing(code: string, text: string): Verdict {
  return { action: 'nothing', ...because(code, text) };
}

function because(code: string, text: string): { reason: Reason } {
  return { reason: { code, text } };
}
