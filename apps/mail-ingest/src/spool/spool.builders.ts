import { createHash } from 'node:crypto';
import { Controller, Module, type Type } from '@nestjs/common';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  confirmForwarding,
  findWorkspaceByAddress,
  getMailIdentity,
  receiveMail,
  reportBounce,
  resolveSender,
  type ConfirmForwarding,
  type FindWorkspaceByAddress,
  type MailReceived,
  type MailWorkspace,
  type ReceiveMail,
  type ReportBounce,
  type ResolveSender,
  type Sender,
} from '@sportello/contracts';
import { Refusal, serviceUnavailable, type ServiceName } from '@sportello/kernel';
import { normaliseAddress } from '@sportello/mail';
import { Handles, ServiceModule, type Context } from '@sportello/service';
import { newId, startWorld, type World } from '@sportello/testing';
import { createTransport } from 'nodemailer';
import { AppModule } from '../app.module.js';
import { MailReceivers } from '../receiver/receiver.jobs.js';
import { DNS, type Dns } from './dns.js';
import { type Ending } from './spool.queries.js';

/** The services around mail-ingest, as far as it asks them. */
export class Neighbours {
  readonly workspaces: MailWorkspace[] = [];
  /** Addresses of users; everybody else is a customer. */
  readonly users = new Set<string>();
  readonly received: { workspace: string; mail: ReceiveMail }[] = [];
  readonly bounces: ReportBounce[] = [];
  readonly confirmed: string[] = [];
  readonly away = new Set<ServiceName>();
  /** DNS records, by "TXT _dmarc.contoso.test". */
  readonly records = new Map<string, string[][]>();
  readonly #senders = new Map<string, Sender>();
  readonly #heldUp = new Map<ServiceName, Promise<void>>();

  workspace(given: Partial<MailWorkspace> & { forwarded?: string[] } = {}): MailWorkspace {
    const id = newId();
    const inboundAddress = `in-${id.slice(-8)}@sportello.test`;
    const { forwarded = [], ...parts } = given;
    const ownAddresses = [inboundAddress, ...forwarded];
    const workspace = { address: inboundAddress, id, name: 'Officina Rossi', language: 'en' as const, inboundAddress };
    this.workspaces.push({ ...workspace, ownAddresses, ...parts });
    return this.workspaces.at(-1) as MailWorkspace;
  }

  /** Lets a service answer only once what is returned is called. */
  holdUp(service: ServiceName): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#heldUp.set(service, promise);
    return resolve;
  }

  receivedBy({ id }: MailWorkspace): ReceiveMail[] {
    return this.received.filter(({ workspace }) => workspace === id).map(({ mail }) => mail);
  }

  /** What identity, tickets and notifications would be. */
  modules(): Type<unknown>[] {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the controllers have a `this` of their own
    const near = this;
    const present = (service: ServiceName) => {
      if (near.away.has(service)) throw new Refusal(serviceUnavailable);
    };

    @Controller()
    class Identity {
      @Handles(findWorkspaceByAddress)
      async find({ addresses }: FindWorkspaceByAddress) {
        present('identity');
        const asked = addresses.map(normaliseAddress);
        return { data: near.workspaces.filter(({ ownAddresses }) => ownAddresses.some((own) => asked.includes(own))) };
      }
      @Handles(getMailIdentity)
      async mailIdentity(_input: object, { workspaceId }: Context) {
        present('identity');
        const { id, name, language, inboundAddress } = near.workspaces.find((each) => each.id === workspaceId)!;
        const noDkim = { dkimDomain: null, dkimSelector: null, dkimPrivateKey: null };
        return {
          id,
          slug: 'rossi',
          apps: ['tickets' as const],
          name,
          language,
          inboundAddress,
          replyAddress: inboundAddress,
          ...noDkim,
        };
      }
      @Handles(resolveSender)
      async resolve({ email, name }: ResolveSender, { workspaceId }: Context): Promise<Sender> {
        present('identity');
        const key = `${workspaceId} ${email}`;
        const kind = near.users.has(email) ? ('user' as const) : ('customer' as const);
        const known = near.#senders.get(key) ?? {
          ...{ kind, id: newId(), name, email, organizationId: null, organizationName: null },
          ...{ defaultProjectId: null, defaultTeamId: null, language: null },
        };
        near.#senders.set(key, known);
        return known;
      }
      @Handles(confirmForwarding)
      async confirm({ address }: ConfirmForwarding) {
        near.confirmed.push(address);
        return {};
      }
    }

    @Controller()
    class Tickets {
      @Handles(receiveMail)
      async receive(mail: ReceiveMail, { workspaceId }: Context): Promise<MailReceived> {
        present('tickets');
        await near.#heldUp.get('tickets');
        const before = near.received.some(
          (each) =>
            each.workspace === workspaceId &&
            each.mail.mailKey === mail.mailKey &&
            each.mail.contentHash === mail.contentHash,
        );
        const nowhere = { itemId: null, messageId: null };
        if (before)
          return { outcome: 'duplicate', verdict: 'nothing', reason: 'The same mail arrived before.', ...nowhere };
        if (mail.authenticationFailed && !mail.released)
          return { outcome: 'refused', verdict: 'quarantine', reason: 'The sender could not be verified.', ...nowhere };
        near.received.push({ workspace: workspaceId, mail });
        return { outcome: 'item', verdict: 'new', reason: 'It answers nothing that is known here.', ...nowhere };
      }
    }

    @Controller()
    class Notifications {
      @Handles(reportBounce)
      async report(bounce: ReportBounce) {
        present('notifications');
        near.bounces.push(bounce);
        return { matched: true };
      }
    }

    const parts = { identity: Identity, tickets: Tickets, notifications: Notifications };
    return Object.entries(parts).map(([name, controller]) => {
      @Module({
        imports: [ServiceModule.forService({ name: name as ServiceName, entities: [] })],
        controllers: [controller],
      })
      class Neighbour {}
      return Neighbour;
    });
  }

  dns(): Dns {
    return {
      resolve: async (domain, type) => {
        const found = this.records.get(`${type} ${domain.toLowerCase()}`);
        if (!found) throw Object.assign(new Error('nothing'), { code: 'ENOTFOUND' });
        return type === 'TXT' ? found : found.flat();
      },
    };
  }
}

