import { projectRoles, type Actor, type LinkPurpose, type ProjectRole, type UserFlag } from './actor.js';
import { always, every, holds, isIn, isNever, never, some, type Condition } from './condition.js';
import { conditionOf, customerCondition, type AccessFacts, type Scope, type Sight } from './scope.js';

/**
 * One row: who may, and how far. A missing cell denies.
 * - `administrator`, `member`: users by their role in the workspace (permissions that concern no item: `all` or none)
 * - `manager` … `restricted`: members by their role on the item's project
 * - `customer`: `followed` stands for "as the workspace's setting says"
 * - `visitor`: somebody who has not signed in
 * - `link`: whoever followed a link of a mail that was made for this; about the one item that it names
 */
interface Row {
  administrator?: Scope;
  member?: Scope;
  manager?: Scope;
  lead?: Scope;
  standard?: Scope;
  restricted?: Scope;
  customer?: Scope;
  visitor?: Scope;
  link?: LinkPurpose;
  /** A member also needs this flag. */
  flag?: UserFlag;
}

const everyUser: Row = { administrator: 'all', member: 'all' };
const administrators: Row = { administrator: 'all' };
const everyProjectRole: Row = {
  administrator: 'all',
  manager: 'project',
  lead: 'project',
  standard: 'project',
  restricted: 'project',
};
const editors: Row = { administrator: 'all', manager: 'project', lead: 'project', standard: 'assigned' };

/** The policy: every permission of the product, in one table. */
export const policy = {
  /** Sign-in, sign-up, invitations, resets: they prove themselves by what they carry. */
  anyone: { ...everyUser, customer: 'all', visitor: 'all' },
  /** One's own account, sessions, preferences, notifications. */
  'self.manage': { ...everyUser, customer: 'all' },
  /** Jobs that one asked for: watching, cancelling, taking back. What a job does is a permission of its own. */
  'job.own': everyUser,
  'token.manage': everyUser,
  'workspace.view': { ...everyUser, customer: 'all' },
  'workspace.manage': administrators,
  'user.view': everyUser,
  'user.manage': administrators,
  'customer.view': everyUser,
  'customer.edit': everyUser,
  'customer.erase': administrators,
  'type.view': { ...everyUser, customer: 'all' },
  'type.manage': administrators,
  'view.manage': everyUser,
  'mail.manage': administrators,
  'file.upload': { ...everyUser, customer: 'all' },
  'item.view': { ...everyProjectRole, customer: 'followed' },
  'item.create': { ...everyUser, customer: 'all' },
  'item.edit': editors,
  'item.publish': { ...editors, flag: 'publish' },
  'item.delete': { administrator: 'all', manager: 'project', lead: 'project' },
  'item.follow': everyProjectRole,
  'message.note': everyProjectRole,
  'message.reply': { ...everyProjectRole, customer: 'followed', flag: 'reply' },
  'message.edit': { ...everyProjectRole, flag: 'edit-messages' },
  /** No more mail about one item, for whom the mail was for. */
  'mail.stop': { link: 'stop-mails' },
  /** Operations that only services call; they are let in by `callers`, not by a cell. */
  'service.only': {},
} as const satisfies Record<string, Row>;

export type Permission = keyof typeof policy;

/** Every permission's name, for contracts and token scopes. */
export const permissionNames = Object.keys(policy) as Permission[];

/**
 * How far an actor's permission reaches over items: a condition for lists (`libs/listing` makes it SQL) and records (`holds`).
 * A service asks its own questions; what it may was settled by `callers`.
 */
export function where(actor: Actor, permission: Permission, sight: Sight): Condition {
  const row: Row = policy[permission];
  if (actor.kind === 'service') return always;
  if (actor.kind === 'visitor') return row.visitor === 'all' ? always : never;
  // A link reaches no list and no record but through the operation that it is for.
  if (actor.kind === 'link') return never;
  if (actor.kind === 'customer') {
    if (!row.customer) return never;
    return row.customer === 'followed' ? customerCondition(actor, sight) : conditionOf(row.customer, actor, sight);
  }
  if (actor.scopes && !actor.scopes.includes(permission)) return never;
  if (actor.role === 'administrator') return row.administrator ? conditionOf(row.administrator, actor, sight) : never;
  if (row.flag && !actor.flags.includes(row.flag)) return never;
  if (row.member) return conditionOf(row.member, actor, sight);
  return some(
    ...byProjectRole(row, sight).map(([scope, projects]) =>
      every(isIn('projectId', projects), conditionOf(scope, actor, sight)),
    ),
  );
}

/** Roles that share a scope share one list of projects, so that the usual case is one array and not an OR. */
function byProjectRole(row: Row, sight: Sight): [Scope, string[]][] {
  const reach = new Map<Scope, string[]>();
  for (const [project, role] of sight.projects) {
    const scope = row[role];
    if (scope) reach.set(scope, [...(reach.get(scope) ?? []), project]);
  }
  return [...reach];
}

/** May the actor do this to one record? */
export function allows(actor: Actor, permission: Permission, sight: Sight, facts: AccessFacts): boolean {
  return holds(where(actor, permission, sight), facts);
}

/** May the actor do this at all, to some record or to none in particular? The guard of every operation asks it first. */
export function mayEver(actor: Actor, permission: Permission): boolean {
  const row: Row = policy[permission];
  if (actor.kind === 'service') return true;
  if (actor.kind === 'link') return row.link === actor.purpose;
  if (actor.kind === 'visitor' || actor.kind === 'customer') return row[actor.kind] !== undefined;
  if (actor.scopes && !actor.scopes.includes(permission)) return false;
  if (actor.role === 'administrator') return row.administrator !== undefined;
  if (row.flag && !actor.flags.includes(row.flag)) return false;
  return row.member !== undefined || projectRoles.some((role) => row[role] !== undefined);
}

/** The permissions an actor has that concern no record: `GET /me` carries them. */
export function abilities(actor: Actor): Permission[] {
  return permissionNames.filter((permission) => permission !== 'service.only' && mayEver(actor, permission));
}

/** Which of these an actor may do to one record: every answer that carries a record carries it as `can`. */
export function can(actor: Actor, permissions: readonly Permission[], sight: Sight, facts: AccessFacts): Permission[] {
  return permissions.filter((permission) => allows(actor, permission, sight, facts));
}

/** The best of several roles on one project. */
export function bestRole(roles: readonly ProjectRole[]): ProjectRole | null {
  return projectRoles.find((role) => roles.includes(role)) ?? null;
}

/** True when nothing can pass: a list may answer without asking the database. */
export const seesNothing = (condition: Condition): boolean => isNever(condition);
