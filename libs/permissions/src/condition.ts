import { type AccessFacts } from './scope.js';

/**
 * A condition over the access facts of an item, as data: `libs/listing` turns it into SQL, `holds` answers it for one record. One
 * tree with two readers is how lists and records cannot disagree.
 */
export type Condition =
  | { always: boolean }
  | { fact: keyof AccessColumns; in: readonly string[] }
  | { published: true }
  | { every: readonly Condition[] }
  | { some: readonly Condition[] };

/** The facts that conditions compare, each a column or a set of ids of the item's own database. */
export interface AccessColumns {
  projectId: string;
  requesterUserId: string;
  requesterCustomerId: string;
  requesterOrganizationId: string;
  assignedUserId: string;
  assignedTeamId: string;
  followerCustomerId: string;
}

export const always: Condition = { always: true };
export const never: Condition = { always: false };

/** True where a fact is one of the values. No values: never. */
export function isIn(fact: keyof AccessColumns, values: readonly string[]): Condition {
  return values.length ? { fact, in: values } : never;
}

/** All of them, shortened where one decides. */
export function every(...conditions: Condition[]): Condition {
  if (conditions.some(isNever)) return never;
  const rest = conditions.filter((condition) => !isAlways(condition));
  return rest.length === 0 ? always : rest.length === 1 ? (rest[0] as Condition) : { every: rest };
}

/** At least one of them, shortened where one decides. */
export function some(...conditions: Condition[]): Condition {
  if (conditions.some(isAlways)) return always;
  const rest = conditions.filter((condition) => !isNever(condition));
  return rest.length === 0 ? never : rest.length === 1 ? (rest[0] as Condition) : { some: rest };
}

export const isAlways = (condition: Condition): boolean => 'always' in condition && condition.always;
export const isNever = (condition: Condition): boolean => 'always' in condition && !condition.always;

/** The condition's answer for one record. */
export function holds(condition: Condition, facts: AccessFacts): boolean {
  if ('always' in condition) return condition.always;
  if ('published' in condition) return facts.published;
  if ('every' in condition) return condition.every.every((each) => holds(each, facts));
  if ('some' in condition) return condition.some.some((each) => holds(each, facts));
  return valuesOf(condition.fact, facts).some((value) => condition.in.includes(value));
}

function valuesOf(fact: keyof AccessColumns, facts: AccessFacts): string[] {
  const { requester } = facts;
  switch (fact) {
    case 'projectId':
      return [facts.projectId];
    case 'requesterUserId':
      return requester?.kind === 'user' ? [requester.id] : [];
    case 'requesterCustomerId':
      return requester?.kind === 'customer' ? [requester.id] : [];
    case 'requesterOrganizationId':
      return facts.requesterOrganizationId ? [facts.requesterOrganizationId] : [];
    case 'assignedUserId':
      return facts.assignedUserIds;
    case 'assignedTeamId':
      return facts.assignedTeamIds;
    case 'followerCustomerId':
      return facts.followers.filter(({ kind }) => kind === 'customer').map(({ id }) => id);
  }
}
