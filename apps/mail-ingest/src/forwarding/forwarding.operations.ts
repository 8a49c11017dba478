import { Controller } from '@nestjs/common';
import { listForwardingConfirmations } from '@sportello/contracts';
import { Handles, type Context } from '@sportello/service';
import { sql } from 'kysely';

@Controller()
export class ForwardingOperations {
  @Handles(listForwardingConfirmations)
  async list(_input: object, ctx: Context) {
    const { rows } = await sql<{
      id: string;
      provider: string;
      code: string | null;
      link: string | null;
      address: string | null;
      received_at: Date;
    }>`
      select * from confirmation where workspace_id = ${ctx.workspaceId} order by received_at desc limit 100`.execute(
      ctx.db<never>(),
    );
    return { data: rows.map(({ received_at: receivedAt, ...row }) => ({ ...row, receivedAt })) };
  }
}
