import { Inject, Injectable } from '@nestjs/common';
import { type NatsConnection } from '@nats-io/nats-core';
import { uuidv7, type Clock, type RandomBytes } from '@sportello/kernel';
import { type Database } from '@sportello/persistence';
import { CLOCK, CONNECTION, DATABASE, RANDOM } from '@sportello/service';
import { type PoolClient } from 'pg';

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

/** The one place where all ways in end: a committed row a workspace, and only then is the mail accepted. */
@Injectable()
export class Intake {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONNECTION) private readonly connection: NatsConnection,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: RandomBytes,
  ) {}

  /**
   * Takes in one mail, for all workspaces that it came for or for none.
   * @param along what must be remembered in the same transaction
   * @returns the spool rows' ids
   */
  async accept(mails: readonly AcceptedMail[], along?: (client: PoolClient) => Promise<void>): Promise<string[]> {
    const client = await this.database.systemPool.connect();
    try {
      await client.query('begin');
      const ids: string[] = [];
      for (const mail of mails) ids.push(await this.#insert(client, mail));
      await along?.(client);
      await client.query('commit');
      this.wake();
      client.release();
      return ids;
    } catch (error) {
      // A connection that cannot even roll back is of no use to the next one.
      const broken = await client.query('rollback').then(
        () => false,
        () => true,
      );
      client.release(broken);
      throw error;
    }
  }

  /** Tells the workers that there is something to do. */
  wake(): void {
    this.connection.publish(spoolSubject);
  }

  async #insert(client: PoolClient, mail: AcceptedMail): Promise<string> {
    const now = this.clock.now();
    const id = uuidv7(now, this.random);
    const { workspaceId, rawHash, size, source, envelopeFrom, envelopeTo, clientAddress, clientName } = mail;
    await client.query(
      `insert into spool (workspace_id, id, raw_hash, size, source, envelope_from, no_return_path, envelope_to, client_address, client_name, received_at, due_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)`,
      [
        ...[workspaceId, id, rawHash, size, source, envelopeFrom ?? null, envelopeFrom === null, envelopeTo],
        ...[clientAddress ?? null, clientName?.slice(0, 255) ?? null, now],
      ],
    );
    return id;
  }
}
