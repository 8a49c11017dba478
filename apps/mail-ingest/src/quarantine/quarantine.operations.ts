import { Controller, Inject } from '@nestjs/common';
import {
  dropQuarantined,
  listQuarantine,
  mailNotFound,
  readQuarantined,
  retryQuarantined,
  type ById,
  type ListInput,
} from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { Handles, STORAGE, type Context } from '@sportello/service';
import { type Storage } from '@sportello/storage';
import { sql } from 'kysely';
import { Intake } from '../spool/intake.jobs.js';
import { readQuarantine, type QuarantinedRow } from './quarantine.queries.js';

/** As much of a mail as a person reads to judge it. */
const shownBytes = 64 * 1024;

@Controller()
export class QuarantineOperations {
  constructor(
    @Inject(STORAGE) private readonly storage: Storage,
    private readonly intake: Intake,
  ) {}

  @Handles(listQuarantine)
  async list(asked: ListInput, ctx: Context) {
    const { page, nextCursor } = await readQuarantine(ctx, asked);
    return { data: page.map(describe), nextCursor };
  }

  @Handles(readQuarantined)
  async read({ id }: ById, ctx: Context) {
    const row = await find(ctx, id);
    const raw = await this.storage.read(ctx.workspaceId, row.raw_hash);
    // NUL cannot be shown, nor sent on.
    const source = raw.subarray(0, shownBytes).toString('utf8').replaceAll('\u0000', '\uFFFD');
    return { ...describe(row), source, cut: raw.length > shownBytes };
  }

  @Handles(retryQuarantined)
  async retry({ id }: ById, ctx: Context) {
    await find(ctx, id);
    // Whoever retries has looked at it: a sender that could not be verified is let in; what was found out about them stays with the message.
    await sql`update spool set state = 'waiting', attempts = 0, crashes = 0, due_at = ${ctx.now}, released = true
      where workspace_id = ${ctx.workspaceId} and id = ${id}`.execute(ctx.db<never>());
    ctx.afterCommit(() => this.intake.wake());
    return {};
  }

  @Handles(dropQuarantined)
  async drop({ id }: ById, ctx: Context) {
    await find(ctx, id);
    // What is left goes with the next tidying, and the raw file after it.
    await sql`update spool set state = 'done', code = 'dropped', from_address = null, envelope_from = null, subject = null, received_at = 'epoch'
      where workspace_id = ${ctx.workspaceId} and id = ${id}`.execute(ctx.db<never>());
    return {};
  }
}

async function find(ctx: Context, id: string): Promise<QuarantinedRow> {
  const { rows } = await sql<QuarantinedRow>`
    select * from spool where workspace_id = ${ctx.workspaceId} and id = ${id} and state = 'quarantined'`.execute(
    ctx.db<never>(),
  );
  if (!rows[0]) throw new Refusal(mailNotFound);
  return rows[0];
}

const describe = ({
  id,
  from_address: from,
  subject,
  code,
  reason,
  size,
  received_at: receivedAt,
}: QuarantinedRow) => ({
  ...{ id, from, subject, size, receivedAt },
  code: code ?? 'failed',
  reason: reason ?? '',
});
