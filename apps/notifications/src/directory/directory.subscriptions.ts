import { Injectable } from '@nestjs/common';
import {
  customerChanged,
  userChanged,
  workspaceChanged,
  workspaceCreated,
  type CustomerFacts,
  type UserFacts,
  type WorkspaceFacts,
} from '@sportello/contracts';
import { normaliseAddress } from '@sportello/mail';
import { type EventEnvelope } from '@sportello/messaging';
import { On, type Context } from '@sportello/service';
import { type DirectoryTables, type PersonCopy } from './directory.queries.js';

/** Keeps the copies of identity's people and workspaces: the newest wins. */
@Injectable()
export class DirectorySubscriptions {
  @On(workspaceCreated)
  async created(event: EventEnvelope<WorkspaceFacts>, ctx: Context): Promise<void> {
    const { supportProjectId, everyoneTeamId } = event.data.after;
    await this.workspace(event, ctx);
    // "Support" is shared with "Everyone", as tickets has it.
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
  async workspace({ data, seq }: EventEnvelope<WorkspaceFacts>, ctx: Context): Promise<void> {
    const { name, language, timeZone, inboundAddress, replyAddress } = data.after;
    const copy = {
      ...{ name, language, time_zone: timeZone, seq },
      inbound_address: normaliseAddress(inboundAddress),
      reply_address: replyAddress && normaliseAddress(replyAddress),
    };
    await ctx
      .db<DirectoryTables>()
      .insertInto('workspace')
      .values({ workspace_id: ctx.workspaceId, ...copy })
      .onConflict((conflict) => conflict.column('workspace_id').doUpdateSet(copy).where('workspace.seq', '<', seq))
      .execute();
  }

  @On(userChanged, { copies: true })
  async user({ data, seq }: EventEnvelope<UserFacts>, ctx: Context): Promise<void> {
    const { id, name, email, language, active, role, teamIds } = data.after;
    await this.person(ctx, { kind: 'user', id, name, email, language, active, role, team_ids: teamIds, seq });
  }

  @On(customerChanged, { copies: true })
  async customer({ data, seq }: EventEnvelope<CustomerFacts>, ctx: Context): Promise<void> {
    const { id, name, email, language, erased } = data.after;
    const person = { kind: 'customer' as const, id, name, email, language, active: !erased };
    await this.person(ctx, { ...person, role: null, team_ids: [], seq });
  }

  private async person(ctx: Context, { kind, id, ...given }: Omit<PersonCopy, 'workspace_id'>): Promise<void> {
    const copy = { ...given, email: given.email && normaliseAddress(given.email) };
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
