import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  addMessage,
  changeItem,
  changeItems,
  createItem,
  deleteItem,
  followItem,
  getItem,
  listActivity,
  listItems,
  listItemTypes,
  listMessages,
  listTags,
  listViews,
  markSeen,
  registerFile,
  restoreItem,
  teamChanged,
  userChanged,
  watchItem,
} from '@sportello/contracts';
import { type UserActor } from '@sportello/permissions';
import { eventually, newId, startWorld, type World } from '@sportello/testing';
import { AppModule } from '../app.module.js';
import {
  aKnownCustomer,
  aKnownOrganization,
  aKnownTeam,
  aKnownUser,
  anItem,
  aProject,
  aWorkspace,
  refusal,
  tell,
} from './item.builders.js';

let world: World;
let desk: Awaited<ReturnType<typeof aWorkspace>>;
let anna: UserActor;
beforeAll(async () => {
  world = await startWorld([AppModule]);
  desk = await aWorkspace(world);
  anna = desk.anna;
});
afterAll(() => world.stop());

/** A member of the team, with a role on "Support" through it. */
const aMember = (given: Partial<UserActor> = {}) =>
  aKnownUser(world, desk.id, { role: 'member', teams: [desk.everyone], ...given });
const statusOf = async (state: string) => {
  const { data } = await world.as(anna).call(listItemTypes, {});
  return data[0]?.statuses.find((status) => status.state === state)?.id as string;
};
const activityOf = async (id: string) => (await world.as(anna).call(listActivity, { id })).data;

describe('creating an item', () => {
  it('given a workspace, when a user creates a ticket, then it stands in the open list with its first number', async () => {
    const { anna: other } = await aWorkspace(world);
    const created = await world.as(other).call(createItem, { title: 'Printer is on fire', html: '<p>Help!</p>' });
    expect(created).toMatchObject({ title: 'Printer is on fire', status: { state: 'not-started' }, number: 1001 });
    const { data, count } = await world.as(other).call(listItems, { view: 'all-open' });
    expect(count).toBe(1);
    expect(data.map(({ number }) => number)).toEqual([1001]);
    expect(await world.as(other).call(getItem, { id: '1001' })).toMatchObject({ id: created.id });
  });

  it('when a user creates one for a customer, then the customer and their organization asked for it', async () => {
    const organization = await aKnownOrganization(world, desk.id);
    const emma = await aKnownCustomer(world, desk.id, { organization });
    const item = await anItem(world, anna, { requester: { kind: 'customer', id: emma.id }, tags: ['Printer'] });
    expect(item).toMatchObject({
      requester: { kind: 'customer', id: emma.id, name: 'Emma', email: emma.email },
      organization: { id: organization, name: 'Contoso' },
      published: true,
      tags: ['Printer'],
    });
  });

  it('when a customer creates one, then it is published and goes to the project and team of their organization', async () => {
    const team = await aKnownTeam(world, desk.id);
    const project = newId();
    const organization = await aKnownOrganization(world, desk.id, { defaultProjectId: project, defaultTeamId: team });
    const emma = await aKnownCustomer(world, desk.id, { organization });
    const item = await anItem(world, emma, { html: '<p>It smokes.</p>' });
    expect(item).toMatchObject({ published: true, projectId: project, assignees: [{ kind: 'team', id: team }] });
  });

  it.each([
    ['a project', () => ({ projectId: newId() })],
    ['somebody else', () => ({ requester: { kind: 'user' as const, id: anna.id } })],
    ['an assignee', () => ({ assignees: [{ kind: 'user' as const, id: anna.id }] })],
    ['tags', () => ({ tags: ['vip'] })],
    ['an internal thread', () => ({ thread: 'internal' as const, html: '<p>x</p>' })],
  ])('when a customer names %s, then it is refused: that is the team’s', async (_what, given) => {
    const emma = await aKnownCustomer(world, desk.id);
    await expect(anItem(world, emma, given())).rejects.toMatchObject(refusal('forbidden'));
  });

  it.each([
    ['type_not_found', 'a type', () => ({ type: 'unicorn' })],
    ['person_not_found', 'a requester', () => ({ requester: { kind: 'customer' as const, id: newId() } })],
    ['person_not_found', 'an assignee', () => ({ assignees: [{ kind: 'user' as const, id: newId() }] })],
    ['person_not_found', 'a team', () => ({ assignees: [{ kind: 'team' as const, id: newId() }] })],
    ['project_not_found', 'a project', () => ({ projectId: newId() })],
  ])('is refused as %s when %s is unknown here', async (code, _what, given) => {
    await expect(anItem(world, anna, given())).rejects.toMatchObject(refusal(code));
  });

  it('is refused for a member without a role on the project, as if there were none', async () => {
    const per = await aMember();
    const theirs = await aProject(world, desk.id, { kind: 'user', id: anna.id, role: 'lead' });
    await expect(anItem(world, per, { projectId: theirs })).rejects.toMatchObject(refusal('project_not_found'));
    await expect(anItem(world, await aMember({ teams: [] }))).rejects.toMatchObject(refusal('project_not_found'));
  });

  it('when there are only files, then they are its first message', async () => {
    const file = await world
      .as(anna)
      .call(registerFile, { hash: 'a'.repeat(64), name: 'a.pdf', contentType: 'application/pdf', size: 9 });
    const { id } = await anItem(world, anna, { attachments: [file.id], thread: 'internal' });
    const { data } = await world.as(anna).call(listMessages, { id });
    expect(data.flatMap(({ attachments }) => attachments.map(({ name }) => name))).toEqual(['a.pdf']);
  });

  it('gives numbers that no two share, from the first ones on that come at the same moment', async () => {
    const { anna: other } = await aWorkspace(world);
    const items = await Promise.all(Array.from({ length: 8 }, () => anItem(world, other)));
    expect(items.map(({ number }) => number).sort()).toEqual([1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008]);
  });
});

