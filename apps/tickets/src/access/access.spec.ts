import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  addMessage,
  changeItem,
  findFile,
  getItem,
  listActivity,
  listItems,
  listMessages,
  listTags,
  listViews,
  registerFile,
  type Item,
} from '@sportello/contracts';
import {
  allows,
  customerSights,
  noSight,
  projectRoles,
  type AccessFacts,
  type Actor,
  type CustomerActor,
  type CustomerSight,
  type ProjectRole,
  type Sight,
  type UserActor,
} from '@sportello/permissions';
import { startWorld, type World } from '@sportello/testing';
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
} from '../item/item.builders.js';

let world: World;
beforeAll(async () => {
  world = await startWorld([AppModule]);
});
afterAll(() => world.stop());

/** Somebody with the grants that the policy should count for them. */
interface Somebody {
  name: string;
  actor: Actor;
  sight: Sight;
}

describe('who sees what', () => {
  let somebodies: Somebody[];
  let items: { id: string; number: number; facts: AccessFacts }[];
  let workspace: string;
  const word = 'quicksilver';

  beforeAll(async () => {
    const desk = await aWorkspace(world);
    workspace = desk.id;
    const { anna } = desk;
    const team = await aKnownTeam(world, workspace);
    const [contoso, fabrikam] = [
      await aKnownOrganization(world, workspace),
      await aKnownOrganization(world, workspace),
    ];
    const customers = [
      await aKnownCustomer(world, workspace, { organization: contoso }),
      await aKnownCustomer(world, workspace, { organization: contoso }),
      await aKnownCustomer(world, workspace, { organization: fabrikam }),
      await aKnownCustomer(world, workspace),
    ];
    const members = new Map<string, UserActor>();
    for (const role of [...projectRoles, 'nobody'])
      members.set(role, await aKnownUser(world, workspace, { role: 'member', teams: [] }));
    const throughTeam = await aKnownUser(world, workspace, { role: 'member', teams: [team] });
    const granted = new Map<string, Map<string, ProjectRole>>();
    const projects: string[] = [];
    for (const role of projectRoles) {
      const { id } = members.get(role) as UserActor;
      const project = await aProject(world, workspace, { kind: 'user', id, role }, { kind: 'team', id: team, role: 'restricted' }); // prettier-ignore
      projects.push(project);
      granted.set(id, new Map([[project, role]]));
    }
    // One has a role of their own on a project and a lesser one through the team: the better counts.
    await world.sql(`insert into tickets.project_grant (workspace_id, project_id, principal_kind, principal_id, role) values ($1, $2, 'user', $3, 'lead')`, [workspace, projects[0], throughTeam.id]); // prettier-ignore
    granted.set(throughTeam.id, new Map(projects.map((project, index) => [project, index ? 'restricted' : 'lead'])));
    const other = await aWorkspace(world);
    const users = [...members.values(), throughTeam];
    somebodies = [
      { name: 'an administrator', actor: anna, sight: noSight },
      ...users.map((actor) => ({ name: `member ${actor.id}`, actor, sight: { ...noSight, projects: granted.get(actor.id) ?? new Map() } })), // prettier-ignore
      ...customers.map((actor) => ({ name: `customer ${actor.id}`, actor, sight: noSight })),
    ];
    somebodies.push({ name: 'another workspace’s administrator', actor: other.anna, sight: noSight });

    const parts = fc.record({
      project: fc.constantFrom(...projects, desk.facts.supportProjectId),
      requester: fc.constantFrom(...users, ...customers),
      published: fc.boolean(),
      assigned: fc.subarray(users, { maxLength: 2 }),
      toTeam: fc.boolean(),
      followers: fc.subarray([...users, ...customers], { maxLength: 3 }),
    });
    items = [];
    for (const each of fc.sample(parts, { numRuns: 40, seed: 7 })) {
      const made = await anItem(world, anna, {
        title: `A ${word} matter`,
        projectId: desk.facts.supportProjectId,
        requester: { kind: each.requester.kind, id: each.requester.id },
        published: each.published,
        assignees: [...each.assigned.map(({ id }) => ({ kind: 'user' as const, id })), ...(each.toTeam ? [{ kind: 'team' as const, id: team }] : [])], // prettier-ignore
        tags: [`tag-${items.length}`],
      });
      await world.sql('update tickets.item set project_id = $2 where id = $1', [made.id, each.project]);
      const followers = each.followers.map(({ kind, id }) => ({ kind, id }));
      if (followers.length) await world.as(anna).call(changeItem, { id: made.id, followers });
      const facts: AccessFacts = {
        projectId: each.project,
        requester: { kind: each.requester.kind, id: each.requester.id },
        requesterOrganizationId: each.requester.kind === 'customer' ? each.requester.organization : null,
        assignedUserIds: each.assigned.map(({ id }) => id),
        assignedTeamIds: each.toTeam ? [team] : [],
        followers,
        published: each.published,
      };
      items.push({ id: made.id, number: made.number, facts });
    }
  });

  /** What the policy says of one record. */
  const expected = ({ actor, sight }: Somebody, customerSight: CustomerSight): string[] =>
    items
      .filter(
        ({ facts }) => actor.workspace === workspace && allows(actor, 'item.view', { ...sight, customerSight }, facts),
      )
      .map(({ id }) => id)
      .sort();

  it.each(customerSights)(
    'given that customers see "%s", then list, search, count, views, tags, record, number and messages agree for everybody',
    async (customerSight) => {
      await world.sql('update tickets.workspace set customer_sight = $2 where workspace_id = $1', [
        workspace,
        customerSight,
      ]);
      for (const somebody of somebodies) {
        const caller = world.as(somebody.actor);
        const visible = expected(somebody, customerSight);
        const list = await caller.call(listItems, { limit: 200 });
        const search = await caller.call(listItems, { text: word, limit: 200, sort: 'number' });
        const idsOf = (data: Item[]) => data.map(({ id }) => id).sort();
        expect([somebody.name, idsOf(list.data), list.count]).toEqual([somebody.name, visible, visible.length]);
        expect([idsOf(search.data), search.count]).toEqual([visible, visible.length]);
        const { data: views } = await caller.call(listViews, {});
        expect(views.find(({ id }) => id === 'all-open')?.count).toBe(visible.length);
        const { data: tags } = await caller.call(listTags, { text: 'tag-' });
        expect(tags).toHaveLength(somebody.actor.kind === 'customer' ? 0 : visible.length);
        for (const { id, number } of items.filter((_item, index) => index % 4 === 0)) {
          const reads = [
            () => caller.call(getItem, { id }),
            () => caller.call(getItem, { id: String(number) }),
            () => caller.call(listMessages, { id }),
            () => caller.call(listActivity, { id }),
          ];
          for (const read of reads) {
            // A number may be that of another workspace's own item.
            if (visible.includes(id)) await read();
            else await expect(read()).rejects.toMatchObject(refusal('not_found'));
          }
        }
      }
    },
  );
});

