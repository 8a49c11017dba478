import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getMailStop, itemChanged, listNotifications, registry, stopMails } from '@sportello/contracts';
import { type LinkActor, type PersonRef } from '@sportello/permissions';
import { eventually, newId, type World } from '@sportello/testing';
import {
  aColleague,
  aDesk,
  aRequester,
  emailOf,
  startMailWorld,
  ToldItem,
  type Desk,
  type Postbox,
} from '../outbound/outbound.builders.js';

describe('"Stop mails about this"', () => {
  let world: World;
  let postbox: Postbox;
  beforeAll(async () => {
    ({ world, postbox } = await startMailWorld());
  });
  afterAll(async () => {
    await world.stop();
    await postbox.stop();
  });

  const linkOf = (desk: Desk, person: PersonRef, item: ToldItem): LinkActor => ({
    ...{ kind: 'link', purpose: 'stop-mails', workspace: desk.id, person, itemId: item.id },
  });
  const mailsTo = (address: string, count: number) =>
    eventually(() => {
      expect(postbox.to(address)).toHaveLength(count);
      return postbox.to(address);
    });
  const handled = (item: ToldItem) =>
    eventually(async () => {
      const [row] = await world.sql<{ last_seq: number }>(
        'select last_seq from notifications.inbox where aggregate_id = $1',
        [item.id],
      );
      expect(row?.last_seq).toBe(item.seq);
    });

  /** A ticket of Lucia's that Bruno, a customer, and Per and Kari, users, follow. */
  async function aFollowedTicket() {
    const desk = await aDesk(world);
    const [lucia, bruno] = [await aRequester(world, desk), await aRequester(world, desk, { name: 'Bruno' })];
    const names = [`U${newId().slice(-10)}`, `U${newId().slice(-10)}`] as const;
    const [per, kari] = await Promise.all(names.map((name) => aColleague(world, desk, name)));
    const [perRef, kariRef] = [per, kari].map((user) => ({ kind: 'user' as const, id: user?.id as string }));
    const brunoRef = { kind: 'customer' as const, id: bruno.id };
    const item = await new ToldItem(world, desk, {
      requester: { kind: 'customer', id: lucia.id },
      followers: [brunoRef, perRef as PersonRef, kariRef as PersonRef],
    }).created();
    await handled(item);
    const write = () => item.message({ author: { kind: 'customer', id: lucia.id }, via: 'web' });
    return { desk, item, lucia, bruno, brunoRef, per: per!, perRef: perRef!, names, write };
  }

  it('stands in the mails of who follows, for mail programs and for people, and not in what somebody asked for', async () => {
    const { item, desk, bruno, brunoRef, names, write, lucia } = await aFollowedTicket();
    await write();
    await item.message({ author: { kind: 'user', id: newId() }, to: [{ name: '', address: lucia.email }] });
    const [copy] = await mailsTo(bruno.email, 2);
    const url = `http://127.0.0.1:8080/stop-mails?token=customer.${brunoRef.id}.${item.id}`;
    expect(copy?.raw).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
    expect(copy?.parsed.headers.get('list')).toMatchObject({ unsubscribe: { url } });
    expect(copy?.parsed.html).toContain(`<a href="${url}">Stop mails about this</a>`);
    const [notice] = await mailsTo(emailOf(names[0]), 2);
    expect(notice?.parsed.html).toContain('Stop mails about this');
    const [answer] = await mailsTo(lucia.email, 1);
    expect(answer?.raw).not.toContain('List-Unsubscribe');
    expect(desk.id).toBeTruthy();
  });

  it('stops them for this person and this item only; what happens is still in the app', async () => {
    const { desk, item, bruno, brunoRef, per, perRef, names, write } = await aFollowedTicket();
    const other = await new ToldItem(world, desk, { followers: [brunoRef, perRef] }).created();
    for (const person of [brunoRef, perRef]) {
      const link = world.as(linkOf(desk, person, item));
      expect(await link.call(getMailStop, {})).toEqual({ itemNumber: 1042, language: 'en', stopped: false });
      expect(await link.call(stopMails, {})).toMatchObject({ stopped: true });
      expect(await link.call(stopMails, {})).toMatchObject({ stopped: true });
    }
    await write();
    await mailsTo(emailOf(names[1]), 1);
    await handled(item);
    await other.message({ author: { kind: 'user', id: newId() } });
    await mailsTo(bruno.email, 1);
    await mailsTo(emailOf(names[0]), 1);
    const mails = await world.sql<{ address: string }>(
      'select address from notifications.outbound_mail where workspace_id = $1 and item_id = $2',
      [desk.id, item.id],
    );
    const addresses = mails.map(({ address }) => address);
    expect(addresses).not.toContain(bruno.email);
    expect(addresses).not.toContain(emailOf(names[0]));
    const { data } = await world.as(per).call(listNotifications, {});
    expect(data.map(({ itemId }) => itemId)).toContain(item.id);
  });

  it('drops what waits, and begins again for who is assigned anew', async () => {
    const { desk, item, per, perRef, names, write } = await aFollowedTicket();
    postbox.refuse.set(emailOf(names[0]), '451 later');
    await write();
    const states = async () =>
      (
        await world.sql<{ state: string }>(
          'select state from notifications.outbound_mail where workspace_id = $1 and user_id = $2 order by id',
          [desk.id, per.id],
        )
      ).map(({ state }) => state);
    await eventually(async () => expect(await states()).toEqual(['deferred']));
    await world.as(linkOf(desk, perRef, item)).call(stopMails, {});
    expect(await states()).toEqual(['dropped']);
    postbox.refuse.delete(emailOf(names[0]));
    const facts = { ...item.facts, assignees: [{ kind: 'user' as const, id: per.id }] };
    await item.tell(itemChanged, facts, { changed: ['assignees'], access: { assignedUserIds: [per.id] } });
    await mailsTo(emailOf(names[0]), 1);
  });

  it('is all that its link can do, whatever is asked of the service', async () => {
    const { desk, item, brunoRef } = await aFollowedTicket();
    const link = world.as(linkOf(desk, brunoRef, item));
    const own: string[] = [getMailStop.id, stopMails.id];
    for (const operation of registry.operations.values()) {
      if (!operation.id.startsWith('notifications.') || own.includes(operation.id)) continue;
      await expect(link.call(operation, {})).rejects.toMatchObject({ definition: { code: 'forbidden' } });
    }
    const user = world.as({ kind: 'visitor', workspace: desk.id });
    await expect(user.call(stopMails, {})).rejects.toMatchObject({ definition: { code: 'not_signed_in' } });
  });
});