describe('getting an item', () => {
  it.each(['0', '2147483647', '2147483648', '9999999999', '-'.repeat(36), 'a'.repeat(36)])(
    'answers 404 for %s',
    async (id) => {
      await expect(world.as(anna).call(getItem, { id })).rejects.toMatchObject(refusal('not_found'));
    },
  );
});

describe('what an answer says I may do', () => {
  it('is what each of us may do with this item, in the list and alone', async () => {
    const project = await aProject(world, desk.id);
    const withRole = async (role: string) => {
      const somebody = await aKnownUser(world, desk.id, { role: 'member', teams: [], flags: [] });
      await world.sql(`insert into tickets.project_grant (workspace_id, project_id, principal_kind, principal_id, role) values ($1, $2, 'user', $3, $4)`, [desk.id, project, somebody.id, role]); // prettier-ignore
      return somebody;
    };
    const [lead, standard, restricted] = [
      await withRole('lead'),
      await withRole('standard'),
      await withRole('restricted'),
    ];
    const emma = await aKnownCustomer(world, desk.id);
    const { id } = await anItem(world, emma);
    await world.sql('update tickets.item set project_id = $2 where id = $1', [id, project]);
    await world.as(anna).call(changeItem, { id, assignees: [{ kind: 'user', id: standard.id }] });
    const expected = new Map<Parameters<World['as']>[0], string[]>([
      [anna, ['item.edit', 'item.publish', 'item.delete', 'item.follow', 'message.note', 'message.reply']],
      [lead, ['item.edit', 'item.delete', 'item.follow', 'message.note']],
      [standard, ['item.edit', 'item.follow', 'message.note']],
      [restricted, ['item.follow', 'message.note']],
      [emma, ['message.reply']],
    ]);
    for (const [actor, may] of expected) {
      expect((await world.as(actor).call(getItem, { id })).can).toEqual(may);
      const { data } = await world.as(actor).call(listItems, { limit: 200 });
      expect(data.find((item) => item.id === id)?.can).toEqual(may);
    }
  });
});

