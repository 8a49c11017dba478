import { Injectable } from '@nestjs/common';
import {
  customerChanged,
  organizationChanged,
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
import { type EventEnvelope } from '@sportello/messaging';
import { On, type Context } from '@sportello/service';
import { type DirectoryTables } from './directory.queries.js';

/** Keeps the copies of identity's people, teams, organizations and workspaces: the newest wins. */
@Injectable()
export class DirectorySubscriptions {
  @On(workspaceCreated)
  async created(event: EventEnvelope<WorkspaceFacts>, ctx: Context): Promise<void> {
    const { supportProjectId, everyoneTeamId } = event.data.after;
    await this.workspace(event, ctx);
    // "Support" is shared with "Everyone". A lead may do all but manage members: whoever answers customers also assigns and closes.
    await ctx
      .db<DirectoryTables>()
      .insertInto('project_grant')
      .values({
        workspace_id: ctx.workspaceId,
        project_id: supportProjectId,
        principal_kind: 'team',
        principal_id: everyoneTeamId,
        role: 'lead',
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  @On(workspaceChanged)
  async workspace(event: EventEnvelope<WorkspaceFacts>, ctx: Context): Promise<void> {
    const facts = event.data.after;
    const copy = {
      slug: facts.slug,
      name: facts.name,
      language: facts.language,
      time_zone: facts.timeZone,
      customer_sight: facts.customerSight,
      grace_seconds: facts.graceSeconds,
      support_project_id: facts.supportProjectId,
      inbound_address: facts.inboundAddress,
      reply_address: facts.replyAddress,
      seq: event.seq,
    };
    await ctx
      .db<DirectoryTables>()
      .insertInto('workspace')
      .values({ workspace_id: ctx.workspaceId, ...copy })
      .onConflict((conflict) =>
        conflict.column('workspace_id').doUpdateSet(copy).where('workspace.seq', '<', event.seq),
      )
      .execute();
  }

  @On(userChanged, { copies: true })
  async user({ data, seq }: EventEnvelope<UserFacts>, ctx: Context): Promise<void> {
    const { id, name, email, language, active } = data.after;
    await this.person(ctx, { kind: 'user', id, name, email, organization_id: null, language, active, seq });
    await this.access(ctx, data.after, seq);
  }

  @On(customerChanged, { copies: true })
  async customer({ data, seq }: EventEnvelope<CustomerFacts>, ctx: Context): Promise<void> {
    const { id, name, email, organizationId, language, erased } = data.after;
    await this.person(ctx, {
      kind: 'customer',
      id,
      name,
      email,
      organization_id: organizationId,
      language,
      active: !erased,
      seq,
    });
  }

  @On(teamChanged, { copies: true })
  async team({ data, seq }: EventEnvelope<TeamFacts>, ctx: Context): Promise<void> {
    const { id, name, removed } = data.after;
    const copy = { name, removed, seq };
    await ctx
      .db<DirectoryTables>()
      .insertInto('team')
      .values({ workspace_id: ctx.workspaceId, id, ...copy })
      .onConflict((conflict) => conflict.columns(['workspace_id', 'id']).doUpdateSet(copy).where('team.seq', '<', seq))
      .execute();
  }

  @On(organizationChanged, { copies: true })
  async organization({ data, seq }: EventEnvelope<OrganizationFacts>, ctx: Context): Promise<void> {
    const { id, name, defaultProjectId, defaultTeamId, removed } = data.after;
    const copy = { name, default_project_id: defaultProjectId, default_team_id: defaultTeamId, removed, seq };
    await ctx
      .db<DirectoryTables>()
      .insertInto('organization')
      .values({ workspace_id: ctx.workspaceId, id, ...copy })
      .onConflict((conflict) =>
        conflict.columns(['workspace_id', 'id']).doUpdateSet(copy).where('organization.seq', '<', seq),
      )
      .execute();
  }

  private async access(ctx: Context, { id, role, active, teamIds }: UserFacts, seq: number): Promise<void> {
    const db = ctx.db<DirectoryTables>();
    const newer = await db
      .insertInto('user_access')
      .values({ workspace_id: ctx.workspaceId, user_id: id, role, active, seq })
      .onConflict((conflict) =>
        conflict
          .columns(['workspace_id', 'user_id'])
          .doUpdateSet({ role, active, seq })
          .where('user_access.seq', '<', seq),
      )
      .returning('seq')
      .executeTakeFirst();
    if (!newer) return;
    await db.deleteFrom('user_team').where('workspace_id', '=', ctx.workspaceId).where('user_id', '=', id).execute();
    if (!teamIds.length) return;
    await db
      .insertInto('user_team')
      .values(teamIds.map((teamId) => ({ workspace_id: ctx.workspaceId, user_id: id, team_id: teamId })))
      .execute();
  }

  private async person(ctx: Context, row: Omit<DirectoryTables['person'], 'workspace_id'>): Promise<void> {
    const { kind, id, ...copy } = row;
    await ctx
      .db<DirectoryTables>()
      .insertInto('person')
      .values({ workspace_id: ctx.workspaceId, kind, id, ...copy })
      .onConflict((conflict) =>
        conflict.columns(['workspace_id', 'kind', 'id']).doUpdateSet(copy).where('person.seq', '<', copy.seq),
      )
      .execute();
  }
}
