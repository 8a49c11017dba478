import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  cancelJob,
  changeItem,
  changeItems,
  deleteItem,
  getItem,
  getJob,
  listActivity,
  listItemTypes,
  listJobRows,
  prepareSummary,
  removeStatus,
  undoJob,
} from '@sportello/contracts';
import { maxEventBytes, type EventBatch } from '@sportello/messaging';
import { type UserActor } from '@sportello/permissions';
import { newId, startWorld, type World } from '@sportello/testing';
import { AppModule } from '../app.module.js';
import { aKnownUser, anItem, aProject, aWorkspace, refusal } from './item.builders.js';
import { holdNextChunk, manyItems, rights, RightsModule, theEnd } from './job.builders.js';

let world: World;
let anna: UserActor;
let workspace: string;
beforeAll(async () => {
  world = await startWorld([RightsModule, AppModule]);
});
beforeEach(async () => {
  ({ anna, id: workspace } = await aWorkspace(world));
  rights.of.set(anna.id, anna);
});
afterAll(() => world.stop());

const change = (ids: string[], given: object = { priority: 5 }, by = anna) =>
  world.as(by).call(changeItems, { ids, ...given });
const priorities = () =>
  world.sql<{ priority: number; count: number }>(
    'select priority, count(*)::integer as count from tickets.item where workspace_id = $1 group by 1 order by 1',
    [workspace],
  );
const batches = async () =>
  (
    await world.sql<{ event: EventBatch }>(
      `select event from tickets.outbox where workspace_id = $1 and event ? 'many' order by id`,
      [workspace],
    )
  ).map(({ event }) => event);

