import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { changeTeam, changeUser, changeWorkspace, createItem, createTeam, listItems } from '@sportello/contracts';
import { aCustomer, eventually, startWorld, type World } from '@sportello/testing';
import { Client } from 'pg';
import { createGateway } from '../../apps/gateway/src/start.js';
import { AppModule as Identity } from '../../apps/identity/src/app.module.js';
import { aColleague, actorOf, aSignUp, type SignedUp } from '../../apps/identity/src/entry/entry.builders.js';
import { AppModule as Tickets } from '../../apps/tickets/src/app.module.js';

describe('a command that takes sight away', () => {
  let world: World;
  let gateway: NestFastifyApplication;
  let base: string;
  let desk: SignedUp;
  beforeAll(async () => {
    world = await startWorld([Identity, Tickets]);
    gateway = await createGateway();
    await gateway.listen(0, '127.0.0.1');
    base = await gateway.getUrl();
    desk = await aSignUp(world);
    await eventually(async () =>
      expect(
        await world.sql('select from tickets.item_type where workspace_id = $1', [desk.anna.workspace]),
      ).toHaveLength(1),
    );
  });
  afterAll(async () => {
    await gateway.close();
    await world.stop();
  });

  const patch = async (path: string, body: object) => {
    const headers = { Authorization: `Bearer ${desk.session.sessionToken}`, 'Content-Type': 'application/json' };
    const answer = await fetch(`${base}/api/v1${path}`, { method: 'PATCH', headers, body: JSON.stringify(body) });
    return { status: answer.status, body: (await answer.json()) as { id: string; name: string } };
  };
  const teamsOf = (userId: string) => world.sql('select team_id from tickets.user_team where user_id = $1', [userId]);
  const aMember = async (name: string) => {
    const { per, session } = await aColleague(world, desk);
    const team = await desk.asAnna.call(createTeam, { name, memberIds: [per.id] });
    await eventually(async () => expect(await teamsOf(per.id)).toHaveLength(2));
    return { per, session, team };
  };

  it('given a member who is taken out of a team, when they ask right after the answer, then they see no item of it', async () => {
    const { per, session, team } = await aMember('Second line');
    const { anna } = desk;
    const [{ project_id: projectId } = { project_id: '' }] = await world.sql<{ project_id: string }>(
      'update tickets.project_grant set principal_id = $1 where workspace_id = $2 returning project_id',
      [team.id, anna.workspace],
    );
    await desk.asAnna.call(createItem, { title: 'For the second line', projectId });
    const asPer = async () => world.as(await actorOf(world, session.sessionToken)).call(listItems, {});
    expect((await asPer()).data).toHaveLength(1);
    await desk.asAnna.call(changeTeam, { id: team.id, memberIds: [] });
    expect((await asPer()).data).toEqual([]);
    expect(await teamsOf(per.id)).toHaveLength(1);
  });

  it('given a customer who sees what their organization asks, when the workspace narrows that, then a list right after the answer is narrow', async () => {
    const customer = world.as(aCustomer(desk.anna.workspace));
    await desk.asAnna.call(changeWorkspace, { customerSight: 'nothing' });
    expect(
      await world.sql('select customer_sight from tickets.workspace where workspace_id = $1', [desk.anna.workspace]),
    ).toEqual([{ customer_sight: 'nothing' }]);
    expect((await customer.call(listItems, {})).data).toEqual([]);
  });

  it('given a service that is slow to apply it, then the answer waits for it', async () => {
    const { per, team } = await aMember('Third line');
    const owner = new Client({ connectionString: world.database.ownerUrl });
    await owner.connect();
    await owner.query('begin');
    await owner.query('lock table tickets.user_team');
    let answered = false;
    const answer = patch(`/teams/${team.id}`, { memberIds: [] }).finally(() => (answered = true));
    await eventually(async () =>
      expect(
        await world.sql("select from pg_stat_activity where wait_event_type = 'Lock' and usename = 'tickets'"),
      ).toHaveLength(1),
    );
    expect(answered).toBe(false);
    await owner.query('commit');
    await owner.end();
    expect((await answer).status).toBe(200);
    expect(await teamsOf(per.id)).toHaveLength(1);
  });

  it('given a service that is away, then the answer is 202 with what it would have been, and it applies it when it is back', async () => {
    const { per, team } = await aMember('Fourth line');
    const tickets = world.apps.splice(1, 1)[0] as NestFastifyApplication;
    await tickets.close();
    expect(await patch(`/teams/${team.id}`, { memberIds: [] })).toMatchObject({ status: 202, body: { id: team.id } });
    // What changes nobody's sight does not wait.
    expect(await patch(`/teams/${team.id}`, { name: 'Fifth line' })).toMatchObject({
      status: 200,
      body: { name: 'Fifth line' },
    });
    expect(await desk.asAnna.call(changeUser, { id: per.id, active: false })).toMatchObject({ active: false });
    await world.start(Tickets);
    await eventually(async () => expect(await teamsOf(per.id)).toHaveLength(1));
  });
});
