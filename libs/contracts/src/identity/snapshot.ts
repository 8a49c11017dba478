import { defineSnapshot, type ServiceName } from '@sportello/kernel';
import { customerChanged, organizationChanged } from './customer.js';
import { teamChanged } from './team.js';
import { userChanged } from './user.js';
import { workspaceCreated } from './workspace.js';

/** Who keeps copies of identity's facts. */
const callers: readonly ServiceName[] = ['tickets', 'notifications'];

export const snapshotWorkspaces = defineSnapshot(workspaceCreated, {
  id: 'identity.workspaces.snapshot',
  callers,
  acrossWorkspaces: true,
  summary: 'All workspaces as they are now: the first thing that a new copy asks',
});
export const snapshotUsers = defineSnapshot(userChanged, {
  id: 'identity.users.snapshot',
  callers,
  summary: 'All users of a workspace as they are now',
});
export const snapshotCustomers = defineSnapshot(customerChanged, {
  id: 'identity.customers.snapshot',
  callers,
  summary: 'All customers of a workspace as they are now',
});
export const snapshotTeams = defineSnapshot(teamChanged, {
  id: 'identity.teams.snapshot',
  callers,
  summary: 'All teams of a workspace as they are now, removed ones too',
});
export const snapshotOrganizations = defineSnapshot(organizationChanged, {
  id: 'identity.organizations.snapshot',
  callers,
  summary: 'All organizations of a workspace as they are now',
});
