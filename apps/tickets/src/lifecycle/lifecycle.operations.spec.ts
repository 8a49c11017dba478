import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  addStatus,
  changeItem,
  changeItemType,
  changeStatus,
  getItem,
  listItemTypes,
  removeStatus,
  cancelJob,
  setStatusState,
  type ItemType,
} from '@sportello/contracts';
import { type UserActor } from '@sportello/permissions';
import { newId, startWorld, type World } from '@sportello/testing';
import { AppModule } from '../app.module.js';
import { holdNextChunk, manyItems, rights, RightsModule, theEnd } from '../item/job.builders.js';
import { aKnownUser, anItem, aWorkspace, refusal } from '../item/item.builders.js';

let world: World;
let anna: UserActor;
let workspace: string;
let type: ItemType;
beforeAll(async () => {
  world = await startWorld([RightsModule, AppModule]);
});
beforeEach(async () => {
  ({ anna, id: workspace } = await aWorkspace(world));
  type = (await world.as(anna).call(listItemTypes, {})).data[0] as ItemType;
  rights.of.set(anna.id, anna);
});
afterAll(() => world.stop());

const theType = async () => (await world.as(anna).call(listItemTypes, {})).data[0] as ItemType;
const named = (of: ItemType, name: string) => of.statuses.find((status) => status.name === name)?.id as string;
const namesOf = (of: ItemType) => of.statuses.map(({ name }) => name);

