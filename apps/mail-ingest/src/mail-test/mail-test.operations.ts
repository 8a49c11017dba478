import { Controller } from '@nestjs/common';
import { getMailTest, mailNotFound, startMailTest, type ById, type StartMailTest } from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { makeToken, normaliseAddress } from '@sportello/mail';
import { Handles, type Context } from '@sportello/service';
import { sql } from 'kysely';
import { MailTestSender } from './mail-test.jobs.js';
import { stateOf, type MailTestRow } from './mail-test.queries.js';

@Controller()
export class MailTestOperations {
  constructor(private readonly sender: MailTestSender) {}

  @Handles(startMailTest)
  async start({ address: typed }: StartMailTest, ctx: Context) {
    const { workspaceId, now } = ctx;
    const test = { id: ctx.newId(), address: normaliseAddress(typed), token: makeToken(ctx.random(16)) };
    await sql`insert into test (workspace_id, id, address, token, sent_at)
      values (${workspaceId}, ${test.id}, ${test.address}, ${test.token}, ${now})`.execute(ctx.db<never>());
    // A process that dies in between loses a test, which is what a lost test says anyway.
    ctx.afterCommit(() => void this.sender.send(workspaceId, test));
    return { id: test.id, address: test.address, state: 'sent' as const, sentAt: now, arrivedAt: null };
  }

  @Handles(getMailTest)
  async get({ id }: ById, ctx: Context) {
    const { rows } = await sql<MailTestRow>`
      select * from test where workspace_id = ${ctx.workspaceId} and id = ${id}`.execute(ctx.db<never>());
    const [row] = rows;
    if (!row) throw new Refusal(mailNotFound);
    const { address, sent_at: sentAt, arrived_at: arrivedAt } = row;
    return { id, address, state: stateOf(row, ctx.now), sentAt, arrivedAt };
  }
}
