import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { itemChanged, listNotifications } from '@sportello/contracts';
import { eventually, newId, type World } from '@sportello/testing';
import {
  aColleague,
  aDesk,
  aRequester,
  startMailWorld,
  switchApp,
  ToldItem,
  type Desk,
  type Postbox,
} from '../outbound/outbound.builders.js';

describe('an app that is switched off', () => {
  let world: World;
  let postbox: Postbox;
  beforeAll(async () => {
    ({ world, postbox } = await startMailWorld());
  });
  afterAll(async () => {
    await world.stop();
    await postbox.stop();
  });

  const handled = (item: ToldItem) =>
    eventually(async () => {
      const [row] = await world.sql<{ seq: number }>('select seq from notifications.item where id = $1', [item.id]);
      expect(row?.seq).toBe(item.seq);
    });
  const mailsOf = (desk: Desk) =>
    world.sql<{ purpose: string; state: string; detail: string | null }>(
      'select purpose, state, detail from notifications.outbound_mail where workspace_id = $1 order by id',
      [desk.id],
    );

  async function aTicket() {
    const desk = await aDesk(world);
    const lucia = await aRequester(world, desk);
    const per = await aColleague(world, desk, `U${newId().slice(-10)}`);
    const item = await new ToldItem(world, desk, { requester: { kind: 'customer', id: lucia.id } }).created();
    await handled(item);
    return { desk, lucia, per, item };
  }
  const finish = ({ item, desk, per }: Awaited<ReturnType<typeof aTicket>>) =>
    item.tell(
      itemChanged,
      { ...item.facts, statusId: desk.statuses.solved, announce: 'finished', title: 'Printer, mended' },
      { changed: ['status', 'assignees'], access: { assignedUserIds: [per.id] } },
    );

  it('tells nobody anything, and nothing of that time once it is on again; what happened is known all the same', async () => {
    const ticket = await aTicket();
    const { desk, lucia, per, item } = ticket;
    await switchApp(world, desk, false, 2);
    const mail = { via: 'mail' as const, first: true, answerable: true };
    await item.message({ ...mail, author: { kind: 'customer', id: lucia.id } });
    await finish(ticket);
    await handled(item);
    await switchApp(world, desk, true, 3);
    expect(await mailsOf(desk)).toEqual([]);
    expect((await world.as(per).call(listNotifications, {})).data).toEqual([]);
    const [copy] = await world.sql('select title from notifications.item where id = $1', [item.id]);
    expect(copy).toEqual({ title: 'Printer, mended' });
    await item.message({ author: { kind: 'user', id: per.id }, to: [{ name: '', address: lucia.email }] });
    await eventually(() => expect(postbox.to(lucia.email)).toHaveLength(1));
  });

  it('drops what waits to be sent, so that it does not come when the app is on again', async () => {
    const ticket = await aTicket();
    const { desk, lucia, item } = ticket;
    postbox.refuse.set(lucia.email, '451 come back later');
    await finish(ticket);
    await handled(item);
    await eventually(async () =>
      expect((await mailsOf(desk)).find(({ purpose }) => purpose === 'finished')?.state).toBe('deferred'),
    );
    await switchApp(world, desk, false, 2);
    const dropped = { purpose: 'finished', state: 'dropped', detail: 'The app was switched off.' };
    expect(await mailsOf(desk)).toContainEqual(dropped);
    postbox.refuse.delete(lucia.email);
    await switchApp(world, desk, true, 3);
    await world.sql('update notifications.outbound_mail set due_at = now() where workspace_id = $1', [desk.id]);
    expect(postbox.to(lucia.email)).toEqual([]);
  });

  it('sends nothing either where identity says so before its event has come', async () => {
    const ticket = await aTicket();
    ticket.desk.identity.apps = [];
    await finish(ticket);
    await eventually(async () => {
      const mails = await mailsOf(ticket.desk);
      expect(mails.map(({ state, detail }) => [state, detail])).toEqual([
        ['dropped', 'The app was switched off.'],
        ['dropped', 'The app was switched off.'],
      ]);
    });
  });
});
