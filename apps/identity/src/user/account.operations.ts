import { Controller, Inject } from '@nestjs/common';
import {
  changeMe,
  changePassword,
  getMe,
  notFound,
  wrongPassword,
  type ChangeMe,
  type ChangePassword,
  type Me,
} from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { type Database } from '@sportello/persistence';
import { abilities } from '@sportello/permissions';
import { DATABASE, Handles, type Context } from '@sportello/service';
import { countAttempt, forgiveAttempt } from '../entry/failed-sign-in.queries.js';
import { Password } from '../entry/password.entity.js';
import { voidResetLinks } from '../link/link.queries.js';
import { endSessions } from '../session/session.queries.js';
import { readWorkspace } from '../workspace/workspace.queries.js';
import { Epochs } from './epochs.js';
import { User } from './user.entity.js';
import { readUser } from './user.queries.js';

@Controller()
export class AccountOperations {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly epochs: Epochs,
  ) {}

  @Handles(getMe)
  me(_input: object, ctx: Context) {
    return readMe(ctx);
  }

  @Handles(changeMe)
  async change(change: ChangeMe, ctx: Context) {
    const me = await ctx.load(User, requireUser(ctx).id, notFound);
    me.change({ ...change });
    return () => readMe(ctx);
  }

  @Handles(changePassword)
  async changePassword({ current, next }: ChangePassword, ctx: Context) {
    const { id, session } = requireUser(ctx);
    const me = await ctx.load(User, id, notFound);
    const password = await ctx.em.findOne(Password, { workspaceId: ctx.workspaceId, id });
    // Counted like a sign-in: a session left open is no way to guess on.
    await countAttempt(this.database, ctx.workspaceId, me.email ?? '', ctx.now);
    if (!password || !(await password.matches(current))) throw new Refusal(wrongPassword);
    await forgiveAttempt(this.database, ctx.workspaceId, me.email ?? '');
    await password.change(next, ctx.now);
    await voidResetLinks(ctx, id);
    await endSessions(ctx, id, session);
    this.epochs.raise(ctx, me);
    return {};
  }
}

/** The user who asks. @throws Refusal `not_found` for a customer: theirs is no account of this service yet */
function requireUser({ actor }: Context) {
  if (actor.kind !== 'user') throw new Refusal(notFound);
  return actor;
}

async function readMe(ctx: Context): Promise<Me> {
  const actor = requireUser(ctx);
  const { id, name, email, role, language, teams } = await readUser(ctx, actor.id);
  const workspace = await readWorkspace(ctx);
  return { kind: 'user', id, name, email, role, language, teams, workspace, can: abilities(actor) };
}
