import { Controller } from '@nestjs/common';
import { acceptRawMail, findHeldFiles, type AcceptRawMail, type FileHashes } from '@sportello/contracts';
import { Handles, type Context } from '@sportello/service';
import { sql } from 'kysely';
import { Intake } from './intake.jobs.js';

@Controller()
export class SpoolOperations {
  constructor(private readonly intake: Intake) {}

  @Handles(acceptRawMail)
  async accept({ rawHash, size, envelopeFrom, recipient }: AcceptRawMail, ctx: Context) {
    const { workspaceId } = ctx;
    const mail = { workspaceId, rawHash, size, source: 'http' as const, envelopeFrom, envelopeTo: [recipient] };
    const [id] = await this.intake.accept([mail]);
    return { id: id as string };
  }

  @Handles(findHeldFiles)
  async findHeld({ hashes }: FileHashes, ctx: Context) {
    const { rows } = await sql<{ raw_hash: string }>`
      select distinct raw_hash from spool where workspace_id = ${ctx.workspaceId} and raw_hash = any(${hashes}::text[])`.execute(
      ctx.db<never>(),
    );
    return { hashes: rows.map(({ raw_hash: hash }) => hash) };
  }
}
