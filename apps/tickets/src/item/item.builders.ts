import { randomUUID } from 'node:crypto';
import {
  createItem,
  customerChanged,
  listItemTypes,
  organizationChanged,
  teamChanged,
  userChanged,
  workspaceCreated,
  type CreateItem,
  type ItemDetails,
  type WorkspaceFacts,
} from '@sportello/contracts';
import { type EventDefinition } from '@sportello/kernel';
import { eventSubject, type EventEnvelope } from '@sportello/messaging';
import { type CustomerActor, type ProjectRole, type UserActor } from '@sportello/permissions';
import { aCustomer, aUser, eventually, newId, type World } from '@sportello/testing';
import { jetstream } from '@nats-io/jetstream';

/** Tells an event as its owner would. */
export async function tell<Payload extends object>(
  world: World,
  event: EventDefinition<Payload>,
  { workspace, subject, seq, after }: { workspace: string; subject: string; seq: number; after: Payload },
): Promise<void> {
  const envelope: EventEnvelope = {
    specversion: '1.0',
    id: randomUUID(),
    source: 'sportello/test',
    type: event.id,
    subject,
    time: new Date().toISOString(),
    workspace,
    seq,
    actor: null,
    data: { after, changed: [], was: null, is: null, internal: false, customer: null },
  };
  await jetstream(world.connection).publish(eventSubject(event, workspace), JSON.stringify(envelope));
}

/** A workspace with an administrator, Anna, once this service knows of both. */
export async function aWorkspace(world: World, given: Partial<WorkspaceFacts> = {}) {
  const id = newId();
  const everyone = newId();
  const facts: WorkspaceFacts = {
    id,
    slug: `w-${id.slice(-8)}`,
    name: 'Officina Rossi',
    language: 'en',
    timeZone: 'Europe/Rome',
    customerSight: 'own',
    graceSeconds: 14 * 86_400,
    apps: ['tickets'],
    supportProjectId: newId(),
    everyoneTeamId: everyone,
    inboundAddress: `in-${id.slice(-8)}@sportello.test`,
    replyAddress: null,
    ...given,
  };
  await tell(world, workspaceCreated, { workspace: id, subject: id, seq: 1, after: facts });
  const anna = await aKnownUser(world, id, { teams: [everyone] }, 'Anna');
  await eventually(async () => {
    const { data } = await world.as(anna).call(listItemTypes, {});
    if (!data.length) throw new Error('the type has not come yet');
  });
  return { id, facts, everyone, anna };
}

/** A user whom this service knows by name. */
export async function aKnownUser(
  world: World,
  workspace: string,
  given: Partial<UserActor> = {},
  name = 'Per',
): Promise<UserActor> {
  const user = aUser(workspace, given);
  const { id, role, flags, apps, teams } = user;
  const after = {
    id,
    name,
    email: `${name.toLowerCase()}@rossi.test`,
    role,
    flags: [...flags],
    apps: [...apps],
    teamIds: [...teams],
    language: 'en' as const,
    active: true,
  };
  await tell(world, userChanged, { workspace, subject: id, seq: 1, after });
  await known(world, 'person', id);
  return user;
}

/** A customer whom this service knows by name and address. */
export async function aKnownCustomer(
  world: World,
  workspace: string,
  given: { name?: string; organization?: string | null } = {},
): Promise<CustomerActor & { name: string; email: string }> {
  const { name = 'Emma', organization = null } = given;
  const customer = aCustomer(workspace, { organization });
  const email = `${name.toLowerCase().replaceAll(' ', '.')}.${customer.id.slice(-6)}@contoso.test`;
  const after = { id: customer.id, name, email, organizationId: organization, language: null, erased: false };
  await tell(world, customerChanged, { workspace, subject: customer.id, seq: 1, after });
  await known(world, 'person', customer.id);
  return { ...customer, name, email };
}

/** An organization that this service knows. */
export async function aKnownOrganization(
  world: World,
  workspace: string,
  given: { name?: string; defaultProjectId?: string; defaultTeamId?: string } = {},
): Promise<string> {
  const id = newId();
  const after = {
    name: 'Contoso',
    domains: [],
    defaultProjectId: null,
    defaultTeamId: null,
    ...given,
    id,
    removed: false,
  };
  await tell(world, organizationChanged, { workspace, subject: id, seq: 1, after });
  await known(world, 'organization', id);
  return id;
}

/** A team that this service knows. */
export async function aKnownTeam(world: World, workspace: string, name = 'Night shift'): Promise<string> {
  const id = newId();
  const after = { id, name, removed: false };
  await tell(world, teamChanged, { workspace, subject: id, seq: 1, after });
  await known(world, 'team', id);
  return id;
}

/** A project: shared with one user or team, as the projects' service will tell. */
export async function aProject(
  world: World,
  workspace: string,
  ...grants: { kind: 'user' | 'team'; id: string; role: ProjectRole }[]
): Promise<string> {
  const id = newId();
  for (const { kind, id: principal, role } of grants) {
    const values = [workspace, id, kind, principal, role];
    await world.sql(
      'insert into tickets.project_grant (workspace_id, project_id, principal_kind, principal_id, role) values ($1, $2, $3, $4, $5)',
      values,
    );
  }
  return id;
}

/** A ticket that somebody made. */
export function anItem(
  world: World,
  by: UserActor | CustomerActor,
  given: Partial<CreateItem> = {},
): Promise<ItemDetails> {
  return world.as(by).call(createItem, { title: 'Printer is on fire', ...given });
}

async function known(world: World, table: 'person' | 'organization' | 'team', id: string): Promise<void> {
  await eventually(async () => {
    const rows = await world.sql(`select from tickets.${table} where id = $1`, [id]);
    if (!rows.length) throw new Error(`the ${table} has not come yet`);
  });
}

/** What a refused call throws, by its code. */
export const refusal = (code: string) => ({ definition: { code } });
