import { defineError, defineEvent, Flag, Id, Integer, Nested, Nothing, Text } from '@sportello/kernel';
import { defineOperation } from '../define.js';
import { ById, nameTaken, NamedRef } from '../shared.js';

/** Users who share work. */
export class Team {
  @Id() id!: string;
  @Text({ max: 200 }) name!: string;
  @Flag({ description: 'The team "Everyone": every user is in it, it cannot be removed' }) everyone!: boolean;
  @Nested(() => NamedRef, { many: 1000 }) members!: NamedRef[];
  @Integer() version!: number;
}

export class TeamList {
  @Nested(() => Team, { many: 500 }) data!: Team[];
}

export class CreateTeam {
  @Text({ min: 1, max: 200 }) name!: string;
  @Id({ many: 1000, optional: true }) memberIds?: string[];
}

export class ChangeTeam {
  @Id() id!: string;
  @Text({ min: 1, max: 200, optional: true }) name?: string;
  @Id({ many: 1000, optional: true }) memberIds?: string[];
}

export const everyoneIsFixed = defineError({
  code: 'everyone_is_fixed',
  status: 409,
  message: 'Everybody is in this team: it cannot be removed and its members cannot be chosen.',
});

/** What other services copy of a team. */
export class TeamFacts {
  @Id() id!: string;
  @Text({ max: 200 }) name!: string;
  @Flag() removed!: boolean;
}

export const teamChanged = defineEvent({
  id: 'identity.team.changed',
  payload: TeamFacts,
  access: ['removed'],
  summary: 'A team was made, renamed or removed',
});

export const listTeams = defineOperation({
  id: 'identity.teams.list',
  http: 'GET /teams',
  permission: 'user.view',
  input: Nothing,
  output: TeamList,
  summary: 'Teams and their members',
});
export const createTeam = defineOperation({
  id: 'identity.teams.create',
  http: 'POST /teams',
  permission: 'user.manage',
  input: CreateTeam,
  output: Team,
  status: 201,
  errors: [nameTaken],
  emits: [teamChanged],
  summary: 'Make a team',
});
export const changeTeam = defineOperation({
  id: 'identity.teams.change',
  http: 'PATCH /teams/:id',
  permission: 'user.manage',
  input: ChangeTeam,
  output: Team,
  takesSight: true,
  errors: [nameTaken, everyoneIsFixed],
  emits: [teamChanged],
  summary: 'Rename a team or say who is in it',
});
export const removeTeam = defineOperation({
  id: 'identity.teams.remove',
  http: 'DELETE /teams/:id',
  permission: 'user.manage',
  input: ById,
  output: Nothing,
  takesSight: true,
  errors: [everyoneIsFixed],
  emits: [teamChanged],
  summary: 'Remove a team; what it was assigned stays with the others',
});