/** mail-ingest with its neighbours, and people who write to it. */
export class MailWorld {
  /** The replicas of mail-ingest that run. */
  readonly replicas: NestFastifyApplication[];

  private constructor(
    readonly world: World,
    readonly near: Neighbours,
    private readonly module: Type<unknown>,
  ) {
    // The first to start, so that it is the first to stop: it would wait for the others.
    this.replicas = [world.apps[0]!];
  }

  static async start(settings: Record<string, string> = {}): Promise<MailWorld> {
    const near = new Neighbours();
    const providers = [{ provide: DNS, useValue: near.dns() }];
    @Module({ imports: [{ module: AppModule, providers }] })
    class MailIngest {}
    const ports = { SMTP_PORT: '0', LMTP_PORT: '0' };
    const world = await startWorld([MailIngest, ...near.modules()], { ...ports, ...settings });
    return new MailWorld(world, near, MailIngest);
  }

  get app(): NestFastifyApplication {
    return this.replicas[0]!;
  }

  async startReplica(): Promise<void> {
    this.replicas.push(await this.world.start(this.module));
  }

  async stopFirstReplica(): Promise<void> {
    const app = this.replicas.shift()!;
    this.world.apps.splice(this.world.apps.indexOf(app), 1);
    await app.close();
  }

  port(source: 'smtp' | 'lmtp' = 'smtp'): number {
    return this.app.get(MailReceivers, { strict: false }).portOf(source)!;
  }

  /** Hands a mail over by SMTP, as any mail server would. */
  async mail(raw: string | Buffer, to: string | string[], from = 'emma@contoso.test') {
    const client = createTransport({ host: '127.0.0.1', port: this.port(), ignoreTLS: true });
    try {
      return await client.sendMail({ envelope: { from, to }, raw });
    } finally {
      client.close();
    }
  }

  /** Hands many over, several at once. */
  async mailAll(raws: readonly Buffer[], to: string, from = 'emma@contoso.test'): Promise<void> {
    const pool = { pool: true as const, maxConnections: 4 };
    const client = createTransport({ ...pool, host: '127.0.0.1', port: this.port(), ignoreTLS: true });
    await Promise.all(raws.map((raw) => client.sendMail({ envelope: { from, to }, raw })));
    client.close();
  }

  /** How the mails of a workspace ended, oldest first, once none is on its way. */
  async endings({ id }: MailWorkspace, expected = 1): Promise<(Ending & { id: string; raw_hash: string })[]> {
    const end = Date.now() + 20_000;
    for (;;) {
      const rows = await this.rows(id);
      const done = rows.filter(({ state }) => state === 'done' || state === 'quarantined');
      if (rows.length >= expected && done.length === rows.length) return rows as never;
      if (Date.now() > end) throw new Error(`not done: ${JSON.stringify(rows)}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  rows(workspaceId: string) {
    return this.world.sql<Record<string, unknown> & { id: string; state: string; envelope_to: string[] }>(
      'select *, from_address as "from" from mail_ingest.spool where workspace_id = $1 order by received_at, id',
      [workspaceId],
    );
  }

  /** Makes everything that waits due at once. */
  async hurry(): Promise<void> {
    await this.world.sql("update mail_ingest.spool set due_at = now() where state = 'waiting'");
    this.world.connection.publish('mail-ingest.spool');
  }

  stop(): Promise<void> {
    return this.world.stop();
  }
}

/** A small mail; headers in place of its own, null for none. */
export function aRawMail(headers: Record<string, string | null> = {}, body = 'Hello\r\n'): string {
  const fields = {
    From: 'Emma Jones <emma@contoso.test>',
    To: 'support@rossi.test',
    Subject: 'Printer on floor 2',
    Date: 'Mon, 3 Nov 2025 14:00:00 +0000',
    'Message-ID': `<${newId()}@contoso.test>`,
    'Content-Type': 'text/plain; charset=utf-8',
    ...headers,
  };
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}\r\n`]));
  return `${lines.join('')}\r\n${body}`;
}

export const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');
