import { type AccessFacts, allows, type Actor, type Sight } from '@sportello/permissions';
import { type EventEnvelope } from '@sportello/messaging';

/** What one open browser gets of one event. */
export type Seen = 'nothing' | 'change' | 'gone';

/** Events of one person's own: nobody else gets them. */
const personal = new Set(['notifications.notification.added']);
/** Events without access facts that every user of the workspace may know of. */
const common = new Set([
  'identity.workspace.changed',
  'identity.user.changed',
  'identity.team.changed',
  'identity.customer.changed',
  'identity.organization.changed',
  'tickets.type.changed',
]);

/**
 * Who gets an event, deny by default. Whoever passes the facts after the change gets it; whoever passes only those before gets `gone`; nothing
 * internal reaches a customer.
 */
export function audienceOf(
  event: EventEnvelope<Record<string, unknown>, AccessFacts>,
  actor: Actor,
  sight: Sight,
): Seen {
  if (event.workspace !== actor.workspace) return 'nothing';
  const { was, is, customer } = event.data;
  if (actor.kind === 'customer' && customer === null) return 'nothing';
  if (personal.has(event.type))
    return actor.kind === 'user' && event.data.after.userId === actor.id ? 'change' : 'nothing';
  if (is === null && was === null) return actor.kind === 'user' && common.has(event.type) ? 'change' : 'nothing';
  if (is && allows(actor, 'item.view', sight, is)) return event.type === 'tickets.item.deleted' ? 'gone' : 'change';
  return was && allows(actor, 'item.view', sight, was) ? 'gone' : 'nothing';
}

/** Whether an event changes what this actor may see: their cached grants are dropped before any later event is looked at. */
export function changesAccessOf(event: EventEnvelope<Record<string, unknown>, AccessFacts>, actor: Actor): boolean {
  if (event.workspace !== actor.workspace || (actor.kind !== 'user' && actor.kind !== 'customer')) return false;
  if (event.type === 'identity.user.changed' || event.type === 'identity.customer.changed')
    return event.subject === actor.id;
  return event.type === 'identity.team.changed' || event.type === 'identity.workspace.changed';
}
