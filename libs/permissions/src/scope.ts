import { type CustomerActor, type PersonRef, type ProjectRole, type UserActor } from './actor.js';
import { always, every, isIn, never, some, type Condition } from './condition.js';

/** What an access decision about one item looks at. Events carry it before (`was`) and after (`is`) the change. */
export interface AccessFacts {
  projectId: string;
  requester: PersonRef | null;
  requesterOrganizationId: string | null;
  assignedUserIds: string[];
  assignedTeamIds: string[];
  followers: PersonRef[];
  published: boolean;
}

/** What a customer sees besides what they requested: a workspace's setting. */
export const customerSights = ['own', 'followed', 'organization', 'nothing'] as const;
export type CustomerSight = (typeof customerSights)[number];

/** The grants of one actor, from the service's own copy: resolved once a request, inherited roles included. */
export interface Sight {
  /** A user's role on each project where they have one. */
  projects: ReadonlyMap<string, ProjectRole>;
  /** Projects that a customer, or their organization, follows. */
  followedProjects: readonly string[];
  customerSight: CustomerSight;
}

/** The grants of somebody who has none. */
export const noSight: Sight = { projects: new Map(), followedProjects: [], customerSight: 'own' };

/** How far a permission reaches. Each scope is one condition; `where` and `allows` both come from it. */
export type Scope = 'all' | 'project' | 'assigned' | 'own' | 'followed' | 'organization' | 'none';

type Person = UserActor | CustomerActor;

const scopes: Record<Scope, (actor: Person, sight: Sight) => Condition> = {
  none: () => never,
  all: () => always,
  project: () => always,
  own: (actor) => isIn(actor.kind === 'user' ? 'requesterUserId' : 'requesterCustomerId', [actor.id]),
  assigned: (actor, sight) =>
    actor.kind === 'user'
      ? some(scopes.own(actor, sight), isIn('assignedUserId', [actor.id]), isIn('assignedTeamId', actor.teams))
      : never,
  followed: (actor, sight) =>
    actor.kind === 'customer'
      ? every(
          { published: true },
          some(
            scopes.own(actor, sight),
            isIn('followerCustomerId', [actor.id]),
            isIn('projectId', sight.followedProjects),
          ),
        )
      : never,
  organization: (actor, sight) =>
    actor.kind === 'customer'
      ? some(
          scopes.followed(actor, sight),
          every({ published: true }, isIn('requesterOrganizationId', actor.organization ? [actor.organization] : [])),
        )
      : never,
};

/** The condition of a scope for one person. */
export function conditionOf(scope: Scope, actor: Person, sight: Sight): Condition {
  return scopes[scope](actor, sight);
}

/** A customer's scope under the workspace's setting. `own` is narrower than `followed`: the item must still be published. */
export function customerCondition(actor: CustomerActor, sight: Sight): Condition {
  switch (sight.customerSight) {
    case 'nothing':
      return never;
    case 'own':
      return every({ published: true }, conditionOf('own', actor, sight));
    default:
      return conditionOf(sight.customerSight, actor, sight);
  }
}
