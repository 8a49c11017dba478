import { registry } from '@sportello/contracts';
import { changesAccess } from '@sportello/kernel';
import { type EventEnvelope } from '@sportello/messaging';
import { type AccessFacts, allows, type Actor, type Sight } from '@sportello/permissions';

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

/** Whether an event changes what somebody may see. */
export function isAccessChange(event: EventEnvelope): boolean {
  const definition = registry.events.get(event.type);
  return definition !== undefined && changesAccess(definition, event.data.changed);
}

/** Whether it changes what this actor may see: their cached grants are dropped before any later event is looked at. */
export function changesAccessOf(event: EventEnvelope, actor: Actor): boolean {
  if (event.workspace !== actor.workspace || !isAccessChange(event)) return false;
  if (actor.kind !== 'user' && actor.kind !== 'customer') return false;
  const { teams, organization } = { teams: [] as readonly string[], organization: null, ...actor };
  return [actor.id, actor.workspace, organization, ...teams].includes(event.subject);
}
