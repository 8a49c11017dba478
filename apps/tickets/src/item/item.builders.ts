import { randomUUID } from 'node:crypto';
import { listItemTypes, userChanged, workspaceCreated, type Language, type WorkspaceFacts } from '@sportello/contracts';
import { type EventDefinition } from '@sportello/kernel';
import { eventSubject, type EventEnvelope } from '@sportello/messaging';
import { type UserActor } from '@sportello/permissions';
import { aUser, eventually, newId, type World } from '@sportello/testing';
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
export async function aWorkspace(world: World, given: { language?: Language; graceSeconds?: number } = {}) {
  const id = newId();
  const everyone = newId();
  const facts: WorkspaceFacts = {
    id,
    slug: `w-${id.slice(-8)}`,
    name: 'Officina Rossi',
    language: given.language ?? 'en',
    timeZone: 'Europe/Rome',
    customerSight: 'own',
    graceSeconds: given.graceSeconds ?? 14 * 86_400,
    supportProjectId: newId(),
    everyoneTeamId: everyone,
    inboundAddress: `in-${id.slice(-8)}@sportello.test`,
    replyAddress: null,
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
  await eventually(async () => {
    const rows = await world.sql('select from tickets.person where id = $1', [id]);
    if (!rows.length) throw new Error('the user has not come yet');
  });
  return user;
}
