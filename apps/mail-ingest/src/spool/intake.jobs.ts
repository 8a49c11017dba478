import { Inject, Injectable } from '@nestjs/common';
import { type NatsConnection } from '@nats-io/nats-core';
import { uuidv7, type Clock, type RandomBytes } from '@sportello/kernel';
import { type Database } from '@sportello/persistence';
import { CLOCK, CONNECTION, DATABASE, RANDOM } from '@sportello/service';

/** Where workers hear that there is mail. Core NATS: a lost word costs a sweep's two seconds. */
export const spoolSubject = 'mail-ingest.spool';

/** A mail whose raw file is stored already. */
export interface AcceptedMail {
  workspaceId: string;
  rawHash: string;
  size: number;
  source: 'smtp' | 'lmtp' | 'imap' | 'http';
  /** Null for the empty return path `<>`; undefined where no transport told. */
  envelopeFrom: string | null | undefined;
  envelopeTo: readonly string[];
  clientAddress?: string;
  clientName?: string;
}

/** The one place where all ways in end: a committed row, and only then is the mail accepted. */
@Injectable()
export class Intake {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONNECTION) private readonly connection: NatsConnection,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: RandomBytes,
  ) {}

  /** @returns the spool row's id */
  async accept(mail: AcceptedMail): Promise<string> {
    const now = this.clock.now();
    const id = uuidv7(now, this.random);
    await this.database.systemPool.query(
      `insert into spool (workspace_id, id, raw_hash, size, source, envelope_from, no_return_path, envelope_to, client_address, client_name, received_at, due_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)`,
      [
        mail.workspaceId,
        id,
        mail.rawHash,
        mail.size,
        mail.source,
        mail.envelopeFrom ?? null,
        mail.envelopeFrom === null,
        mail.envelopeTo,
        mail.clientAddress ?? null,
        mail.clientName?.slice(0, 255) ?? null,
        now,
      ],
    );
    this.wake();
    return id;
  }

  /** Tells the workers that there is something to do. */
  wake(): void {
    this.connection.publish(spoolSubject);
  }
}
