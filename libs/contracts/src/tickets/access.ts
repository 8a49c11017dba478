import { Choice, Id, Json, Nested, Nothing, Text } from '@sportello/kernel';
import { customerSights, projectRoles, type CustomerSight, type ProjectRole } from '@sportello/permissions';
import { defineOperation } from '../define.js';
import { ById } from '../shared.js';
import { itemNotFound } from './item.js';

/** An actor's role on one project. */
export class ProjectGrant {
  @Id() projectId!: string;
  @Choice(projectRoles) role!: ProjectRole;
}

/** An actor's grants: what the gateway filters live updates by. */
export class SightFacts {
  @Nested(() => ProjectGrant, { many: 10_000 }) projects!: ProjectGrant[];
  @Id({ many: 10_000 }) followedProjects!: string[];
  @Choice(customerSights) customerSight!: CustomerSight;
}

export const getSight = defineOperation({
  id: 'tickets.access.sight',
  http: null,
  permission: 'self.manage',
  callers: ['gateway'],
  readOnly: true,
  input: Nothing,
  output: SightFacts,
  summary: 'The grants of whoever asks',
});

/** Who looks at an item, and who may know. */
export class Watched {
  @Text({ max: 200, description: "The asker's name" }) name!: string;
  @Json({ description: "The item's access facts" }) facts!: object;
}

export const watchItem = defineOperation({
  id: 'tickets.access.watch',
  http: null,
  permission: 'item.view',
  callers: ['gateway'],
  readOnly: true,
  input: ById,
  output: Watched,
  errors: [itemNotFound],
  summary: 'What the gateway needs to show that somebody looks at an item',
});
