import { Controller, Inject } from '@nestjs/common';
import { checkSlug, signUp, slugTaken, type SignUp, type SlugCheck } from '@sportello/contracts';
import { Refusal, secretWord } from '@sportello/kernel';
import { normaliseAddress } from '@sportello/mail';
import { type Database } from '@sportello/persistence';
import { CONFIG, DATABASE, Handles, type Config, type Context } from '@sportello/service';
import { sql } from 'kysely';
import { openSession } from '../session/session.queries.js';
import { Team } from '../team/team.entity.js';
import { User } from '../user/user.entity.js';
import { inboundAddressOf, Workspace } from '../workspace/workspace.entity.js';
import { findWorkspaceBySlug } from '../workspace/workspace.queries.js';
import { Password } from './password.entity.js';

/** Words that the addresses of the web app begin with, or that would look like the product itself. */
const reserved = new Set(
  'admin api app assets auth dev docs health help invitation mail password-reset portal root sign-in sign-up sportello status support www'.split(
    ' ',
  ),
);

@Controller()
export class SignUpOperations {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Handles(checkSlug)
  async check({ slug }: SlugCheck) {
    return { free: await this.isFree(slug) };
  }

  @Handles(signUp)
  async signUp(input: SignUp, ctx: Context) {
    const { slug, language = 'en', timeZone = 'UTC' } = input;
    // Two who want the same address at the same moment: the second waits here, then sees it taken.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`slug ${slug}`}, 0))`.execute(ctx.db<never>());
    if (!(await this.isFree(slug))) throw new Refusal(slugTaken);

    const [workspaceId, teamId, supportProjectId, userId] = [ctx.newId(), ctx.newId(), ctx.newId(), ctx.newId()];
    await ctx.enter(workspaceId);
    const workspace = Workspace.create({
      id: workspaceId,
      slug,
      name: input.workspaceName,
      language,
      timeZone,
      inboundAddress: inboundAddressOf(slug, secretWord(ctx.random), this.config.MAIL_DOMAIN),
      supportProjectId,
      everyoneTeamId: teamId,
      now: ctx.now,
    });
    const team = Team.everyone({ workspaceId, id: teamId, language });
    const user = User.create({
      workspaceId,
      id: userId,
      name: input.name,
      email: normaliseAddress(input.email),
      role: 'administrator',
      teamIds: [teamId],
      language,
      now: ctx.now,
    });
    const password = await Password.create({ workspaceId, userId, text: input.password, now: ctx.now });
    [workspace, team, user, password].forEach((entity) => ctx.add(entity));
    return openSession(ctx, user, workspace, input.userAgent);
  }

  private async isFree(slug: string): Promise<boolean> {
    return !reserved.has(slug) && (await findWorkspaceBySlug(this.database, slug)) === null;
  }
}