describe('the lifecycle of a type', () => {
  it.each([
    ['en', 'Ticket', ['New', 'Open', 'Waiting for customer', 'Solved']],
    ['it', 'Ticket', ['Nuovo', 'Aperto', 'In attesa del cliente', 'Risolto']],
    ['nb', 'Sak', ['Ny', 'Åpen', 'Venter på kunden', 'Løst']],
  ] as const)('starts in the workspace’s language: %s', async (language, name, statuses) => {
    const desk = await aWorkspace(world, { language });
    const [first] = (await world.as(desk.anna).call(listItemTypes, {})).data;
    expect([first?.name, namesOf(first as ItemType)]).toEqual([name, statuses]);
  });

  it('is renamed and its default moves are set, to statuses of its own only', async () => {
    const change = (given: object) => world.as(anna).call(changeItemType, { id: type.id, ...given });
    const moves = [{ on: 'agent-reply' as const, statusId: null }];
    expect(await change({ name: 'Case', moves })).toMatchObject({ name: 'Case', version: type.version + 1 });
    const foreign = [{ on: 'agent-reply' as const, statusId: newId() }];
    await expect(change({ moves: foreign })).rejects.toMatchObject(refusal('status_not_found'));
  });

  it('gets a status at its end, once a name, which then moves to another place', async () => {
    const add = (name: string) =>
      world.as(anna).call(addStatus, { id: type.id, name, color: 'red', state: 'in-progress' });
    const added = await add('At the lab');
    expect(namesOf(added).at(-1)).toBe('At the lab');
    await expect(add(' at the LAB ')).rejects.toMatchObject(refusal('name_taken'));
    const place = { id: type.id, statusId: named(added, 'At the lab'), position: 1 };
    expect(namesOf(await world.as(anna).call(changeStatus, place))).toEqual(['New', 'At the lab', 'Open', 'Waiting for customer', 'Solved']); // prettier-ignore
  });

  it('when a status gets another state, then its items have it, with an event and a version each', async () => {
    const item = await anItem(world, anna);
    const ids = { id: type.id, statusId: named(type, 'New') };
    const { job } = await world.as(anna).call(setStatusState, { ...ids, state: 'in-progress' });
    expect(job).toMatchObject({ state: 'done', rows: [{ id: item.id, outcome: 'done' }] });
    const changed = await world.as(anna).call(getItem, { id: item.id });
    expect(changed).toMatchObject({ status: { name: 'New', state: 'in-progress' }, version: item.version + 1 });
    const [row] = await world.sql<{ state: string }>('select state from tickets.item where id = $1', [item.id]);
    expect(row?.state).toBe('in-progress');
  });

  it('when a status of many items gets another state, then they follow in chunks, what comes meanwhile has it, and nobody stops it half-way', async () => {
    await manyItems(world, anna, 130);
    const open = holdNextChunk();
    const ids = { id: type.id, statusId: named(type, 'New') };
    const { job } = await world.as(anna).call(setStatusState, { ...ids, state: 'in-progress' });
    expect(job).toMatchObject({ state: 'running', total: 130, done: 100, canCancel: false });
    await expect(world.as(anna).call(cancelJob, { id: job.id })).rejects.toMatchObject(refusal('job_not_cancellable'));
    expect(await anItem(world, anna)).toMatchObject({ status: { name: 'New', state: 'in-progress' } });
    open();
    expect(await theEnd(world, anna, job.id)).toMatchObject({ state: 'done', done: 130 });
    const rows = await world.sql(
      'select state, count(*)::integer from tickets.item where workspace_id = $1 group by 1',
      [workspace],
    );
    expect(rows).toEqual([{ state: 'in-progress', count: 131 }]);
  });

  it('when a status is removed, then its items and default moves go to the successor, and no customer is told', async () => {
    const item = await anItem(world, anna);
    const ids = { id: type.id, statusId: named(type, 'New') };
    await expect(world.as(anna).call(removeStatus, ids)).rejects.toMatchObject(refusal('status_in_use'));
    const { job } = await world.as(anna).call(removeStatus, { ...ids, successorId: named(type, 'Open') });
    expect(job).toMatchObject({ state: 'done', rows: [{ id: item.id, outcome: 'done' }], canUndo: false });
    expect(namesOf(await theType())).toEqual(['Open', 'Waiting for customer', 'Solved']);
    expect(await world.as(anna).call(getItem, { id: item.id })).toMatchObject({ status: { name: 'Open' } });
    const waiting = { id: type.id, statusId: named(type, 'Waiting for customer'), successorId: named(type, 'Open') };
    await world.as(anna).call(removeStatus, waiting);
    const { moves } = await theType();
    expect(moves.find(({ on }) => on === 'agent-reply')?.statusId).toBe(named(type, 'Open'));
    const told = await world.sql<{ announce: string | null }>(
      `select event->'data'->'after'->>'announce' as announce from tickets.outbox where workspace_id = $1 and event->>'type' = 'tickets.item.changed'`,
      [workspace],
    );
    expect(told.map(({ announce }) => announce)).toEqual([null]);
  });

  it('when many items have the status, then they move in chunks, meanwhile nothing new gets it, and then it is gone', async () => {
    const ids = await manyItems(world, anna, 130);
    const open = holdNextChunk();
    const [leaving, next] = [named(type, 'New'), named(type, 'Open')];
    const { job } = await world.as(anna).call(removeStatus, { id: type.id, statusId: leaving, successorId: next });
    expect(job).toMatchObject({ state: 'running', total: 130, done: 100 });
    const asAnna = world.as(anna);
    expect(await anItem(world, anna)).toMatchObject({ status: { name: 'Open' } });
    const [moved] = job.rows;
    const back = asAnna.call(changeItem, { id: moved?.id as string, statusId: leaving });
    await expect(back).rejects.toMatchObject(refusal('status_not_found'));
    open();
    expect(await theEnd(world, anna, job.id)).toMatchObject({ state: 'done', done: 130 });
    expect(namesOf(await theType())).toEqual(['Open', 'Waiting for customer', 'Solved']);
    const rows = await world.sql('select from tickets.item where workspace_id = $1 and status_id = $2', [
      workspace,
      next,
    ]);
    expect(rows).toHaveLength(ids.length + 1);
  });

  it.each([
    ['cancelled', async (job: string) => void (await world.as(anna).call(cancelJob, { id: job }))],
    [
      'given up, because whoever asked may no longer',
      async () => void rights.of.set(anna.id, { ...anna, role: 'member' }),
    ],
  ])('when a removal is %s, then the status stays, to be chosen again', async (_how, end) => {
    const ids = await manyItems(world, anna, 130);
    const open = holdNextChunk();
    const [leaving, next] = [named(type, 'New'), named(type, 'Open')];
    const { job } = await world.as(anna).call(removeStatus, { id: type.id, statusId: leaving, successorId: next });
    await end(job.id);
    open();
    expect(await theEnd(world, anna, job.id)).toMatchObject({ done: 100 });
    const back = await world.as(anna).call(changeItem, { id: ids[0] as string, statusId: leaving });
    expect(back).toMatchObject({ status: { name: 'New' } });
  });

  it('keeps one open and one finished status, whatever is asked', async () => {
    const solved = named(type, 'Solved');
    const asAnna = world.as(anna);
    for (const ask of [
      () => asAnna.call(removeStatus, { id: type.id, statusId: solved }),
      () => asAnna.call(setStatusState, { id: type.id, statusId: solved, state: 'in-progress' }),
    ])
      await expect(ask()).rejects.toMatchObject(refusal('state_needed'));
    for (const successorId of [solved, newId()])
      await expect(asAnna.call(removeStatus, { id: type.id, statusId: solved, successorId })).rejects.toMatchObject(refusal('status_not_found')); // prettier-ignore
  });

  it('is changed by administrators only', async () => {
    const per = await aKnownUser(world, workspace, { role: 'member' });
    const rename = world.as(per).call(changeItemType, { id: type.id, name: 'x' });
    await expect(rename).rejects.toMatchObject(refusal('forbidden'));
  });
});
