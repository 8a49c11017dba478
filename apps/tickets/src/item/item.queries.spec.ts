import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  addMessage,
  changeItem,
  deleteMessage,
  editMessage,
  listActivity,
  listItems,
  listItemTypes,
  listMessages,
  splitOff,
  workspaceChanged,
  type Language,
} from '@sportello/contracts';
import { type UserActor } from '@sportello/permissions';
import { eventually, newId, startWorld, type World } from '@sportello/testing';
import fc from 'fast-check';
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
beforeAll(async () => {
  world = await startWorld([AppModule]);
});
afterAll(() => world.stop());

const titles = async (by: UserActor, question: object) => {
  const { data } = await world.as(by).call(listItems, question);
  return data.map(({ title }) => title);
};

describe('filters', () => {
  let anna: UserActor;
  let ids: Record<string, string>;
  beforeAll(async () => {
    const desk = await aWorkspace(world);
    anna = { ...desk.anna };
    const per = await aKnownUser(world, desk.id);
    const organization = await aKnownOrganization(world, desk.id);
    const emma = await aKnownCustomer(world, desk.id, { organization });
    const team = await aKnownTeam(world, desk.id);
    const project = await aProject(world, desk.id, { kind: 'user', id: anna.id, role: 'lead' });
    anna.teams = [desk.everyone, team];
    const [type] = (await world.as(anna).call(listItemTypes, {})).data;
    const status = (state: string) => type?.statuses.find((each) => each.state === state)?.id as string;
    const user = (id: string) => ({ kind: 'user' as const, id });
    await anItem(world, anna, { title: 'mine', assignees: [user(anna.id)], tags: ['Red'], priority: 5 });
    await anItem(world, anna, { title: 'his', assignees: [user(per.id)], tags: ['red', 'blue'], priority: 0 });
    await anItem(world, anna, { title: 'ours', assignees: [{ kind: 'team', id: team }], projectId: project });
    const hers = await anItem(world, anna, {
      title: 'hers',
      requester: { kind: 'customer', id: emma.id },
      published: false,
    });
    const asAnna = world.as(anna);
    await asAnna.call(changeItem, { id: hers.id, followers: [user(anna.id)], dueAt: '2026-06-01T10:00:00.000Z' });
    const solved = await anItem(world, per, { title: 'solved' });
    await asAnna.call(changeItem, { id: solved.id, statusId: status('finished') });
    ids = { anna: anna.id, per: per.id, emma: emma.id, organization, team, project, open: status('not-started'), solved: status('finished') }; // prettier-ignore
  });

  // Each leaf with what it finds; `$name` stands for an id from above.
  it.each([
    [{ field: 'type', is: 'ticket' }, ['hers', 'his', 'mine', 'ours', 'solved']],
    [{ field: 'type', is: 'task' }, []],
    [{ field: 'status', is: '$solved' }, ['solved']],
    [{ field: 'status', is: ['$solved', '$open'] }, ['hers', 'his', 'mine', 'ours', 'solved']],
    [{ field: 'state', is: 'open' }, ['hers', 'his', 'mine', 'ours']],
    [{ field: 'state', not: 'not-started' }, ['solved']],
    [{ field: 'state', is: ['finished', 'in-progress'] }, ['solved']],
    [{ field: 'assignee', is: 'me' }, ['mine']],
    [{ field: 'assignee', is: 'none' }, ['hers', 'solved']],
    [{ field: 'assignee', is: ['none', '$per'] }, ['hers', 'his', 'solved']],
    [{ field: 'assignee', not: 'none' }, ['his', 'mine', 'ours']],
    [{ field: 'team', is: 'mine' }, ['ours']],
    [{ field: 'team', is: '$team' }, ['ours']],
    [{ field: 'requester', is: '$emma' }, ['hers']],
    [{ field: 'requester', is: 'me' }, ['his', 'mine', 'ours']],
    [{ field: 'requester', not: 'me' }, ['hers', 'solved']],
    [{ field: 'organization', is: '$organization' }, ['hers']],
    [{ field: 'organization', not: '$organization' }, ['his', 'mine', 'ours', 'solved']],
    [{ field: 'project', is: '$project' }, ['ours']],
    [{ field: 'follower', is: 'me' }, ['hers']],
    [{ field: 'tag', is: 'red' }, ['his', 'mine']],
    [{ field: 'tag', is: ['blue', 'green'] }, ['his']],
    [{ field: 'tag', not: 'Red' }, ['hers', 'ours', 'solved']],
    [{ field: 'priority', is: 5 }, ['mine']],
    [{ field: 'priority', is: ['0', '5'] }, ['his', 'mine']],
    [{ field: 'published', is: false }, ['hers']],
    [{ field: 'published', is: ['true', 'false'] }, ['hers', 'his', 'mine', 'ours', 'solved']],
    [{ field: 'dueAt', before: '2026-06-02' }, ['hers']],
    [{ field: 'dueAt', after: '2026-06-01' }, []],
    [{ field: 'finishedAt', after: '2020-01-01' }, ['solved']],
    [{ field: 'createdAt', before: '2020-01-01' }, []],
    [{ field: 'updatedAt', after: '2020-01-01' }, ['hers', 'his', 'mine', 'ours', 'solved']],
    [
      {
        all: [
          { field: 'tag', is: 'red' },
          {
            any: [
              { field: 'priority', is: 5 },
              { field: 'assignee', is: 'none' },
            ],
          },
        ],
      },
      ['mine'],
    ],
    [{ any: [{ all: [] }, { field: 'tag', is: 'red' }] }, ['hers', 'his', 'mine', 'ours', 'solved']],
    [{ any: [] }, []],
  ])('%j finds %j, and its count is theirs', async (filter, expected) => {
    const named = JSON.parse(
      JSON.stringify(filter).replace(/\$(\w+)/g, (_all, name: string) => ids[name] ?? ''),
    ) as object;
    const { data, count } = await world.as(anna).call(listItems, { filter: named });
    expect(data.map(({ title }) => title).sort()).toEqual(expected);
    expect(count).toBe(expected.length);
  });

  it.each([
    [{ field: 'assignee', is: 'nobody' }],
    [{ field: 'state', is: 'toString' }],
    [{ field: 'priority', is: 9 }],
    [{ field: 'published', is: 'yes' }],
    [{ field: 'createdAt', is: '2026-01-01' }],
    [{ field: 'createdAt', after: '0000-01-01' }],
    [{ field: 'secret', is: 'x' }],
    [{ field: 'organization', is: '-'.repeat(36) }],
  ])('%j is refused with a sentence', async (filter) => {
    await expect(world.as(anna).call(listItems, { filter })).rejects.toMatchObject(refusal('bad_filter'));
  });

  it.each([
    ['priority', ['his', 'hers', 'ours', 'mine']],
    ['-number', ['hers', 'ours', 'his', 'mine']],
    ['createdAt', ['mine', 'his', 'ours', 'hers']],
    ['dueAt', ['hers', 'mine', 'his', 'ours']],
  ])('sorts by %s', async (sort, expected) => {
    const found = await titles(anna, { sort, filter: { field: 'state', is: 'open' } });
    const equals = sort === 'priority' ? [found[0], ...found.slice(1, 3).sort(), found[3]] : found;
    expect(equals).toEqual(expected);
  });

  it('refuses a view and a sort that there are not', async () => {
    for (const question of [{ view: 'constructor' }, { sort: 'title; drop table item' }])
      await expect(world.as(anna).call(listItems, question)).rejects.toMatchObject(refusal('bad_filter'));
  });

  it('narrows a view by a further filter', async () => {
    expect(await titles(anna, { view: 'mine', filter: { field: 'tag', is: 'blue' } })).toEqual([]);
    expect(await titles(anna, { view: 'my-teams' })).toEqual(['ours']);
    expect((await titles(anna, { view: 'unassigned' })).sort()).toEqual(['hers']);
  });
});

