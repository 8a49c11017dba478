import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type INestApplicationContext } from '@nestjs/common';
import {
  addForwardedAddress,
  changeWorkspace,
  getWorkspace,
  listItems,
  listMessages,
  type Language,
} from '@sportello/contracts';
import { eventually, startWorld, type World } from '@sportello/testing';
import { simpleParser, type ParsedMail } from 'mailparser';
import { createTransport } from 'nodemailer';
import { AppModule as Identity } from '../../apps/identity/src/app.module.js';
import { aSignUp, type SignedUp } from '../../apps/identity/src/entry/entry.builders.js';
import { AppModule as MailIngest } from '../../apps/mail-ingest/src/app.module.js';
import { MailReceivers } from '../../apps/mail-ingest/src/receiver/receiver.jobs.js';
import { AppModule as Notifications } from '../../apps/notifications/src/app.module.js';
import { AppModule as Tickets } from '../../apps/tickets/src/app.module.js';

/** The services of the main job together, on a database and a broker of their own; what they send lies in a folder. */
export interface System {
  world: World;
  /** Mails that were sent to somebody, oldest first, as their mail program reads them. */
  sentTo(address: string): Promise<ParsedMail[]>;
  tickets: INestApplicationContext;
  mailIngest: INestApplicationContext;
  stop(): Promise<void>;
}

/** What became of a mail that was handed over. */
export interface Landed {
  id: string;
  state: string;
  code: string;
  reason: string;
  raw_hash: string;
}

export async function startSystem(): Promise<System> {
  const mailbox = await mkdtemp(join(tmpdir(), 'sportello-mailbox-'));
  const world = await startWorld([Identity, Tickets, Notifications, MailIngest], {
    ...{ SMTP_PORT: '0', LMTP_PORT: '0', DEV_MAILBOX_DIR: mailbox },
  });
  const [, tickets, , mailIngest] = world.apps as [unknown, INestApplicationContext, unknown, INestApplicationContext];
  return {
    ...{ world, tickets, mailIngest },
    sentTo: async (address) => {
      const names = (await readdir(mailbox)).filter((name) => name.endsWith('.eml')).sort();
      const mails = await Promise.all(names.map(async (name) => simpleParser(await readFile(join(mailbox, name)))));
      const isTo = ({ to }: ParsedMail) =>
        [to].flat().some((each) => each?.value.some((one) => one.address === address));
      return mails.filter(isTo);
    },
    stop: async () => {
      await world.stop();
      await rm(mailbox, { recursive: true, force: true });
    },
  };
}

/** A workspace with its administrator, and those who write to it by SMTP. */
export class Desk {
  private constructor(
    readonly system: System,
    readonly signedUp: SignedUp,
    readonly address: string,
    /** An address that forwards to it. */
    readonly second: string,
  ) {}

  static async open(system: System, language: Language): Promise<Desk> {
    const signedUp = await aSignUp(system.world);
    await signedUp.asAnna.call(changeWorkspace, { language });
    const second = `sales@${signedUp.slug}.test`;
    await signedUp.asAnna.call(addForwardedAddress, { address: second });
    const { inboundAddress } = await signedUp.asAnna.call(getWorkspace, {});
    await eventually(() => signedUp.asAnna.call(listItems, {}));
    return new Desk(system, signedUp, inboundAddress, second);
  }

  get anna() {
    return this.signedUp.asAnna;
  }

  /** Hands a mail over as a mail server would, and waits until nothing more happens to it: one answer a recipient's workspace. */
  async mail(raw: string | Buffer, to: readonly string[] = [this.address]): Promise<Landed> {
    const before = new Set((await this.landed()).map(({ id }) => id));
    const port = this.system.mailIngest.get(MailReceivers, { strict: false }).portOf('smtp');
    const client = createTransport({ host: '127.0.0.1', port: port as number, ignoreTLS: true });
    try {
      await client.sendMail({ envelope: { from: 'sender@contoso.example', to: [...to] }, raw });
    } finally {
      client.close();
    }
    return eventually(async () => {
      const fresh = (await this.landed()).filter(({ id }) => !before.has(id));
      const [landed] = fresh.filter(({ state }) => state === 'done' || state === 'quarantined');
      if (!landed) throw new Error(`still on its way: ${JSON.stringify(fresh)}`);
      return landed;
    });
  }

  async items() {
    return (await this.anna.call(listItems, { sort: 'createdAt' })).data;
  }

  async messages(id: string) {
    return (await this.anna.call(listMessages, { id })).data;
  }

  private landed(): Promise<Landed[]> {
    return this.system.world.sql<Landed & Record<string, unknown>>(
      'select id, state, code, reason, raw_hash from mail_ingest.spool where workspace_id = $1 order by received_at, id',
      [this.signedUp.anna.workspace],
    );
  }
}
