import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { type NatsConnection } from '@nats-io/nats-core';
import { type ServiceName } from '@sportello/kernel';
import { accessApplied, barrierMilliseconds } from '@sportello/messaging';
import { roleOf, type Database } from '@sportello/persistence';
import { CONNECTION, DATABASE, SERVICE_NAME } from './tokens.js';

const pollMilliseconds = 5;

/** Lets a command that takes sight away answer only when it is so everywhere. */
@Injectable()
export class AccessBarrier {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONNECTION) private readonly connection: NatsConnection,
    @Inject(SERVICE_NAME) private readonly service: ServiceName,
  ) {}

  /** @returns false when somebody who copies grants has not handled these events in a second */
  async applied(events: readonly string[]): Promise<boolean> {
    const sequence = await this.#published(events);
    return sequence !== null && accessApplied(this.connection, roleOf(this.service), sequence);
  }

  /** Where the last of the events stands in the stream. Asked of the outbox: the relay may run in another replica. */
  async #published(events: readonly string[]): Promise<number | null> {
    const end = performance.now() + barrierMilliseconds;
    while (performance.now() < end) {
      // The age is there for the index.
      const { rows } = await this.database.systemPool.query<{ waiting: number; last: string }>(
        `select count(*) filter (where published_sequence is null)::int as waiting, max(published_sequence) as last
           from outbox where event_id = any($1) and created_at > now() - interval '1 minute'`,
        [events],
      );
      const [row] = rows;
      if (row?.waiting === 0) return Number(row.last);
      await sleep(pollMilliseconds);
    }
    return null;
  }
}
