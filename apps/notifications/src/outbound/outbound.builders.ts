import { randomBytes } from 'node:crypto';
import { randomUUID } from 'node:crypto';
import { type AddressInfo } from 'node:net';
import { Controller, Module } from '@nestjs/common';
import {
  findWorkspaceByAddress,
  getMailIdentity,
  itemCreated,
  itemTypeChanged,
  messageAdded,
  mintLink,
  mintStopLink,
  prepareMail,
  prepareSummary,
  userChanged,
  customerChanged,
  workspaceChanged,
  workspaceCreated,
  type FindWorkspaceByAddress,
  type ItemFacts,
  type Language,
  type MailIdentity,
  type MessageFacts,
  type MintedLink,
  type MintLink,
  type MintStopLink,
  type PreparedMail,
  type PrepareMail,
  type PreparedSummary,
  type PrepareSummary,
  type SummaryItem,
} from '@sportello/contracts';
import { Refusal, type EventDefinition, serviceUnavailable } from '@sportello/kernel';
import { linkNotDue } from '@sportello/contracts';
import { makeMessageId, makeToken } from '@sportello/mail';
import { eventSubject, type EventActor, type EventEnvelope, type EventJob } from '@sportello/messaging';
import { type AccessFacts, type UserActor } from '@sportello/permissions';
import { Handles, ServiceModule, type Context } from '@sportello/service';
import { aUser, eventually, newId, startWorld, type World } from '@sportello/testing';
import { jetstream } from '@nats-io/jetstream';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { AppModule } from '../app.module.js';

/** What the stand-ins answer; a test changes it. Keyed by message or item. */
export const told = {
  prepared: new Map<string, Partial<PreparedMail>>(),
  identities: new Map<string, MailIdentity>(),
  links: new Map<string, MintedLink>(),
  ids: new Map<string, Pick<PreparedMail, 'mailId' | 'replyToken' | 'bounceToken'>>(),
  /** What a summary names by item; one that is not here may no longer be seen. */
  lines: new Map<string, SummaryItem>(),
  /** Addresses that forward to a workspace. */
  forwarded: new Map<string, string>(),
};

/** Stands in for tickets: says what a mail says, with the same ids whenever it is asked. */
@Controller()
export class TicketsStandIn {
  @Handles(prepareMail)
  async prepare(input: PrepareMail): Promise<PreparedMail> {
    const key = JSON.stringify([input.itemId, input.messageId, input.purpose, input.recipient, input.occasion ?? null]);
    const random = () => new Uint8Array(randomBytes(16));
    const ids = told.ids.get(key) ?? {
      mailId: makeMessageId({ random: random(), domain: 'sportello.test' }),
      replyToken: makeToken(random()),
      bounceToken: makeToken(random()),
    };
    told.ids.set(key, ids);
    return {
      ...ids,
      wanted: true,
      number: 1042,
      title: 'Broken printer',
      typeName: 'Ticket',
      statusName: 'In progress',
      thread: 'customer',
      authorName: 'Anna Larsen',
      requesterName: 'Lucia Bianchi',
      language: 'en',
      html: '<p>It works <b>again</b>.</p>',
      quoted: null,
      references: ['first@bianchi.test'],
      to: [],
      cc: [],
      files: [],
      date: new Date('2025-11-03T10:12:00Z'),
      ...told.prepared.get(input.itemId),
      ...(input.messageId ? told.prepared.get(input.messageId) : {}),
    };
  }
}

@Controller()
export class SummaryStandIn {
  @Handles(prepareSummary)
  async prepare({ itemIds }: PrepareSummary): Promise<PreparedSummary> {
    const items = itemIds.flatMap((id) => told.lines.get(id) ?? []);
    return { items: items.slice(0, 50), count: items.length, language: 'en' };
  }
}

@Module({
  imports: [ServiceModule.forService({ name: 'tickets', entities: [] })],
  controllers: [TicketsStandIn, SummaryStandIn],
})
export class TicketsStandInModule {}

/** Stands in for identity: addresses, keys and links. */
@Controller()
export class IdentityStandIn {
  @Handles(getMailIdentity)
  async identity(_input: object, ctx: Context): Promise<MailIdentity> {
    const known = told.identities.get(ctx.workspaceId);
    if (!known) throw new Refusal(serviceUnavailable);
    return known;
  }

  @Handles(findWorkspaceByAddress)
  async find({ addresses }: FindWorkspaceByAddress) {
    const data = [...told.identities.values()]
      .filter(({ id, inboundAddress, replyAddress }) =>
        addresses.some((each) => [inboundAddress, replyAddress].includes(each) || told.forwarded.get(each) === id),
      )
      .map(({ id, name, language, inboundAddress }) => ({
        ...{ id, name, language, inboundAddress, address: inboundAddress },
        ownAddresses: [inboundAddress],
      }));
    return { data };
  }

  @Handles(mintStopLink)
  async mintStop({ person, itemId }: MintStopLink) {
    return { path: `/stop-mails?token=${person.kind}.${person.id}.${itemId}` };
  }