describe('a day', () => {
  it('begins and ends in the workspace’s zone, also when it has 23 hours', async () => {
    const { anna } = await aWorkspace(world, { timeZone: 'Europe/Oslo' });
    // On 29 March 2026 Oslo goes from UTC+1 to UTC+2: the day is 28 March 23:00 to 29 March 22:00 in UTC.
    for (const [title, at] of [
      ['before', '2026-03-28T22:59:59.999Z'],
      ['first', '2026-03-28T23:00:00.000Z'],
      ['last', '2026-03-29T21:59:59.999Z'],
      ['after', '2026-03-29T22:00:00.000Z'],
    ] as const) {
      const { id } = await anItem(world, anna, { title });
      await world.as(anna).call(changeItem, { id, dueAt: at });
    }
    const due = async (filter: object) => (await titles(anna, { filter, sort: 'dueAt' })) as string[];
    expect(await due({ field: 'dueAt', before: '2026-03-29' })).toEqual(['before']);
    expect(await due({ field: 'dueAt', after: '2026-03-29' })).toEqual(['after']);
    expect(
      await due({ all: [{ field: 'dueAt', after: '2026-03-28' }, { field: 'dueAt', before: '2026-03-30' }] }), // prettier-ignore
    ).toEqual(['first', 'last']);
  });
});