describe('a bulk change', () => {
  it('given up to 100 items, then the answer carries them all, and a repeated call is the same job', async () => {
    const ids = await manyItems(world, anna, 3);
    const once = () => world.as(anna).call(changeItems, { ids, priority: 5 }, { idempotencyKey: 'k' });
    const { job } = await once();
    expect(job).toMatchObject({ state: 'done', total: 3, done: 3, href: `/api/v1/jobs/${job.id}` });
    expect(job.rows.map(({ id }) => id)).toEqual(ids);
    expect((await once()).job.id).toBe(job.id);
    expect(await world.as(anna).call(getItem, { id: ids[0] as string })).toMatchObject({ priority: 5, version: 2 });
  });

  it('given 250 items, then each of three chunks is one event of at most 256 kB in which each item has its own next number', async () => {
    const ids = await manyItems(world, anna, 250, 'à'.repeat(1000));
    const { job } = await change(ids);
    expect(job).toMatchObject({ state: 'running', total: 250, done: 100, canUndo: false });
    const ended = await theEnd(world, anna, job.id);
    expect(ended).toMatchObject({ state: 'done', total: 250, done: 250 });
    expect(ended.rows.map(({ id }) => id)).toEqual(ids);
    const told = await batches();
    // Titles this long take two events a chunk; usual ones take one.
    expect(told.every((event) => Buffer.byteLength(JSON.stringify(event)) <= maxEventBytes)).toBe(true);
    expect(new Map(told.map(({ subject, seq, job: mark }) => [`${subject} ${seq}`, mark]))).toEqual(
      new Map([
        [`${job.id} 1`, { id: job.id, ends: false, undoes: null }],
        [`${job.id} 2`, { id: job.id, ends: false, undoes: null }],
        [`${job.id} 3`, { id: job.id, ends: true, undoes: null }],
      ]),
    );
    const each = told.flatMap(({ many }) => many);
    expect(each.map(({ subject }) => subject).sort()).toEqual([...ids].sort());
    expect(new Set(each.map(({ seq }) => seq))).toEqual(new Set([2]));
    expect(each[0]?.data).toMatchObject({ changed: ['priority'], was: { published: true }, is: { published: true } });
    const singles = await world.sql(
      `select from tickets.outbox where workspace_id = $1 and event->>'type' = 'tickets.item.changed' and not event ? 'many'`,
      [workspace],
    );
    expect(singles).toEqual([]);
  });

  it('given an item that would get more than 50 tags, then it is refused and stays as it is, and the others are done', async () => {
    const [full, other] = (await manyItems(world, anna, 2)) as [string, string];
    await change([full], { addTags: Array.from({ length: 50 }, (_, index) => `tag ${index}`) });
    const { job } = await change([full, other], { addTags: ['one more'], priority: 1 });
    expect(job.rows).toEqual([
      { id: full, outcome: 'refused', code: 'too_many_tags' },
      { id: other, outcome: 'done', code: null },
    ]);
    const item = await world.as(anna).call(getItem, { id: full });
    expect([item.tags.length, item.priority, item.version]).toEqual([50, 2, 2]);
    const swapped = await change([full], { addTags: ['one more', 'TAG 7'], removeTags: ['tag 1'] });
    expect(swapped.job.rows[0]?.outcome).toBe('done');
  });

  it('given usual titles, then a chunk of 100 is one event', async () => {
    await change(await manyItems(world, anna, 100, 'The printer on the second floor is on fire again'));
    expect((await batches()).map(({ many }) => many.length)).toEqual([100]);
  });

  it('given a replica that dies between two chunks, then another goes on where it was, and no row is done twice', async () => {
    const ids = await manyItems(world, anna, 250);
    const open = holdNextChunk();
    const { job } = await change(ids, { addTags: ['moved'] });
    while (rights.gate) await new Promise((resolve) => setTimeout(resolve, 10));
    await world.start(AppModule);
    // The lease of whoever stands still is over.
    await world.sql('update tickets.job set due_at = now() where id = $1', [job.id]);
    expect(await theEnd(world, anna, job.id)).toMatchObject({ state: 'done', done: 250 });
    open();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const [twice] = await world.sql<{ rows: number; most: number; lines: number }>(
      `select (select count(*)::integer from tickets.job_row where job_id = $2) as rows,
              (select max(seq) from tickets.item where workspace_id = $1) as most,
              (select count(*)::integer from tickets.activity where workspace_id = $1 and what = 'tags') as lines`,
      [workspace, job.id],
    );
    expect(twice).toEqual({ rows: 250, most: 2, lines: 250 });
  });

  it('given rights that are taken away between two chunks, then the job ends there and says why', async () => {
    const ids = await manyItems(world, anna, 150);
    const open = holdNextChunk();
    const { job } = await change(ids);
    rights.of.set(anna.id, { ...anna, role: 'member', teams: [] });
    open();
    const restricted = await theEnd(world, anna, job.id);
    expect(restricted.rows.slice(100).map(({ code }) => code)).toEqual(Array(50).fill('not_found'));
    rights.of.delete(anna.id);
    const again = await change(ids, { priority: 1 });
    expect(await theEnd(world, anna, again.job.id)).toMatchObject({
      state: 'failed',
      code: 'token_refused',
      done: 100,
    });
    expect(await priorities()).toEqual([
      { priority: 1, count: 100 },
      { priority: 2, count: 50 },
    ]);
  });

  it('given an API token, then the rest is done with no more than what the token may', async () => {
    const ids = await manyItems(world, anna, 150);
    const { job } = await change(ids, { published: false }, { ...anna, scopes: ['item.view', 'item.edit'] });
    const ended = await theEnd(world, anna, job.id);
    expect(new Set(ended.rows.map(({ code }) => code))).toEqual(new Set(['forbidden']));
  });

  it('is cancelled after the rows that are done, which stay done', async () => {
    const ids = await manyItems(world, anna, 150);
    const open = holdNextChunk();
    const { job } = await change(ids);
    expect(await world.as(anna).call(cancelJob, { id: job.id })).toMatchObject({ state: 'cancelled', done: 100 });
    open();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await priorities()).toEqual([
      { priority: 2, count: 50 },
      { priority: 5, count: 100 },
    ]);
    expect(await world.as(anna).call(getJob, { id: job.id })).toMatchObject({ canUndo: true });
  });

  it('is nobody’s business but of whoever asked', async () => {
    const { job } = await change(await manyItems(world, anna, 1));
    const other = await aKnownUser(world, workspace);
    const { anna: stranger } = await aWorkspace(world);
    for (const actor of [other, stranger])
      for (const operation of [getJob, cancelJob, undoJob] as (typeof getJob)[])
        await expect(world.as(actor).call(operation, { id: job.id })).rejects.toMatchObject(refusal('not_found'));
    await expect(world.as(anna).call(getJob, { id: newId() })).rejects.toMatchObject(refusal('not_found'));
  });

  it('tells the answer for each row, page by page, or only those that went otherwise', async () => {
    const ids = await manyItems(world, anna, 5);
    const unknown = newId();
    const asked = [...ids.slice(0, 3), unknown, ...ids.slice(3)];
    const { job } = await change(asked);
    const rows: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await world.as(anna).call(listJobRows, { id: job.id, limit: 2, ...(cursor && { cursor }) });
      rows.push(...page.data.map(({ id }) => id));
      if (!page.nextCursor) break;
      cursor = page.nextCursor;
    }
    expect(rows).toEqual(asked);
    const refused = await world.as(anna).call(listJobRows, { id: job.id, outcome: 'refused' });
    expect(refused).toEqual({ data: [{ id: unknown, outcome: 'refused', code: 'not_found' }], nextCursor: null });
    const per = await aKnownUser(world, workspace);
    await expect(world.as(per).call(listJobRows, { id: job.id })).rejects.toMatchObject(refusal('not_found'));
  });

  it('refuses 1,001 ids, and as a whole what no row can have', async () => {
    await expect(change(Array.from({ length: 1001 }, newId))).rejects.toMatchObject(refusal('invalid_input'));
    const nobody = { assignees: [{ kind: 'user', id: newId() }] };
    await expect(change([newId()], nobody)).rejects.toMatchObject(refusal('person_not_found'));
    expect(await world.sql('select from tickets.job where workspace_id = $1', [workspace])).toEqual([]);
  });
});