  @Handles(mintLink)
  async mint({ id }: MintLink): Promise<MintedLink> {
    const link = told.links.get(id);
    if (!link) throw new Refusal(linkNotDue);
    return link;
  }
}

@Module({ imports: [ServiceModule.forService({ name: 'identity', entities: [] })], controllers: [IdentityStandIn] })
export class IdentityStandInModule {}

/** A mail server that keeps what it got. */
export interface Postbox {
  url: string;
  mails: { from: string; to: string; raw: string; parsed: ParsedMail }[];
  /** What it answers to a recipient instead of taking the mail: "550 no such user". */
  refuse: Map<string, string>;
  to(address: string): Postbox['mails'];
  stop(): Promise<void>;
}

/** Starts a real SMTP server on a free port. */
export async function startPostbox(): Promise<Postbox> {
  const mails: Postbox['mails'] = [];
  const refuse = new Map<string, string>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onRcptTo({ address }, _session, done) {
      const answer = refuse.get(address);
      if (!answer) return done();
      done(Object.assign(new Error(answer.slice(4)), { responseCode: Number(answer.slice(0, 3)) }));
    },
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks);
        void simpleParser(raw).then((parsed) => {
          const [to] = envelope.rcptTo;
          const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
          mails.push({ from, to: to?.address ?? '', raw: raw.toString('latin1'), parsed });
          done();
        });
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    refuse,
    to: (address) => mails.filter((mail) => mail.to === address),
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** This service, a mail server, and stand-ins for those whom it asks. */
export async function startMailWorld(): Promise<{ world: World; postbox: Postbox }> {
  const postbox = await startPostbox();
  const world = await startWorld([TicketsStandInModule, IdentityStandInModule, AppModule], { SMTP_URL: postbox.url });
  return { world, postbox };
}

/** Tells an event as its owner would. */
export async function tell<Payload extends object>(
  world: World,
  event: EventDefinition<Payload>,
  given: {
    workspace: string;
    subject: string;
    seq: number;
    after: Payload;
    id?: string;
    actor?: EventActor | null;
    changed?: string[];
    was?: AccessFacts | null;
    is?: AccessFacts | null;
    internal?: boolean;
    job?: EventJob;
  },
): Promise<void> {
  const { after, changed = [], was = null, is = null, internal = false, ...rest } = given;
  const envelope: EventEnvelope = {
    specversion: '1.0',
    id: randomUUID(),
    source: 'sportello/test',
    type: event.id,
    time: new Date().toISOString(),
    actor: null,
    ...rest,
    data: { after, changed, was, is, internal, customer: null },
  };
  await jetstream(world.connection).publish(eventSubject(event, given.workspace), JSON.stringify(envelope));
}

/** Waits until rows are there. */
export async function known(world: World, query: string, values: unknown[]): Promise<void> {
  await eventually(async () => {
    if (!(await world.sql(query, values)).length) throw new Error(`not yet: ${query}`);
  });
}

export interface Desk {
  id: string;
  everyone: string;
  project: string;
  identity: MailIdentity;
  statuses: { received: string; working: string; waiting: string; solved: string };
}

/** A workspace that this service knows of, with its statuses. */
export async function aDesk(world: World, given: Partial<MailIdentity> = {}): Promise<Desk> {
  const id = newId();
  const [everyone, project] = [newId(), newId()];
  const identity: MailIdentity = {
    id,
    slug: `w-${id.slice(-8)}`,
    name: 'Officina Rossi',
    language: 'en',
    inboundAddress: `in-${id.slice(-8)}@sportello.test`,
    replyAddress: `help-${id.slice(-8)}@rossi.test`,
    apps: ['tickets'],
    dkimDomain: null,
    dkimSelector: null,
    dkimPrivateKey: null,
    ...given,
  };
  told.identities.set(id, identity);
  const { slug, name, language, inboundAddress, replyAddress } = identity;
  const facts = {
    id,
    slug,
    name,
    language,
    inboundAddress,
    replyAddress,
    timeZone: 'Europe/Rome',
    customerSight: 'own' as const,
  };
  const after = {
    ...facts,
    apps: [...identity.apps],
    graceSeconds: 0,
    supportProjectId: project,
    everyoneTeamId: everyone,
  };
  await tell(world, workspaceCreated, { workspace: id, subject: id, seq: 1, after });
  const statuses = { received: newId(), working: newId(), waiting: newId(), solved: newId() };
  const typeId = newId();
  const status = (statusId: string, customerName: string, state: 'not-started' | 'in-progress' | 'finished') => ({
    ...{ id: statusId, name: customerName, customerName, state, color: 'blue' as const, position: 0 },
  });
  await tell(world, itemTypeChanged, {
    ...{ workspace: id, subject: typeId, seq: 1 },
    after: {
      ...{
        id: typeId,
        key: 'ticket',
        app: 'tickets',
        name: 'Ticket',
        pluralName: 'Tickets',
        icon: 'ticket',
        hidden: false,
      },
      ...{ publishedByDefault: true, version: 1, moves: [] },
      statuses: [
        status(statuses.received, 'Received', 'not-started'),
        status(statuses.working, 'In progress', 'in-progress'),
        status(statuses.waiting, 'In progress', 'in-progress'),
        status(statuses.solved, 'Solved', 'finished'),
      ],
    },
  });
  await known(world, 'select from notifications.workspace where workspace_id = $1', [id]);
  await known(world, 'select from notifications.status where workspace_id = $1', [id]);
  return { id, everyone, project, identity, statuses };
}

