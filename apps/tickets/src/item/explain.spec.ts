import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Actor, type CustomerActor, type UserActor } from '@sportello/permissions';
import { type Context } from '@sportello/service';
import { Explainer, newId, startWorld, type World } from '@sportello/testing';
import { sql } from 'kysely';
import { Client } from 'pg';
import { findSight } from '../access/access.queries.js';
import { AppModule } from '../app.module.js';
import { participantsOf, readMessages } from '../conversation/conversation.queries.js';
import { readViews } from '../view/view.queries.js';
import { readActivity } from './activity.queries.js';
import {
  aKnownCustomer,
  aKnownOrganization,
  aKnownTeam,
  aKnownUser,
  anItem,
  aProject,
  aWorkspace,
} from './item.builders.js';
import { type Item } from './item.entity.js';
import { shippedViews } from './item-list.queries.js';
import { readItems, readTags } from './item.queries.js';

// Every statement that a list runs, on two workspaces of 20,000 items each.

let world: World;
let explainer: Explainer;
let workspace: string;
let item: Item;
const actors: Record<string, Actor> = {};
const ids: Record<string, string> = {};

beforeAll(async () => {
  world = await startWorld([AppModule]);
  const [desk, other] = [await aWorkspace(world), await aWorkspace(world)];
  workspace = desk.id;
  const { anna } = desk;
  ids.organization = await aKnownOrganization(world, workspace);
  ids.team = await aKnownTeam(world, workspace);
  const emma: CustomerActor = await aKnownCustomer(world, workspace, { organization: ids.organization });
  ids.emma = emma.id;
  const one: UserActor = await aKnownUser(world, workspace, { role: 'member', teams: [desk.everyone] });
  const several: UserActor = await aKnownUser(world, workspace, { role: 'member', teams: [desk.everyone, ids.team] });
  ids.anna = anna.id;
  const projects = [desk.facts.supportProjectId];
  for (let index = 0; index < 5; index += 1)
    projects.push(await aProject(world, workspace, { kind: 'user', id: several.id, role: 'standard' }));
  ids.project = projects[1] as string;
  Object.assign(actors, { administrator: anna, 'a member of one project': one, 'a member of several': several, 'a customer': emma }); // prettier-ignore
  const made = await anItem(world, anna, { html: '<p>model</p>' });
  const model = await anItem(world, other.anna, { html: '<p>model</p>' });
  ids.status = made.status.id;
  await fill(desk.id, made.id, projects, {
    user: one.id,
    team: ids.team,
    customer: emma.id,
    organization: ids.organization,
  });
  await fill(other.id, model.id, [newId()], { user: newId(), team: newId(), customer: newId(), organization: newId() });
  item = (
    await world.sql<{ id: string }>('select id from tickets.item where workspace_id = $1 order by id limit 1', [
      workspace,
    ])
  ).map(({ id }) => ({ id, accessFacts: () => ({ projectId: '', followers: [] }) }) as unknown as Item)[0] as Item;
  explainer = await Explainer.open(world, 'tickets', workspace, findSight);
});
afterAll(async () => {
  await explainer.close();
  await world.stop();
});

/** 20,000 items with a message, a log line, a person and a tag each, past the triggers: what they do is specified elsewhere. */
async function fill(
  of: string,
  model: string,
  projects: string[],
  people: { user: string; team: string; customer: string; organization: string },
): Promise<void> {
  const { user, team, customer, organization } = people;
  const owner = new Client({ connectionString: world.database.ownerUrl });
  await owner.connect();
  await owner.query('set session_replication_role = replica');
  await owner.query(
    `insert into tickets.item (workspace_id, id, number, type_id, title, status_id, state, priority, project_id, requester_customer_id, requester_organization_id, published, created_at, updated_at, seq)
     select workspace_id, gen_random_uuid(), 2000 + n, type_id, 'Copy ' || n, status_id, case n % 10 when 0 then 'in-progress' else 'finished' end, n % 6, ($2::uuid[])[1 + n % cardinality($2::uuid[])],
            case n % 100 when 0 then $3::uuid else gen_random_uuid() end, case n % 50 when 0 then $4::uuid end, true, created_at - make_interval(mins => n), updated_at - make_interval(mins => n), 1
       from tickets.item, generate_series(1, 20000) n where id = $1`,
    [model, projects, customer, organization],
  );
  const from = 'from tickets.item where workspace_id = $1';
  for (const [statement, ...values] of [
    [`insert into tickets.thread select workspace_id, id, id, 'customer', created_at ${from} on conflict do nothing`],
    [`insert into tickets.message (workspace_id, id, item_id, thread_id, thread, author_kind, author_id, via, html, plain, created_at)
      select workspace_id, gen_random_uuid(), id, id, 'customer', 'customer', coalesce(requester_customer_id, id), 'mail', 'x', 'x', created_at ${from}`], // prettier-ignore
    [
      `update tickets.item i set last_message_id = m.id from tickets.message m where i.workspace_id = $1 and m.workspace_id = $1 and m.item_id = i.id`,
    ],
    [
      `insert into tickets.activity (workspace_id, id, item_id, at, what) select workspace_id, gen_random_uuid(), id, created_at, 'created' ${from}`,
    ],
    [
      `insert into tickets.item_tag (workspace_id, item_id, tag) select workspace_id, id, 'tag' || number % 200 ${from} on conflict do nothing`,
    ],
    [
      `insert into tickets.item_words select workspace_id, id, to_tsvector('simple', 'copy ' || number), '' ${from} on conflict do nothing`,
    ],
    [`insert into tickets.item_person (workspace_id, item_id, relation, person_id)
      select workspace_id, id, (array['assigned-user', 'assigned-team', 'following-customer', 'following-user'])[1 + number % 4],
             case number % 40 when 0 then $2::uuid when 1 then $3::uuid when 2 then $4::uuid else gen_random_uuid() end ${from}`, user, team, customer], // prettier-ignore
    [`insert into tickets.file (workspace_id, id, hash, name, content_type, size, uploader_kind, uploader_id, message_id, created_at)
      select workspace_id, gen_random_uuid(), 'x', 'x', 'x', 1, 'user', id, id, created_at from tickets.message where workspace_id = $1`], // prettier-ignore
    [`insert into tickets.delivery (workspace_id, id, item_id, message_id, address, state, at, seq)
      select workspace_id, gen_random_uuid(), item_id, id, 'a@b.test', 'sent', created_at, 1 from tickets.message where workspace_id = $1`], // prettier-ignore
    [`insert into tickets.item_seen select workspace_id, $2::uuid, id, last_message_id, created_at ${from}`, user],
    [`insert into tickets.item_link select workspace_id, id, id, 'related', created_at ${from}`],
    [
      `insert into tickets.person select workspace_id, 'customer', gen_random_uuid(), 'x', 'x', null, null, true, 1 ${from}`,
    ],
  ] as [string, ...string[]][])
    await owner.query(statement, [of, ...values]);
  await owner.end();
}