describe('pages', () => {
  let anna: UserActor;
  let member: UserActor;
  let workspace: string;
  beforeAll(async () => {
    const desk = await aWorkspace(world);
    ({ anna, id: workspace } = desk);
    member = await aKnownUser(world, workspace, { role: 'member', teams: [desk.everyone] });
    const project = await aProject(world, workspace, { kind: 'user', id: member.id, role: 'standard' });
    const model = await anItem(world, anna);
    // Many share a moment, a priority and no due date, so that the id decides.
    await world.sql(
      `insert into tickets.item (workspace_id, id, number, type_id, title, status_id, state, priority, project_id, published, created_at, updated_at, due_at, seq)
       select workspace_id, gen_random_uuid(), 2000 + n, type_id, 'Copy ' || n, status_id, state, n % 3, case n % 2 when 0 then project_id else $2 end, published,
              created_at - make_interval(secs => n / 5), updated_at - make_interval(secs => n / 4), case n % 3 when 0 then null else created_at end, 1
         from tickets.item, generate_series(1, 60) n where id = $1`,
      [model.id, project],
    );
  });

  const walk = async (by: UserActor, sort: string, limit: number, between?: (page: number) => Promise<void>) => {
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; ; page += 1) {
      const answer = await world.as(by).call(listItems, { sort, limit, cursor });
      seen.push(...answer.data.map(({ id }) => id));
      if (!answer.nextCursor) return seen;
      cursor = answer.nextCursor;
      await between?.(page);
    }
  };

  it.each(['updatedAt', 'createdAt', 'dueAt', 'priority', 'number', 'title'])(
    'of a list by %s have no gap and no repeat, up or down, for who sees all or two projects',
    async (sort) => {
      await fc.assert(
        fc.asyncProperty(fc.boolean(), fc.boolean(), fc.integer({ min: 7, max: 70 }), async (falling, all, limit) => {
          const seen = await walk(all ? anna : member, falling ? `-${sort}` : sort, limit);
          expect(seen).toHaveLength(61);
          expect(new Set(seen).size).toBe(61);
        }),
        { numRuns: 4 },
      );
    },
  );

  it('given items that change while somebody pages, then what did not change comes exactly once', async () => {
    const touched = new Set<string>();
    const rows = await world.sql<{ id: string }>('select id from tickets.item where workspace_id = $1', [workspace]);
    const seen = await walk(anna, '-updatedAt', 9, async (page) => {
      const { id } = rows[page * 7] as { id: string };
      touched.add(id);
      await world.as(anna).call(changeItem, { id, title: `Changed on page ${page}` });
    });
    for (const { id } of rows) {
      const times = seen.filter((each) => each === id).length;
      if (touched.has(id)) expect(times).toBeLessThanOrEqual(1);
      else expect(times).toBe(1);
    }
  });

  it('counts exactly to 1,000, then says 1,001', async () => {
    const count = async () => (await world.as(anna).call(listItems, { limit: 1 })).count;
    const fill = (most: number) =>
      world.sql(
        `insert into tickets.item (workspace_id, id, number, type_id, title, status_id, state, priority, project_id, published, created_at, updated_at, seq)
         select workspace_id, gen_random_uuid(), 10000 + n + (select max(number) from tickets.item), type_id, 'x', status_id, state, 2, project_id, published, created_at, updated_at, 1
           from (select * from tickets.item where workspace_id = $1 limit 1) model, generate_series(1, $2 - (select count(*)::int from tickets.item where workspace_id = $1)) n`,
        [workspace, most],
      );
    await fill(1000);
    expect(await count()).toBe(1000);
    await fill(1005);
    expect(await count()).toBe(1001);
  });

  it('refuse a cursor of another list, another order, or one that somebody made up', async () => {
    const asAnna = world.as(anna);
    const { data, nextCursor } = await asAnna.call(listItems, { limit: 1 });
    const { id } = data[0] as { id: string };
    const madeUp = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
    const cursor = nextCursor as string;
    const refused: (() => Promise<unknown>)[] = [
      () => asAnna.call(listItems, { cursor, sort: 'number' }),
      () => asAnna.call(listItems, { cursor: id }),
      () => asAnna.call(listItems, { cursor: madeUp('-updatedAt', '1', newId()) }),
      () => asAnna.call(listItems, { cursor: madeUp('-updatedAt', '2026-01-01T00:00:00.000000Z', '-'.repeat(36)) }),
      () => asAnna.call(listItems, { cursor: madeUp('number', '9999999999', newId()), sort: 'number' }),
      () => asAnna.call(listMessages, { id, cursor }),
      () => asAnna.call(listActivity, { id, cursor }),
    ];
    for (const each of refused) await expect(each()).rejects.toMatchObject(refusal('bad_filter'));
  });
});

