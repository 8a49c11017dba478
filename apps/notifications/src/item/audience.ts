import { type MailboxDto, type MessageFacts } from '@sportello/contracts';
import { normaliseAddress, splitTag } from '@sportello/mail';
import { type AccessFacts } from '@sportello/permissions';

/** Somebody outside the team who gets the message by mail. */
export interface Outside {
  address: string;
  name: string;
  /** In To or Cc with the others, or alone in a mail of their own. */
  role: 'listed' | 'alone';
}

/** A customer as this service knows them. */
export interface KnownCustomer {
  id: string;
  name: string;
  email: string | null;
  active: boolean;
}

/** Comparable, and without the token of an address of ours. */
export const plainAddress = (address: string): string => splitTag(normaliseAddress(address)).address;

/**
 * Which addresses outside get a message of the customer thread. Nothing internal ever gets further than the first line (D12).
 * @param customers the requester and the followers, where they are customers
 * @param own addresses of the workspace: never written to
 */
export function outsideAudience(
  message: Pick<MessageFacts, 'thread' | 'author' | 'via' | 'newHere' | 'to' | 'cc'>,
  facts: Pick<AccessFacts, 'requester' | 'followers' | 'published'>,
  customers: readonly KnownCustomer[],
  own: readonly string[],
): Outside[] {
  if (message.thread !== 'customer') return [];
  // Whoever is new here brings nothing to the others until a user has confirmed them.
  if (message.newHere) return [];
  const audience = new Map<string, Outside>();
  const add = (mailbox: MailboxDto, role: Outside['role']) => {
    const address = normaliseAddress(mailbox.address);
    if (own.includes(plainAddress(address)) || audience.has(address)) return;
    audience.set(address, { address, name: mailbox.name, role });
  };
  const written = message.author.kind === 'user' && message.via !== 'mail';
  if (written) for (const mailbox of [...message.to, ...message.cc]) add(mailbox, 'listed');
  // A mail went to everybody whom it names already.
  const had = new Set(
    message.via === 'mail' ? [...message.to, ...message.cc].map((each) => plainAddress(each.address)) : [],
  );
  // In the app the composer says who hears of a reply; a user's mail is addressed to us and names nobody, so it goes to the requester.
  const also = facts.published
    ? [...(written ? [] : [facts.requester]), ...facts.followers].filter((person) => person?.kind === 'customer')
    : [];
  for (const person of also) {
    if (!person || person.id === message.author.id) continue;
    const customer = customers.find(({ id }) => id === person.id);
    if (customer?.email && customer.active && !had.has(normaliseAddress(customer.email)))
      add({ name: customer.name, address: customer.email }, 'alone');
  }
  return [...audience.values()];
}

/** Why each user hears of a message; the first reason counts. Nobody hears of their own. */
export function insideAudience(
  message: Pick<MessageFacts, 'author' | 'mentions'>,
  facts: Pick<AccessFacts, 'assignedUserIds' | 'followers'>,
): Map<string, 'mentioned' | 'followed'> {
  const reasons = new Map<string, 'mentioned' | 'followed'>();
  const following = facts.followers.filter(({ kind }) => kind === 'user').map(({ id }) => id);
  for (const id of message.mentions) reasons.set(id, 'mentioned');
  for (const id of [...facts.assignedUserIds, ...following]) if (!reasons.has(id)) reasons.set(id, 'followed');
  reasons.delete(message.author.id);
  return reasons;
}

/** Who is assigned now and was not before. */
export function newlyAssigned(before: AccessFacts | null, now: AccessFacts): { users: string[]; teams: string[] } {
  return {
    users: now.assignedUserIds.filter((id) => !before?.assignedUserIds.includes(id)),
    teams: now.assignedTeamIds.filter((id) => !before?.assignedTeamIds.includes(id)),
  };
}