/** What is wrong with the plans of the statements that a question runs. */
const flaws = (ask: (ctx: Context) => Promise<unknown>, actor = actors.administrator as Actor): Promise<string[]> =>
  explainer.flaws(actor, ask);

const sorts = ['updatedAt', 'createdAt', 'dueAt', 'priority', 'number', 'title'].flatMap((sort) => [sort, `-${sort}`]);
const who = ['administrator', 'a member of one project', 'a member of several', 'a customer'];

describe('every list query reaches its rows by an index', () => {
  it.each(who)('each view in each order, and its next page, for %s', async (name) => {
    for (const { filter } of [...Object.values(shippedViews), { filter: undefined }])
      for (const sort of sorts) {
        const found = await flaws(async (ctx) => {
          const { nextCursor } = await readItems(ctx, { filter, sort, limit: 20 });
          if (nextCursor) await readItems(ctx, { filter, sort, limit: 20, cursor: nextCursor });
        }, actors[name]);
        expect([sort, found]).toEqual([sort, []]);
      }
  });

  it.each([
    ['type', 'ticket'],
    ['status', '$status'],
    ['state', 'finished'],
    ['assignee', 'me'],
    ['assignee', 'none'],
    ['team', '$team'],
    ['requester', '$emma'],
    ['organization', '$organization'],
    ['project', '$project'],
    ['follower', '$emma'],
    ['tag', 'tag7'],
    ['priority', '5'],
    ['published', 'true'],
  ])('filtered by %s', async (field, given) => {
    const value = given.replace(/\$(\w+)/, (_all, name: string) => ids[name] ?? '');
    for (const name of who)
      for (const operator of ['is', 'not'])
        expect(await flaws((ctx) => readItems(ctx, { filter: { field, [operator]: value } }), actors[name])).toEqual(
          [],
        );
  });

  it.each(['createdAt', 'updatedAt', 'finishedAt', 'dueAt'])('filtered by %s', async (field) => {
    for (const side of ['before', 'after'])
      expect(await flaws((ctx) => readItems(ctx, { filter: { field, [side]: '2026-01-01' } }))).toEqual([]);
  });

  it('a search, rare or common words, for everybody', async () => {
    for (const name of who)
      for (const text of ['copy', '7077'])
        expect(await flaws((ctx) => readItems(ctx, { text }), actors[name])).toEqual([]);
  });

  it('the views with their counts, the tags, a conversation, its participants and its log', async () => {
    for (const name of who)
      expect(
        await flaws(async (ctx) => {
          await readViews(ctx);
          await readTags(ctx, 'tag');
          await readMessages(ctx, item, { limit: 50, after: newId() });
          await readMessages(ctx, item, { thread: 'internal' });
          await participantsOf(ctx, [item.id]);
          await readActivity(ctx, item.id, newId(), 50);
        }, actors[name]),
      ).toEqual([]);
  });

  it.each([
    ['compares a column without an index', sql`select id from message where plain = 'x'`],
    ['sorts by a column without an index', sql`select id from item order by title limit 10`],
    ['asks an expression', sql`select id from item where lower(title) = 'x'`],
  ])('and this test would tell: one that %s fails it', async (_how, bad) => {
    expect(await flaws((ctx) => bad.execute(ctx.db()))).toHaveLength(1);
  });
});
