import { Controller } from '@nestjs/common';
import {
  changeUser,
  getUser,
  lastAdministrator,
  listUsers,
  notFound,
  type ById,
  type ChangeUser,
  type ListUsers,
} from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { Handles, type Context } from '@sportello/service';
import { sql } from 'kysely';
import { pageByName } from '../person/by-name.queries.js';
import { endSessions, endTokens } from '../session/session.queries.js';
import { requireTeams } from '../team/team.queries.js';
import { lockWorkspace } from '../workspace/workspace.queries.js';
import { Epochs } from './epochs.js';
import { User } from './user.entity.js';
import { otherAdministrators, readUser, readUsers } from './user.queries.js';

@Controller()
export class UserOperations {
  constructor(private readonly epochs: Epochs) {}

  @Handles(listUsers)
  async list({ text, active, ...page }: ListUsers, ctx: Context) {
    const part = `%${(text ?? '').toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
    const conditions = [
      sql<boolean>`erased_at is null`,
      ...(text ? [sql<boolean>`(name_key like ${part} or email like ${part})`] : []),
      ...(active === undefined ? [] : [sql<boolean>`active = ${active}`]),
    ];
    const { ids, nextCursor } = await pageByName(ctx, { table: 'account', conditions, ...page });
    return { data: await readUsers(ctx, ids), nextCursor };
  }

  @Handles(getUser)
  get({ id }: ById, ctx: Context) {
    return readUser(ctx, id);
  }

  @Handles(changeUser)
  async change({ id, teamIds, ...change }: ChangeUser, ctx: Context) {
    // Locked first: two administrators who demote each other at the same moment must not both be the one who stays.
    const workspace = await lockWorkspace(ctx);
    const user = await ctx.load(User, id, notFound);
    if (user.erasedAt) throw new Refusal(notFound);
    const losesOne =
      user.role === 'administrator' && user.active && (change.role === 'member' || change.active === false);
    if (losesOne && !(await otherAdministrators(ctx, id))) throw new Refusal(lastAdministrator);
    await requireTeams(ctx, teamIds ?? []);
    const teams = teamIds && { teamIds: [workspace.everyoneTeamId, ...teamIds] };
    if (user.change({ ...change, ...teams })) this.epochs.raise(ctx, user);
    if (change.active === false) {
      await endSessions(ctx, id);
      await endTokens(ctx, id);
    }
    return () => readUser(ctx, id);
  }
}
