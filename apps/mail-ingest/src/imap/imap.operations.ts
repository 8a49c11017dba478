import { Controller, Inject } from '@nestjs/common';
import { type NatsConnection } from '@nats-io/nats-core';
import {
  addImapAccount,
  listImapAccounts,
  mailNotFound,
  removeImapAccount,
  type ById,
  type SetImapAccount,
} from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { CONFIG, CONNECTION, Handles, type Config, type Context } from '@sportello/service';
import { sql } from 'kysely';
import { imapSubject } from './imap.jobs.js';
import { type ImapAccountRow } from './imap.queries.js';
import { seal } from './secret.js';

@Controller()
export class ImapOperations {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CONNECTION) private readonly connection: NatsConnection,
  ) {}

  @Handles(listImapAccounts)
  async list(_input: object, ctx: Context) {
    const { rows } = await sql<ImapAccountRow>`
      select * from imap_account where workspace_id = ${ctx.workspaceId} order by host, username, folder limit 50`.execute(
      ctx.db<never>(),
    );
    return { data: rows.map(describe) };
  }

  /** The same mailbox again has a new password, and goes on where it was. */
  @Handles(addImapAccount)
  async add({ host, port, security, user, authentication, secret, folder = 'INBOX' }: SetImapAccount, ctx: Context) {
    const { workspaceId } = ctx;
    const db = ctx.db<never>();
    const mailbox = [workspaceId, host.trim().toLowerCase(), user, folder] as const;
    const { rows: known } = await sql<{ id: string }>`
      select id from imap_account
       where workspace_id = ${mailbox[0]} and host = ${mailbox[1]} and username = ${mailbox[2]} and folder = ${mailbox[3]}`.execute(
      db,
    );
    const id = known[0]?.id ?? ctx.newId();
    const sealed = seal(this.config.SECRET_KEY, id, secret, ctx.random(12));
    const { rows } = await sql<ImapAccountRow>`
      insert into imap_account (workspace_id, id, host, port, security, username, authentication, secret, folder, created_at)
      values (${workspaceId}, ${id}, ${mailbox[1]}, ${port}, ${security}, ${user}, ${authentication}, ${sealed}, ${folder}, ${ctx.now})
      on conflict (workspace_id, id) do update
        set port = excluded.port, security = excluded.security, authentication = excluded.authentication, secret = excluded.secret,
            active = true, state = 'connecting', problem = null, revision = imap_account.revision + 1
      returning *`.execute(db);
    ctx.afterCommit(() => this.connection.publish(imapSubject));
    return describe(rows[0] as ImapAccountRow);
  }

  @Handles(removeImapAccount)
  async remove({ id }: ById, ctx: Context) {
    const { rows } = await sql`
      delete from imap_account where workspace_id = ${ctx.workspaceId} and id = ${id} returning id`.execute(
      ctx.db<never>(),
    );
    if (!rows.length) throw new Refusal(mailNotFound);
    ctx.afterCommit(() => this.connection.publish(imapSubject));
    return {};
  }
}

/** What is shown of an account: never its secret. */
function describe({ username: user, ...row }: ImapAccountRow) {
  const { id, host, port, security, authentication, folder, active, state, problem } = row;
  return { id, host, port, security, user, authentication, folder, active, state, problem };
}
