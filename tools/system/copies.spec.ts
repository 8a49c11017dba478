import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  changeCustomer,
  changeItem,
  changeUser,
  changeWorkspace,
  createCustomer,
  createItem,
  createOrganization,
  createTeam,
  deleteItem,
  snapshotUsers,
  snapshotWorkspaces,
} from '@sportello/contracts';
import { streamName } from '@sportello/messaging';
import { eventually, startWorld, type World } from '@sportello/testing';
import { AppModule as Identity } from '../../apps/identity/src/app.module.js';
import {
  aColleague,
  aSignUp,
  asService,
  refusal,
  type SignedUp,
} from '../../apps/identity/src/entry/entry.builders.js';
import { AppModule as Notifications } from '../../apps/notifications/src/app.module.js';
import { AppModule as Tickets } from '../../apps/tickets/src/app.module.js';

/** Runs an operator's command against the world, as its settings in the environment say. */
const operate = (command: string, ...words: string[]) =>
  promisify(execFile)(process.execPath, [`tools/operate/${command}.ts`, ...words], { env: process.env }).then(
    ({ stdout }) => stdout,
    ({ stderr }: { stderr: string }) => stderr,
  );

describe('copies of what other services own', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld([Identity, Tickets], { DEV_MAILBOX_DIR: '/nonexistent' });
  });
  afterEach(() => world.stop());

  const purge = async () => {
    const manager = await jetstreamManager(world.connection);
    await manager.streams.purge(streamName);
  };
  const published = () =>
    eventually(async () => {
      for (const service of ['identity', 'tickets'])
        expect(await world.sql(`select from ${service}.outbox where published_sequence is null`)).toEqual([]);
    });
  const ready = (workspace: string) =>
    eventually(async () =>
      expect(await world.sql('select from tickets.item_type where workspace_id = $1', [workspace])).toHaveLength(1),
    );
  const peopleOf = async (service: string, workspace: string) => {
    const rows = await world.sql<{ name: string }>(
      `select name from ${service}.person where workspace_id = $1 order by name`,
      [workspace],
    );
    return rows.map(({ name }) => name);
  };
  const itemsOf = (workspace: string) =>
    world.sql<{ title: string; deleted: boolean; seq: number }>(
      'select title, deleted, seq from notifications.item where workspace_id = $1 order by number',
      [workspace],
    );
  const aDesk = async () => {
    const desk = await aSignUp(world);
    await ready(desk.anna.workspace);
    return desk;
  };
  const anItem = async ({ asAnna }: SignedUp, title: string) => {
    // The first time it asks for a type or a person that the copy does not have yet.
    return eventually(() => asAnna.call(createItem, { title }));
  };

  it('given a desk in use whose stream was purged, when a service is added, then its copies are whole and it goes on with what happens next', async () => {
    const [desk, other] = [await aDesk(), await aDesk()];
    const { per } = await aColleague(world, desk);
    await desk.asAnna.call(createCustomer, { name: 'Ola Nordmann', email: 'ola@nordlys.example' });
    const [kept, gone] = [await anItem(desk, 'Printer'), await anItem(desk, 'Spam')];
    await desk.asAnna.call(deleteItem, { id: gone.id });
    await anItem(other, 'Theirs');
    await published();
    await purge();
    await world.start(Notifications);
    const workspace = desk.anna.workspace;
    await eventually(async () => {
      expect(await peopleOf('notifications', workspace)).toEqual(['Anna Rossi', 'Ola Nordmann', 'Per Hansen']);
      expect(await itemsOf(workspace)).toMatchObject([
        { title: 'Printer', deleted: false, seq: kept.version },
        { title: 'Spam', deleted: true },
      ]);
      expect(await itemsOf(other.anna.workspace)).toMatchObject([{ title: 'Theirs' }]);
      expect(await world.sql('select from notifications.status where workspace_id = $1', [workspace])).toHaveLength(4);
    });
    expect(await world.sql('select from notifications.outbound_mail')).toEqual([]);
    // Nothing is told of the past; what happens now is, at once.
    await desk.asAnna.call(changeItem, { id: kept.id, assignees: [{ kind: 'user', id: per.id }] });
    await eventually(async () =>
      expect(await world.sql('select reason from notifications.notification where user_id = $1', [per.id])).toEqual([
        { reason: 'assigned' },
      ]),
    );
  });

  it('given copies that lost rows, when an operator has them filled, then they are whole while changes go on, and each workspace has its own', async () => {
    const [desk, other] = [await aDesk(), await aDesk()];
    const workspace = desk.anna.workspace;
    const customers = [];
    for (let number = 1; number <= 5; number += 1)
      customers.push(await desk.asAnna.call(createCustomer, { name: `Customer ${number}` }));
    const { per } = await aColleague(world, desk, { name: 'Per Hansen' });
    await desk.asAnna.call(createTeam, { name: 'Second line', memberIds: [per.id] });
    await desk.asAnna.call(createOrganization, { name: 'Rossi' });
    const team = async () => {
      const [teams, members] = [
        await world.sql('select name from tickets.team where workspace_id = $1 order by name', [workspace]),
        await world.sql('select from tickets.user_team where workspace_id = $1', [workspace]),
      ];
      expect(teams).toEqual([{ name: 'Everyone' }, { name: 'Second line' }]);
      expect(members).toHaveLength(3);
      expect(await world.sql('select name from tickets.organization where workspace_id = $1', [workspace])).toEqual([
        { name: 'Rossi' },
      ]);
    };
    await eventually(async () => {
      expect(await peopleOf('tickets', workspace)).toHaveLength(7);
      await team();
    });
    for (const table of ['person', 'team', 'user_access', 'user_team', 'organization', 'workspace', 'project_grant'])
      await world.sql(`delete from tickets.${table}`);
    const renaming = Promise.all(
      customers.map(({ id }, index) => desk.asAnna.call(changeCustomer, { id, name: `Renamed ${index + 1}` })),
    );
    expect(await operate('refill', 'tickets')).toContain('complete');
    await renaming;
    await eventually(async () => {
      expect(await peopleOf('tickets', workspace)).toEqual([
        'Anna Rossi',
        'Per Hansen',
        ...[1, 2, 3, 4, 5].map((n) => `Renamed ${n}`),
      ]);
      await team();
    });
    expect(await peopleOf('tickets', other.anna.workspace)).toEqual(['Anna Rossi']);
    expect(await world.sql('select from tickets.item_type where workspace_id = $1', [workspace])).toHaveLength(1);
    expect((await anItem(desk, 'Printer')).number).toBeGreaterThan(0);
  });

  it('given a snapshot that is older than what the events brought, then the copy keeps the newest', async () => {
    const desk = await aDesk();
    await desk.asAnna.call(changeWorkspace, { name: 'Newer' });
    const workspace = desk.anna.workspace;
    const name = async () =>
      (await world.sql<{ name: string }>('select name from tickets.workspace where workspace_id = $1', [workspace]))[0];
    await eventually(async () => expect(await name()).toEqual({ name: 'Newer' }));
    // As if the snapshot had been read before the change.
    await world.sql("update identity.workspace set name = 'Older', seq = seq - 1 where id = $1", [workspace]);
    expect(await operate('refill', 'tickets')).toContain('complete');
    expect(await name()).toEqual({ name: 'Newer' });
  });

  it('given events parked because an earlier one was lost, when an operator retries the first, then the copy is filled and all of them go through', async () => {
    await world.start(Notifications);
    const desk = await aDesk();
    const { per } = await aColleague(world, desk);
    const item = await anItem(desk, 'Printer');
    await eventually(async () => expect(await itemsOf(desk.anna.workspace)).toHaveLength(1));
    await published();
    // The copy loses the item; the event that assigns it is parked, as two minutes of waiting would do, and so is the one behind it.
    await world.sql('delete from notifications.item');
    await world.sql('update notifications.inbox set last_seq = 0 where aggregate_id = $1', [item.id]);
    await desk.asAnna.call(changeItem, { id: item.id, assignees: [{ kind: 'user', id: per.id }] });
    await world.sql(
      `insert into notifications.parked_event (workspace_id, consumer, aggregate, aggregate_id, seq, event, reason)
       select workspace_id, 'notifications--tickets', 'item', aggregate_id, seq, event, 'an earlier event of the same aggregate never came'
         from tickets.outbox where aggregate_id = $1 and event ->> 'type' = 'tickets.item.changed'`,
      [item.id],
    );
    const listed = await operate('parked');
    expect(listed).toContain('an earlier event of the same aggregate never came');
    expect(listed).toContain(desk.anna.workspace);
    const id = /notifications\/\d+/.exec(listed)?.[0] as string;
    expect(await operate('parked', 'retry', id)).toContain('went through');
    expect(await itemsOf(desk.anna.workspace)).toMatchObject([{ title: 'Printer' }]);
    expect(await world.sql('select reason from notifications.notification where user_id = $1', [per.id])).toEqual([
      { reason: 'assigned' },
    ]);
    expect(await operate('parked')).toContain('Nothing is parked');
  });

  it('given an event that an operator drops, then it is gone, and an id that is none is told so', async () => {
    const desk = await aDesk();
    await world.sql(
      `insert into tickets.parked_event (workspace_id, consumer, aggregate, aggregate_id, seq, event, reason)
       select workspace_id, 'tickets--identity', 'user', aggregate_id, 99, event, 'broken' from identity.outbox where aggregate_id = $1 limit 1`,
      [desk.anna.id],
    );
    const id = /tickets\/\d+/.exec(await operate('parked'))?.[0] as string;
    expect(await operate('parked', 'drop', id)).toContain('Dropped');
    expect(await operate('parked')).toContain('Nothing is parked');
    expect(await operate('parked', 'retry', id)).toContain('no parked event');
    expect(await operate('parked', 'retry', "tickets/1'")).toContain('no parked event');
  });

  it('lets only services of the list read a snapshot, of one workspace; the list of all workspaces is for those without one', async () => {
    const [desk, other] = [await aDesk(), await aDesk()];
    const { workspace } = desk.anna;
    const tickets = asService(world, 'tickets', workspace);
    const ids = ({ data }: { data: { id: string }[] }) => data.map(({ id }) => id);
    expect(ids(await tickets.call(snapshotUsers, {}))).toEqual([desk.anna.id]);
    expect(ids(await tickets.call(snapshotUsers, { ids: [other.anna.id] }))).toEqual([]);
    expect(ids(await tickets.call(snapshotWorkspaces, {}))).toEqual([workspace]);
    expect(ids(await asService(world, 'tickets', null).call(snapshotWorkspaces, {}))).toEqual(
      [workspace, other.anna.workspace].sort(),
    );
    await expect(asService(world, 'tickets', null).call(snapshotUsers, {})).rejects.toMatchObject(refusal('forbidden'));
    await expect(asService(world, 'mail-ingest', workspace).call(snapshotUsers, {})).rejects.toMatchObject(
      refusal('forbidden'),
    );
    await expect(desk.asAnna.call(snapshotUsers, {})).rejects.toMatchObject(refusal('forbidden'));
    await desk.asAnna.call(changeUser, { id: desk.anna.id, name: 'Anna Bianchi' });
    expect((await tickets.call(snapshotUsers, {})).data).toMatchObject([{ after: { name: 'Anna Bianchi' }, seq: 2 }]);
  });
});