describe('people who left', () => {
  it('given a user who was deactivated and a team that was removed, then what they were on still names them, and nobody new is', async () => {
    const per = await aKnownUser(world, desk.id, { teams: [desk.everyone] }, 'Per');
    const team = await aKnownTeam(world, desk.id, 'Night shift');
    const assignees = [
      { kind: 'user' as const, id: per.id },
      { kind: 'team' as const, id: team },
    ];
    const { id } = await anItem(world, anna, { assignees });
    await world.as(per).call(addMessage, { id, thread: 'internal', html: '<p>Mine</p>' });
    const { role, flags, apps, teams } = per;
    const facts = { id: per.id, name: 'Per', email: 'per@rossi.test', role, language: 'en' as const, active: false };
    const after = { ...facts, flags: [...flags], apps: [...apps], teamIds: [...teams] };
    await tell(world, userChanged, { workspace: desk.id, subject: per.id, seq: 2, after });
    const gone = { id: team, name: 'Night shift', removed: true };
    await tell(world, teamChanged, { workspace: desk.id, subject: team, seq: 2, after: gone });
    await eventually(() =>
      expect(anItem(world, anna, { assignees: [assignees[1] as (typeof assignees)[1]] })).rejects.toMatchObject(
        refusal('person_not_found'),
      ),
    );
    await eventually(() =>
      expect(anItem(world, anna, { assignees: [assignees[0] as (typeof assignees)[0]] })).rejects.toMatchObject(
        refusal('person_not_found'),
      ),
    );
    const also = [...assignees, { kind: 'user' as const, id: anna.id }];
    expect((await world.as(anna).call(changeItem, { id, assignees: also })).assignees).toHaveLength(3);
    await world.as(anna).call(changeItem, { id, assignees });
    expect((await world.as(anna).call(getItem, { id })).assignees.map(({ name }) => name).sort()).toEqual([
      'Night shift',
      'Per',
    ]);
    const { data } = await world.as(anna).call(listMessages, { id });
    expect(data.map(({ author }) => author.name)).toEqual(['Per']);
  });
});

describe('changing an item', () => {
  it('sets each field, answers with it and logs each with before and after', async () => {
    const team = await aKnownTeam(world, desk.id);
    const emma = await aKnownCustomer(world, desk.id);
    const { id } = await anItem(world, anna);
    const assignees = [
      { kind: 'user' as const, id: anna.id },
      { kind: 'team' as const, id: team },
    ];
    const changed = await world.as(anna).call(changeItem, {
      id,
      title: 'Printer is out',
      statusId: await statusOf('finished'),
      priority: 5,
      assignees,
      tags: ['Hardware'],
      published: false,
      requester: { kind: 'customer', id: emma.id },
      dueAt: '2026-12-01T10:00:00.000Z',
      followers: [{ kind: 'customer', id: emma.id }],
    });
    expect(changed).toMatchObject({
      title: 'Printer is out',
      status: { state: 'finished' },
      priority: 5,
      assignees: [{ name: 'Anna' }, { name: 'Night shift' }],
      tags: ['Hardware'],
      published: false,
      requester: { name: 'Emma' },
      followers: [{ name: 'Emma' }],
      version: 2,
    });
    expect(new Date(changed.dueAt as Date).toISOString()).toBe('2026-12-01T10:00:00.000Z');
    expect(changed.finishedAt).not.toBeNull();
    const lines = await activityOf(id);
    expect(lines.map(({ what }) => what).sort()).toEqual(
      [
        'created',
        'title',
        'status',
        'priority',
        'assignees',
        'tags',
        'published',
        'requester',
        'dueAt',
        'followers',
      ].sort(),
    );
    expect(lines.find(({ what }) => what === 'title')).toMatchObject({
      actor: { kind: 'user', id: anna.id, name: 'Anna' },
      before: { title: 'Printer is on fire' },
      after: { title: 'Printer is out' },
    });
  });

  it('when two change the same version, then the second is told with 412 and nothing of it is kept', async () => {
    const { id, version } = await anItem(world, anna);
    await world.as(anna).call(changeItem, { id, title: 'First' }, { ifMatch: String(version) });
    const second = world.as(anna).call(changeItem, { id, title: 'Second' }, { ifMatch: String(version) });
    await expect(second).rejects.toMatchObject(refusal('version_conflict'));
    expect(await world.as(anna).call(getItem, { id })).toMatchObject({ title: 'First' });
  });

  it('refuses a status that is not of its type, and people and teams of another workspace', async () => {
    const { id } = await anItem(world, anna);
    const other = await aWorkspace(world);
    const change = (given: object) => world.as(anna).call(changeItem, { id, ...given });
    await expect(change({ statusId: newId() })).rejects.toMatchObject(refusal('status_not_found'));
    const stranger = { kind: 'user' as const, id: other.anna.id };
    for (const given of [{ assignees: [stranger] }, { followers: [stranger] }, { requester: stranger }])
      await expect(change(given)).rejects.toMatchObject(refusal('person_not_found'));
    const team = { kind: 'team' as const, id: other.everyone };
    await expect(change({ assignees: [team] })).rejects.toMatchObject(refusal('person_not_found'));
  });

  it('publishes and hides only for who has the flag', async () => {
    const { id } = await anItem(world, anna);
    const without = await aMember({ flags: [] });
    const change = (by: UserActor, published: boolean) => world.as(by).call(changeItem, { id, published });
    await expect(change(without, false)).rejects.toMatchObject(refusal('forbidden'));
    expect(await change(without, true)).toMatchObject({ published: true });
    expect(await change(await aMember({ flags: ['publish'] }), false)).toMatchObject({ published: false });
  });

  it('is 404 for who may not see it and 403 for who may only read it', async () => {
    const per = await aMember();
    const hidden = await aProject(world, desk.id, { kind: 'user', id: anna.id, role: 'lead' });
    const read = await aProject(world, desk.id, { kind: 'user', id: per.id, role: 'restricted' });
    const change = async (projectId: string) => {
      const { id } = await anItem(world, anna, { projectId });
      return world.as(per).call(changeItem, { id, title: 'x' });
    };
    await expect(change(hidden)).rejects.toMatchObject(refusal('not_found'));
    await expect(change(read)).rejects.toMatchObject(refusal('forbidden'));
  });
});

