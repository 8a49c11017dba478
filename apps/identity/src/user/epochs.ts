import { Inject, Injectable } from '@nestjs/common';
import { type NatsConnection } from '@nats-io/nats-core';
import { epochSubject, type EpochRaised } from '@sportello/contracts';
import { CONNECTION, type Context } from '@sportello/service';
import { sql } from 'kysely';
import { type User } from './user.entity.js';

/** Makes a user's actor tokens void at every service, at once. */
@Injectable()
export class Epochs {
  constructor(@Inject(CONNECTION) private readonly connection: NatsConnection) {}

  /**
   * Every session and API token of the user gets its next actor token from the rows as they are then: what ended gets none. Told after the
   * commit, because a command that is rolled back signs nobody out; on core NATS and not by an event, because an event may wait in a queue.
   */
  raise(ctx: Context, user: User): void {
    user.epoch += 1;
    this.tell(ctx, user);
  }

  /** The same for everybody in the workspace: what all their tokens say has changed. */
  async raiseAll(ctx: Context): Promise<void> {
    const { rows } = await sql<{ id: string; epoch: number }>`
      update account set epoch = epoch + 1 where workspace_id = ${ctx.workspaceId} and active returning id, epoch`.execute(
      ctx.db<never>(),
    );
    for (const row of rows) this.tell(ctx, row);
  }

  private tell(ctx: Context, { id, epoch }: Pick<User, 'id' | 'epoch'>): void {
    const raised: EpochRaised = { workspace: ctx.workspaceId, kind: 'user', id, epoch };
    ctx.afterCommit(() => this.connection.publish(epochSubject, JSON.stringify(raised)));
  }
}