describe('taking a bulk change back', () => {
  it('gives each row what it had, and leaves what changed since', async () => {
    const per = await aKnownUser(world, workspace);
    const mine = { kind: 'user' as const, id: per.id };
    const [plain, tagged, touched, refinished] = await Promise.all([
      anItem(world, anna),
      anItem(world, anna, { tags: ['Printer'], priority: 4, assignees: [mine] }),
      anItem(world, anna),
      anItem(world, anna),
    ]);
    const ids = [plain.id, tagged.id, touched.id, refinished.id];
    const asAnna = world.as(anna);
    const { job } = await change(ids, {
      ...{ state: 'finished', priority: 5, addTags: ['done'], published: false },
      assignees: [{ kind: 'user', id: anna.id }],
    });
    await asAnna.call(changeItem, { id: touched.id, priority: 1 });
    // Another field: no reason to leave it.
    await asAnna.call(changeItem, { id: refinished.id, title: 'Printer is out' });
    const undone = (await asAnna.call(undoJob, { id: job.id })).job;
    expect(undone).toMatchObject({ state: 'done', undoes: job.id, total: 4, canUndo: false });
    expect(new Map(undone.rows.map(({ id, outcome }) => [id, outcome]))).toEqual(
      new Map([
        [plain.id, 'done'],
        [tagged.id, 'done'],
        [touched.id, 'left'],
        [refinished.id, 'done'],
      ]),
    );
    const fieldsOf = async (id: string) => {
      const { title, status, priority, tags, assignees, published } = await asAnna.call(getItem, { id });
      return { title, state: status.state, priority, tags, assignees: assignees.map((each) => each.id), published };
    };
    const before = { title: plain.title, state: 'not-started', priority: 2, tags: [], assignees: [], published: true };
    expect(await fieldsOf(plain.id)).toEqual(before);
    expect(await fieldsOf(refinished.id)).toEqual({ ...before, title: 'Printer is out' });
    expect(await fieldsOf(tagged.id)).toEqual({ ...before, priority: 4, tags: ['Printer'], assignees: [per.id] });
    expect(await fieldsOf(touched.id)).toMatchObject({ state: 'finished', priority: 1, tags: ['done'] });
    expect((await batches()).map((event) => event.job?.undoes)).toEqual([null, job.id]);
    const { data } = await asAnna.call(listActivity, { id: plain.id });
    expect(data.filter(({ what }) => what === 'status')).toHaveLength(2);
  });

  it('is itself a job of chunks, and is done once', async () => {
    const ids = await manyItems(world, anna, 220);
    const { job } = await change(ids);
    await expect(world.as(anna).call(undoJob, { id: job.id })).rejects.toMatchObject(refusal('job_not_undoable'));
    await theEnd(world, anna, job.id);
    const undo = await world.as(anna).call(undoJob, { id: job.id });
    expect(await theEnd(world, anna, undo.job.id)).toMatchObject({ state: 'done', done: 220 });
    expect(await priorities()).toEqual([{ priority: 2, count: 220 }]);
    for (const { id } of [job, undo.job])
      await expect(world.as(anna).call(undoJob, { id })).rejects.toMatchObject(refusal('job_not_undoable'));
  });

  it('leaves a row whose status was removed since', async () => {
    const [type] = (await world.as(anna).call(listItemTypes, {})).data;
    const named = (name: string) => type?.statuses.find((status) => status.name === name)?.id as string;
    const item = await anItem(world, anna);
    const { job } = await change([item.id], { statusId: named('Open') });
    const ids = { id: type?.id as string, statusId: named('New') };
    await world.as(anna).call(removeStatus, { ...ids, successorId: named('Open') });
    const undone = await world.as(anna).call(undoJob, { id: job.id });
    expect(undone.job.rows).toEqual([{ id: item.id, outcome: 'left', code: null }]);
  });

  it('needs the right to change still', async () => {
    const per = await aKnownUser(world, workspace, { role: 'member' });
    const { job } = await change([newId()], {}, per);
    const reader = { ...per, scopes: ['item.view', 'job.own'] };
    await expect(world.as(reader).call(undoJob, { id: job.id })).rejects.toMatchObject(refusal('forbidden'));
  });
});

describe('the one mail about a bulk change', () => {
  it('names what its reader may see when it is sent: nothing deleted, nothing of a project that is closed to them', async () => {
    const per = await aKnownUser(world, workspace, { role: 'member', teams: [] });
    const open = await aProject(world, workspace, { kind: 'user', id: per.id, role: 'restricted' });
    const [seen, deleted, closed] = await Promise.all([
      anItem(world, anna, { projectId: open }),
      anItem(world, anna, { projectId: open }),
      anItem(world, anna),
    ]);
    await world.as(anna).call(deleteItem, { id: deleted.id });
    const mailer = world.as({ kind: 'service', service: 'notifications', workspace, onBehalfOf: null });
    const ask = { itemIds: [closed.id, deleted.id, seen.id], recipient: 'per@rossi.test', userId: per.id };
    expect(await mailer.call(prepareSummary, ask)).toEqual({
      items: [{ number: seen.number, title: seen.title, statusName: 'Received' }],
      count: 1,
      language: 'en',
    });
    const outside = await mailer.call(prepareSummary, { ...ask, userId: null });
    expect(outside.count).toBe(2);
  });
});