describe('changing many', () => {
  it('answers for each: changed, as it was, unknown, deleted, forbidden', async () => {
    const per = await aMember();
    const read = await aProject(world, desk.id, { kind: 'user', id: per.id, role: 'restricted' });
    const [one, same, deleted, foreign] = await Promise.all([
      anItem(world, anna),
      anItem(world, anna, { tags: ['new'] }),
      anItem(world, anna),
      anItem(world, anna, { projectId: read }),
    ]);
    await world.as(anna).call(deleteItem, { id: deleted.id });
    const unknown = newId();
    const ids = [one.id, one.id, same.id, deleted.id, foreign.id, unknown];
    const { job } = await world.as(per).call(changeItems, { ids, addTags: ['NEW'] });
    expect(job).toMatchObject({ state: 'done', total: 5, done: 5, canUndo: true });
    expect(new Map(job.rows.map(({ id, outcome, code }) => [id, code ?? outcome]))).toEqual(
      new Map<string, unknown>([
        [one.id, 'done'],
        [same.id, 'unchanged'],
        [deleted.id, 'not_found'],
        [foreign.id, 'forbidden'],
        [unknown, 'not_found'],
      ]),
    );
    expect(await world.as(anna).call(getItem, { id: one.id })).toMatchObject({ tags: ['NEW'], version: 2 });
  });

  it('moves to the first status of a state and takes tags away whatever their case', async () => {
    const { id } = await anItem(world, anna, { tags: ['Printer', 'paper'] });
    await world.as(anna).call(changeItems, { ids: [id], state: 'finished', removeTags: ['printer '] });
    expect(await world.as(anna).call(getItem, { id })).toMatchObject({
      status: { state: 'finished' },
      tags: ['paper'],
    });
  });
});

describe('deleting an item', () => {
  it('hides it from every list, record, number, search, view and write, and restoring brings all back', async () => {
    const word = `Zebra${newId().slice(-6)}`;
    const item = await anItem(world, anna, { title: word, tags: [word], html: '<p>stripes</p>', thread: 'internal' });
    const asAnna = world.as(anna);
    const views = async () => (await asAnna.call(listViews, {})).data.map(({ count }) => count);
    const found = async () => (await asAnna.call(listItems, { text: word })).data.map(({ id }) => id);
    const before = await views();
    await asAnna.call(deleteItem, { id: item.id });
    expect(await found()).toEqual([]);
    expect(await asAnna.call(listItems, { filter: { field: 'tag', is: word } })).toMatchObject({ data: [], count: 0 });
    expect((await asAnna.call(listTags, { text: word })).data).toEqual([]);
    expect((await views()).at(-1)).toBe((before.at(-1) as number) - 1);
    const { id } = item;
    const refused = [
      asAnna.call(getItem, { id }),
      asAnna.call(getItem, { id: String(item.number) }),
      asAnna.call(changeItem, { id, title: 'x' }),
      asAnna.call(listMessages, { id }),
      asAnna.call(addMessage, { id, thread: 'internal', html: 'x' }),
      asAnna.call(listActivity, { id }),
      asAnna.call(markSeen, { id, messageId: null }),
      asAnna.call(followItem, { id, following: true }),
      asAnna.call(deleteItem, { id }),
      world.as({ kind: 'service', service: 'gateway', workspace: desk.id, onBehalfOf: null }).call(watchItem, { id }),
    ];
    for (const each of refused) await expect(each).rejects.toMatchObject(refusal('not_found'));
    const restored = await asAnna.call(restoreItem, { id });
    expect(restored).toMatchObject({ title: word, number: item.number, tags: [word] });
    expect(await found()).toEqual([id]);
    expect(await views()).toEqual(before);
    expect((await asAnna.call(listMessages, { id })).data).toHaveLength(1);
    expect((await activityOf(id)).map(({ what }) => what).slice(0, 2)).toEqual(['restored', 'deleted']);
  });

  it('is for leads and above', async () => {
    const per = await aMember();
    const project = await aProject(world, desk.id, { kind: 'user', id: per.id, role: 'standard' });
    const { id } = await anItem(world, per, { projectId: project });
    await expect(world.as(per).call(deleteItem, { id })).rejects.toMatchObject(refusal('forbidden'));
  });
});

