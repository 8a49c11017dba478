import { Inject, Injectable } from '@nestjs/common';
import {
  customerChanged,
  organizationChanged,
  snapshotCustomers,
  snapshotOrganizations,
  snapshotTeams,
  snapshotUsers,
  snapshotWorkspaces,
  teamChanged,
  userChanged,
  workspaceChanged,
  workspaceCreated,
  type CustomerFacts,
  type OrganizationFacts,
  type TeamFacts,
  type UserFacts,
  type WorkspaceFacts,
} from '@sportello/contracts';
import { Fills, On, type Context, type Told } from '@sportello/service';
import { DIRECTORY_COPIES, keepNewest, type DirectoryCopies } from './copies.js';
import { grantSupport } from './grant.queries.js';

/** Keeps a service's copies of identity's people, teams, organizations and workspaces: the newest wins. */
@Injectable()
export class DirectorySubscriptions {
  constructor(@Inject(DIRECTORY_COPIES) private readonly copies: DirectoryCopies) {}

  @On(workspaceCreated)
  @Fills(snapshotWorkspaces)
  async created(event: Told<WorkspaceFacts>, ctx: Context): Promise<void> {
    await this.workspace(event, ctx);
    await grantSupport(ctx, event.data.after);
  }

  @On(workspaceChanged)
  async workspace({ data, seq }: Told<WorkspaceFacts>, ctx: Context): Promise<void> {
    await keepNewest(ctx, 'workspace', {}, this.copies.workspace(data.after), seq);
  }

  @On(userChanged, { copies: true })
  @Fills(snapshotUsers)
  async user({ data, seq }: Told<UserFacts>, ctx: Context): Promise<void> {
    const { id } = data.after;
    const written = await keepNewest(ctx, 'person', { kind: 'user', id }, this.copies.user(data.after), seq);
    if (written) await this.copies.alsoOfUser?.(ctx, data.after, seq);
  }

  @On(customerChanged, { copies: true })
  @Fills(snapshotCustomers)
  async customer({ data, seq }: Told<CustomerFacts>, ctx: Context): Promise<void> {
    await keepNewest(ctx, 'person', { kind: 'customer', id: data.after.id }, this.copies.customer(data.after), seq);
  }

  @On(teamChanged, { copies: true })
  @Fills(snapshotTeams)
  async team({ data, seq }: Told<TeamFacts>, ctx: Context): Promise<void> {
    if (this.copies.team) await keepNewest(ctx, 'team', { id: data.after.id }, this.copies.team(data.after), seq);
  }

  @On(organizationChanged, { copies: true })
  @Fills(snapshotOrganizations)
  async organization({ data, seq }: Told<OrganizationFacts>, ctx: Context): Promise<void> {
    const { id } = data.after;
    if (this.copies.organization)
      await keepNewest(ctx, 'organization', { id }, this.copies.organization(data.after), seq);
  }
}
