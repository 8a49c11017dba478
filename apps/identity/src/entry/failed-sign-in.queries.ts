import { locked } from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { normaliseAddress } from '@sportello/mail';
import { type Database } from '@sportello/persistence';
import { type Kysely } from 'kysely';
import { blockAfter, everywhere } from './failed-sign-in.js';

interface Tables {
  failed_sign_in: {
    workspace_id: string;
    email: string;
    failures: number;
    last_at: Date;
    blocked_until: Date | null;
  };
}

const dayMilliseconds = 86_400_000;

/**
 * Counts an attempt as failed before the password is looked at: a success takes it back. So a hundred guesses at the same moment are a
 * hundred counts, and the count stays though the refusal rolls the operation's own transaction back.
 * @param workspaceId null where the workspace does not exist: counted all the same, so that a lock tells nothing
 * @throws Refusal `locked`, with the seconds to wait in `current`
 */
export async function countAttempt(
  database: Database,
  workspaceId: string | null,
  email: string,
  now: Date,
): Promise<void> {
  const address = normaliseAddress(email);
  const counts = [...new Set([everywhere, workspaceId ?? everywhere])];
  await tables(database)
    .transaction()
    .execute(async (db) => {
      await db
        .deleteFrom('failed_sign_in')
        .where('last_at', '<', new Date(now.getTime() - dayMilliseconds))
        .execute();
      await db
        .insertInto('failed_sign_in')
        .values(
          counts.map((id) => ({ workspace_id: id, email: address, failures: 0, last_at: now, blocked_until: null })),
        )
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const rows = await db
        .selectFrom('failed_sign_in')
        .selectAll()
        .where('email', '=', address)
        .where('workspace_id', 'in', counts)
        .orderBy('workspace_id')
        .forUpdate()
        .execute();
      const until = Math.max(...rows.map((row) => row.blocked_until?.getTime() ?? 0));
      if (until > now.getTime()) throw refusalUntil(until, now);
      for (const { workspace_id: id, failures } of rows) {
        await db
          .updateTable('failed_sign_in')
          .set({
            failures: failures + 1,
            last_at: now,
            blocked_until: blockAfter(failures + 1, id === everywhere, now),
          })
          .where('workspace_id', '=', id)
          .where('email', '=', address)
          .execute();
      }
    });
}

/**
 * Takes the count back: of the workspace that was entered and, once, of the count over all. The latter is not cleared, because whoever guesses may sign
 * in to a workspace of their own in between.
 */
export async function forgiveAttempt(database: Database, workspaceId: string, email: string): Promise<void> {
  const address = normaliseAddress(email);
  await tables(database)
    .deleteFrom('failed_sign_in')
    .where('workspace_id', '=', workspaceId)
    .where('email', '=', address)
    .execute();
  await tables(database)
    .updateTable('failed_sign_in')
    .set((eb) => ({ failures: eb('failures', '-', 1) }))
    .where('workspace_id', '=', everywhere)
    .where('email', '=', address)
    .where('failures', '>', 0)
    .execute();
}

/** Forgets all of it: the reset link proved that the address is theirs. */
export async function forgetFailures(database: Database, workspaceId: string, email: string): Promise<void> {
  await tables(database)
    .deleteFrom('failed_sign_in')
    .where('workspace_id', 'in', [workspaceId, everywhere])
    .where('email', '=', normaliseAddress(email))
    .execute();
}

const tables = (database: Database) => database.system as unknown as Kysely<Tables>;

function refusalUntil(until: number, now: Date): Refusal {
  const retryAfterSeconds = Math.ceil((until - now.getTime()) / 1000);
  const wait = retryAfterSeconds > 90 ? `${Math.ceil(retryAfterSeconds / 60)} minutes` : `${retryAfterSeconds} seconds`;
  const detail = `Too many wrong passwords. Wait ${wait}, or reset the password.`;
  return new Refusal(locked, { detail, current: { retryAfterSeconds } });
}
