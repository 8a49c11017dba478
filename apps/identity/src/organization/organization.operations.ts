import { LockMode } from '@mikro-orm/postgresql';
import { Controller } from '@nestjs/common';
import {
  changeOrganization,
  createOrganization,
  getOrganization,
  listOrganizations,
  notFound,
  type ById,
  type ChangeOrganization,
  type CreateOrganization,
  type ListOrganizations,
} from '@sportello/contracts';
import { Handles, type Context } from '@sportello/service';
import { Customer } from '../customer/customer.entity.js';
import { requireTeams } from '../team/team.queries.js';
import { lockWorkspace } from '../workspace/workspace.queries.js';
import { Organization, type OrganizationChange } from './organization.entity.js';
import { listOrganizationsByName, readOrganization, refuseTakenDomains } from './organization.queries.js';

@Controller()
export class OrganizationOperations {
  @Handles(listOrganizations)
  list(input: ListOrganizations, ctx: Context) {
    return listOrganizationsByName(ctx, input);
  }

  @Handles(getOrganization)
  get({ id }: ById, ctx: Context) {
    return readOrganization(ctx, id);
  }

  @Handles(createOrganization)
  async create({ name, ...change }: CreateOrganization, ctx: Context) {
    const { workspaceId, now } = ctx;
    const organization = Organization.create({ workspaceId, id: ctx.newId(), name, now });
    await this.apply(ctx, organization, { ...change });
    ctx.add(organization);
    return () => readOrganization(ctx, organization.id);
  }

  @Handles(changeOrganization)
  async change({ id, ...change }: ChangeOrganization, ctx: Context) {
    await this.apply(ctx, await ctx.load(Organization, id, notFound), change);
    return () => readOrganization(ctx, id);
  }

  private async apply(ctx: Context, organization: Organization, change: OrganizationChange): Promise<void> {
    const { workspaceId } = ctx;
    await requireTeams(ctx, change.defaultTeamId ? [change.defaultTeamId] : []);
    const gained = organization.change(change);
    if (!gained.length) return;
    // Locked, so that two organizations cannot take the same domain at the same moment.
    await lockWorkspace(ctx);
    await refuseTakenDomains(ctx, organization.domains, organization.id);
    const where = { workspaceId, organizationId: null, emailDomain: { $in: gained }, erasedAt: null };
    const joining = await ctx.em.find(Customer, where, {
      orderBy: { id: 'asc' },
      lockMode: LockMode.PESSIMISTIC_WRITE,
    });
    for (const customer of joining) customer.change({ organizationId: organization.id });
  }
}