/** A user whom this service knows, in the team "Everyone" unless said otherwise. */
export async function aColleague(
  world: World,
  desk: Desk,
  name: string,
  given: Partial<UserActor> = {},
): Promise<UserActor> {
  const user = aUser(desk.id, { role: 'member', teams: [desk.everyone], ...given });
  const { id, role, flags, apps, teams } = user;
  const facts = { id, name, email: emailOf(name), role, flags: [...flags], apps: [...apps], teamIds: [...teams] };
  await tell(world, userChanged, {
    ...{ workspace: desk.id, subject: id, seq: 1 },
    after: { ...facts, language: 'en', active: true },
  });
  await known(world, 'select from notifications.person where id = $1', [id]);
  return user;
}

export const emailOf = (name: string): string => `${name.toLowerCase()}@rossi.test`;

/** A customer whom this service knows. */
export async function aRequester(
  world: World,
  desk: Desk,
  given: { name?: string; email?: string; language?: Language } = {},
): Promise<{ kind: 'customer'; id: string; email: string }> {
  const id = newId();
  const { name = 'Lucia Bianchi', email = `lucia-${id.slice(-8)}@bianchi.test`, language = null } = given;
  const after = { id, name, email, language, organizationId: null, erased: false };
  await tell(world, customerChanged, { workspace: desk.id, subject: id, seq: 1, after });
  await known(world, 'select from notifications.person where id = $1', [id]);
  return { kind: 'customer', id, email };
}

/** An item whose events are told one after the other. */
export class ToldItem {
  seq = 0;
  readonly id = newId();
  facts: ItemFacts;
  access: AccessFacts;

  constructor(
    private readonly world: World,
    private readonly desk: Desk,
    access: Partial<AccessFacts>,
  ) {
    this.access = {
      projectId: desk.project,
      requester: null,
      requesterOrganizationId: null,
      assignedUserIds: [],
      assignedTeamIds: [],
      followers: [],
      published: true,
      ...access,
    };
    this.facts = {
      ...{ id: this.id, number: 1042, typeId: newId(), title: 'Broken printer', statusId: desk.statuses.received },
      ...{ state: 'not-started', priority: 2, requester: this.access.requester, assignees: [], followers: [] },
      ...{ tags: [], app: 'tickets', published: true, projectId: desk.project, announce: null },
    };
  }

  async created(actor: EventActor | null = null): Promise<this> {
    await this.tell(itemCreated, this.facts, { actor });
    return this;
  }

  /** @returns the message's id */
  async message(given: Partial<MessageFacts> & Pick<MessageFacts, 'author'>, id = newId()): Promise<string> {
    const thread = given.thread ?? 'customer';
    const after: MessageFacts = {
      ...{ id, itemId: this.id, itemNumber: 1042, threadId: newId(), thread, via: 'web', mentions: [], to: [], cc: [] },
      ...{ excerpt: 'It works again.', newHere: false, first: false, answerable: false },
      ...given,
    };
    // Tickets says what stands in To and Cc.
    told.prepared.set(id, { to: after.to, cc: after.cc, thread, ...told.prepared.get(id) });
    await this.tell(messageAdded, after, { actor: after.author, internal: thread === 'internal' });
    return id;
  }

  async tell<Payload extends object>(
    event: EventDefinition<Payload>,
    after: Payload,
    given: {
      actor?: EventActor | null;
      changed?: string[];
      access?: Partial<AccessFacts>;
      internal?: boolean;
      id?: string;
      job?: EventJob;
    } = {},
  ): Promise<void> {
    const { access, ...rest } = given;
    const was = this.seq ? this.access : null;
    this.access = { ...this.access, ...access };
    this.seq += 1;
    await tell(this.world, event, {
      ...{ workspace: this.desk.id, subject: this.id, seq: this.seq, after, was, is: this.access },
      ...rest,
    });
  }
}

/** The app is switched on or off, as identity tells it and answers when it is asked. */
export async function switchApp(world: World, desk: Desk, on: boolean, seq: number): Promise<void> {
  const apps = on ? ['tickets' as const] : [];
  desk.identity.apps = apps;
  const { id, slug, name, language, inboundAddress, replyAddress } = desk.identity;
  await tell(world, workspaceChanged, {
    ...{ workspace: id, subject: id, seq, changed: ['apps'] },
    after: {
      ...{ id, slug, name, language, inboundAddress, replyAddress, apps, timeZone: 'Europe/Rome' },
      ...{ customerSight: 'own', graceSeconds: 0, supportProjectId: desk.project, everyoneTeamId: desk.everyone },
    },
  });
  await known(world, 'select from notifications.workspace where workspace_id = $1 and seq = $2', [id, seq]);
}
