import { LockMode } from '@mikro-orm/postgresql';
import { Controller } from '@nestjs/common';
import {
  changeTeam,
  createTeam,
  listTeams,
  nameTaken,
  notFound,
  removeTeam,
  type ById,
  type ChangeTeam,
  type CreateTeam,
} from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { Handles, type Context } from '@sportello/service';
import { Organization } from '../organization/organization.entity.js';
import { Epochs } from '../user/epochs.js';
import { User } from '../user/user.entity.js';
import { membersOf } from '../user/user.queries.js';
import { lockWorkspace } from '../workspace/workspace.queries.js';
import { Team } from './team.entity.js';
import { readTeam, readTeams } from './team.queries.js';

@Controller()
export class TeamOperations {
  constructor(private readonly epochs: Epochs) {}

  @Handles(listTeams)
  async list(_input: object, ctx: Context) {
    return { data: await readTeams(ctx) };
  }

  @Handles(createTeam)
  async create({ name, memberIds = [] }: CreateTeam, ctx: Context) {
    await this.refuseTakenName(ctx, name);
    const team = ctx.add(Team.create({ workspaceId: ctx.workspaceId, id: ctx.newId(), name }));
    await this.setMembers(ctx, team, memberIds);
    return () => readTeam(ctx, team.id);
  }

  @Handles(changeTeam)
  async change({ id, name, memberIds }: ChangeTeam, ctx: Context) {
    const team = await ctx.load(Team, id, notFound);
    if (team.removedAt) throw new Refusal(notFound);
    if (name !== undefined) {
      await this.refuseTakenName(ctx, name, id);
      team.rename(name);
    }
    if (memberIds) {
      team.refuseIfEveryone();
      await this.setMembers(ctx, team, memberIds);
    }
    return () => readTeam(ctx, id);
  }

  @Handles(removeTeam)
  async remove({ id }: ById, ctx: Context) {
    const team = await ctx.load(Team, id, notFound);
    if (team.removedAt) throw new Refusal(notFound);
    team.remove(ctx.now);
    await this.setMembers(ctx, team, []);
    const organizations = await ctx.em.find(
      Organization,
      { workspaceId: ctx.workspaceId, defaultTeamId: id },
      { orderBy: { id: 'asc' }, lockMode: LockMode.PESSIMISTIC_WRITE },
    );
    for (const organization of organizations) organization.forgetTeam();
    return {};
  }

  private async setMembers(ctx: Context, team: Team, wanted: readonly string[]): Promise<void> {
    const present = await membersOf(ctx, team.id);
    const changing = [...wanted.filter((id) => !present.includes(id)), ...present.filter((id) => !wanted.includes(id))];
    // In the order of their ids, so that two changes of teams cannot wait for each other.
    for (const id of [...new Set(changing)].sort()) {
      const user = await ctx.find(User, id);
      if (!user || user.erasedAt) throw new Refusal(notFound, { detail: 'There is no such user here.' });
      const others = user.teamIds.filter((each) => each !== team.id);
      if (user.change({ teamIds: wanted.includes(id) ? [...others, team.id] : others })) this.epochs.raise(ctx, user);
    }
  }

  private async refuseTakenName(ctx: Context, name: string, except = ''): Promise<void> {
    await lockWorkspace(ctx);
    const teams = await readTeams(ctx);
    if (teams.some((team) => team.id !== except && team.name.toLowerCase() === name.toLowerCase()))
      throw new Refusal(nameTaken);
  }
}