describe('following', () => {
  it('adds me once and takes me away again; others stay', async () => {
    const emma = await aKnownCustomer(world, desk.id);
    const { id } = await anItem(world, anna);
    await world.as(anna).call(changeItem, { id, followers: [{ kind: 'customer', id: emma.id }] });
    const follow = (following: boolean) => world.as(anna).call(followItem, { id, following });
    await follow(true);
    expect(await follow(true)).toMatchObject({ following: true, followers: [{ name: 'Anna' }, { name: 'Emma' }] });
    expect(await follow(false)).toMatchObject({ following: false, followers: [{ name: 'Emma' }] });
  });
});

describe('unread', () => {
  it('is what others wrote after what I saw; my own words never are, in no list and no view', async () => {
    const calm = await aWorkspace(world);
    const per = await aKnownUser(world, calm.id, { teams: [calm.everyone] });
    const unread = async (by: UserActor) => {
      const { data } = await world.as(by).call(listItems, {});
      const views = await world.as(by).call(listViews, {});
      return { item: data[0]?.unread, view: views.data.find(({ id }) => id === 'all-open')?.unread };
    };
    const yes = { item: true, view: true };
    const no = { item: false, view: false };
    const { id } = await anItem(world, calm.anna, { html: '<p>First</p>', thread: 'internal' });
    expect(await unread(calm.anna)).toEqual(no);
    expect(await unread(per)).toEqual(yes);
    const answer = await world.as(per).call(addMessage, { id, thread: 'internal', html: '<p>Second</p>' });
    expect(await unread(per)).toEqual(no);
    expect(await unread(calm.anna)).toEqual(yes);
    await world.as(calm.anna).call(markSeen, { id, messageId: answer.id });
    expect(await unread(calm.anna)).toEqual(no);
    expect(await world.as(calm.anna).call(getItem, { id })).toMatchObject({ seenMessageId: answer.id });
    await world.as(calm.anna).call(markSeen, { id, messageId: null });
    expect(await unread(calm.anna)).toEqual(yes);
    const elsewhere = await anItem(world, calm.anna, { html: '<p>Another</p>' });
    await expect(world.as(calm.anna).call(markSeen, { id: elsewhere.id, messageId: answer.id })).rejects.toMatchObject(
      refusal('message_not_found'),
    );
  });
});

describe('tags', () => {
  it('are those in use that begin so, the most used first, of items that I may see', async () => {
    const start = `t${newId().slice(-6)}`;
    const project = await aProject(world, desk.id, { kind: 'user', id: anna.id, role: 'lead' });
    await anItem(world, anna, { tags: [`${start}_a`] });
    await anItem(world, anna, { tags: [`${start}_b`] });
    await anItem(world, anna, { tags: [`${start}_b`] });
    await anItem(world, anna, { tags: [`${start}_secret`], projectId: project });
    const tags = async (by: UserActor, text: string) => (await world.as(by).call(listTags, { text })).data;
    expect(await tags(anna, start.toUpperCase())).toEqual([`${start}_b`, `${start}_a`, `${start}_secret`]);
    expect(await tags(await aMember(), `${start}_`)).toEqual([`${start}_b`, `${start}_a`]);
    expect(await tags(anna, `${start}%`)).toEqual([]);
  });
});