describe('search', () => {
  it.each<[Language, string, string, string[]]>([
    ['en', 'The printers were printing', 'It smokes café', ['printer', 'print smokes', 'cafe', '"it smokes"']],
    [
      'it',
      'La stampante non va più',
      'Perché le fatture sono sbagliate?',
      ['stampanti', 'perche', 'fattura sbagliata'],
    ],
    [
      'nb',
      'Skriveren står i kjelleren',
      'Fakturaene våre er feil på mandager',
      ['skriverens', 'kjellerens', 'fakturaer', 'mandagen'],
    ],
  ])(
    'in %s finds words of titles and messages in other forms and without accents',
    async (language, title, html, queries) => {
      const { anna } = await aWorkspace(world, { language });
      await anItem(world, anna, { title, html: `<p>${html}</p>` });
      await anItem(world, anna, { title: 'xyz' });
      for (const text of queries) expect([text, await titles(anna, { text })]).toEqual([text, [title]]);
      expect(await titles(anna, { text: 'zebra' })).toEqual([]);
      expect(await titles(anna, { text: '"\' & | ! :* <-> ((' })).toEqual([]);
    },
  );

  it('finds words of internal threads for users only', async () => {
    const desk = await aWorkspace(world);
    const emma = await aKnownCustomer(world, desk.id);
    const { id } = await anItem(world, emma, { title: 'Invoice', html: '<p>wrong amount</p>' });
    await world.as(desk.anna).call(addMessage, { id, thread: 'internal', html: '<p>customer is stubborn</p>' });
    const found = async (by: Parameters<World['as']>[0], text: string) =>
      (await world.as(by).call(listItems, { text })).count;
    expect([await found(desk.anna, 'stubborn'), await found(emma, 'stubborn')]).toEqual([1, 0]);
    expect([await found(desk.anna, 'amount'), await found(emma, 'amount invoice')]).toEqual([1, 1]);
    expect([await found(desk.anna, 'invoice stubborn'), await found(emma, 'invoice stubborn')]).toEqual([1, 0]);
    expect([await found(desk.anna, 'invoice -stubborn'), await found(emma, 'invoice -stubborn')]).toEqual([0, 1]);
  });

  it('finds what was written before the workspace changed its language, and what is written after', async () => {
    const { anna, id, facts } = await aWorkspace(world, { language: 'en' });
    await anItem(world, anna, { title: 'The printers were printing' });
    await tell(world, workspaceChanged, { workspace: id, subject: id, seq: 2, after: { ...facts, language: 'it' } });
    await eventually(async () => {
      const [copy] = await world.sql<{ language: string }>(
        'select language from tickets.workspace where workspace_id = $1',
        [id],
      );
      expect(copy?.language).toBe('it');
    });
    await anItem(world, anna, { title: 'Le stampanti nuove' });
    expect(await titles(anna, { text: 'printer' })).toEqual(['The printers were printing']);
    expect(await titles(anna, { text: 'stampante nuova' })).toEqual(['Le stampanti nuove']);
  });

  it('forgets the words of what was edited, deleted, renamed or split off', async () => {
    const { anna, id: workspace } = await aWorkspace(world);
    const emma = await aKnownCustomer(world, workspace);
    const asAnna = world.as(anna);
    const { id } = await anItem(world, emma, { title: 'Invoice', html: '<p>apples</p>' });
    const found = (text: string) => titles(anna, { text });
    const note = await asAnna.call(addMessage, { id, thread: 'internal', html: '<p>bananas</p>' });
    await asAnna.call(editMessage, { id, messageId: note.id, html: '<p>cherries</p>' });
    expect([await found('bananas'), await found('cherries')]).toEqual([[], ['Invoice']]);
    await asAnna.call(deleteMessage, { id, messageId: note.id });
    expect(await found('cherries')).toEqual([]);
    await asAnna.call(changeItem, { id, title: 'Bill' });
    expect([await found('invoice'), await found('bill'), await found('apples')]).toEqual([[], ['Bill'], ['Bill']]);
    const more = await world.as(emma).call(addMessage, { id, thread: 'customer', html: '<p>dates</p>' });
    const own = await asAnna.call(splitOff, { id, messageId: more.id });
    await asAnna.call(changeItem, { id: own.id, title: 'Own' });
    expect([await found('dates'), await found('apples')]).toEqual([['Own'], ['Bill']]);
  });

  it('takes in a message of more different words than an index entry holds', async () => {
    const { anna } = await aWorkspace(world);
    const words = Array.from({ length: 90_000 }, (_, index) => `æ${index.toString(36)}`).join(' ');
    const { id } = await anItem(world, anna, { title: 'Long', html: `<p>firstword ${words}</p>`, thread: 'internal' });
    for (const thread of ['internal', 'internal'] as const)
      await world.as(anna).call(addMessage, { id, thread, html: `<p>${words}</p>` });
    expect(await titles(anna, { text: 'firstword' })).toEqual(['Long']);
  });
});
