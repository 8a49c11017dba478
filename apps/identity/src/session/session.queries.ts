import { type SessionOpened } from '@sportello/contracts';
import { secretWord } from '@sportello/kernel';
import { type Database } from '@sportello/persistence';
import { type Context } from '@sportello/service';
import { ApiToken, apiTokenPrefix } from '../token/token.entity.js';
import { type User } from '../user/user.entity.js';
import { type Workspace } from '../workspace/workspace.entity.js';
import { hashOf, Session } from './session.entity.js';

/** Ends the sessions of a user, all but one where that is named. */
export async function endSessions(ctx: Context, userId: string, except?: string): Promise<void> {
  const others = except ? { id: { $ne: except } } : {};
  await ctx.em.nativeDelete(Session, { workspaceId: ctx.workspaceId, userId, ...others });
}

/** Makes the API tokens of a user void. */
export async function endTokens(ctx: Context, userId: string): Promise<void> {
  await ctx.em.nativeDelete(ApiToken, { workspaceId: ctx.workspaceId, userId });
}

/** Opens a session for a user who proved who they are. */
export function openSession(ctx: Context, user: User, workspace: Workspace, userAgent = ''): SessionOpened {
  const { workspaceId, now } = ctx;
  const secret = secretWord(ctx.random);
  const session = Session.open({ workspaceId, id: ctx.newId(), userId: user.id, secret, userAgent, now });
  user.lastSeenAt = now;
  return { sessionToken: secret, expiresAt: ctx.add(session).expiresAt, workspace: workspace.slug, userId: user.id };
}

/** What a credential belongs to, over all workspaces: a session or an API token by the hash of its secret. */
export async function findCredential(
  database: Database,
  credential: string,
): Promise<{ kind: 'session' | 'token'; workspaceId: string; id: string } | null> {
  const kind = credential.startsWith(apiTokenPrefix) ? 'token' : 'session';
  const { rows } = await database.systemPool.query<{ workspace_id: string; id: string }>(
    `select workspace_id, id from ${kind === 'token' ? 'api_token' : 'session'} where token_hash = $1`,
    [hashOf(credential)],
  );
  return rows[0] ? { kind, workspaceId: rows[0].workspace_id, id: rows[0].id } : null;
}