describe('what is internal', () => {
  it('reaches a customer in no answer', async () => {
    const secret = 'xyzzysecret';
    const { anna, id: workspace, everyone } = await aWorkspace(world);
    const emma: CustomerActor = await aKnownCustomer(world, workspace);
    const per = await aKnownUser(world, workspace, { teams: [everyone] });
    const { id } = await anItem(world, emma, { title: 'Invoice', html: '<p>Hello</p>' });
    const file = await world.as(anna).call(registerFile, { hash: 'b'.repeat(64), name: `${secret}.pdf`, contentType: 'application/pdf', size: 1 }); // prettier-ignore
    const html = `<p>${secret}</p>`;
    await world.as(anna).call(addMessage, { id, thread: 'internal', html, attachments: [file.id], mentions: [per.id] });
    await world.as(anna).call(changeItem, { id, tags: [secret], assignees: [{ kind: 'user', id: per.id }] });
    const asEmma = world.as(emma);
    const answers = [
      await asEmma.call(listItems, {}),
      await asEmma.call(listItems, { text: secret }),
      await asEmma.call(getItem, { id }),
      await asEmma.call(listMessages, { id }),
      await asEmma.call(listMessages, { id, thread: 'internal' }),
      await asEmma.call(listActivity, { id }),
      await asEmma.call(listTags, { text: secret }).catch((error: Error) => error.message),
      await asEmma.call(listViews, {}),
    ];
    const text = JSON.stringify(answers);
    expect(text).not.toContain(secret);
    expect(text).not.toContain('@rossi.test');
    expect(answers[1]).toMatchObject({ count: 0 });
    expect(answers[0]).toMatchObject({ data: [{ lastMessage: { excerpt: 'Hello', thread: 'customer' } }] });
    await expect(asEmma.call(findFile, { id: file.id })).rejects.toMatchObject(refusal('file_not_found'));
    await expect(asEmma.call(addMessage, { id, thread: 'internal', html })).rejects.toMatchObject(refusal('forbidden'));
  });
});
