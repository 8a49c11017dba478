import { Controller, Inject } from '@nestjs/common';
import {
  snapshotCustomers,
  snapshotOrganizations,
  snapshotTeams,
  snapshotUsers,
  snapshotWorkspaces,
} from '@sportello/contracts';
import { snapshotPageSize, type SnapshotInput } from '@sportello/kernel';
import { type Database } from '@sportello/persistence';
import { DATABASE, Handles, readSnapshot, snapshotPage, stateOf, type Context } from '@sportello/service';
import { Customer } from '../customer/customer.entity.js';
import { Organization } from '../organization/organization.entity.js';
import { Team } from '../team/team.entity.js';
import { User } from '../user/user.entity.js';
import { Workspace } from '../workspace/workspace.entity.js';

/** What identity owns as it is now, for copies. */
@Controller()
export class SnapshotOperations {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /** Over all workspaces, by the system role; of one only for a service that asks for that one. */
  @Handles(snapshotWorkspaces)
  async workspaces({ after, ids }: SnapshotInput, { actor, em }: Context) {
    const { rows } = await this.database.systemPool.query<object>(
      `select * from workspace where ($1::uuid is null or id = $1) and ($2::uuid[] is null or id = any($2)) and ($3::uuid is null or id > $3)
        order by id limit ${snapshotPageSize}`,
      [actor.workspace, ids ?? null, after ?? null],
    );
    const found = rows.map((row) => em.map(Workspace, row));
    return snapshotPage(found.map((workspace) => stateOf(workspace, workspace.facts())));
  }

  @Handles(snapshotUsers)
  users(input: SnapshotInput, ctx: Context) {
    return readSnapshot(ctx, User, input, (user) => user.facts());
  }

  @Handles(snapshotCustomers)
  customers(input: SnapshotInput, ctx: Context) {
    return readSnapshot(ctx, Customer, input, (customer) => customer.facts());
  }

  @Handles(snapshotTeams)
  teams(input: SnapshotInput, ctx: Context) {
    return readSnapshot(ctx, Team, input, (team) => team.facts());
  }

  @Handles(snapshotOrganizations)
  organizations(input: SnapshotInput, ctx: Context) {
    return readSnapshot(ctx, Organization, input, (organization) => organization.facts());
  }
}
