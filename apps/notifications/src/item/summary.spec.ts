import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { itemChanged, listNotifications, type Announcement } from '@sportello/contracts';
import { type EventJob } from '@sportello/messaging';
import { eventually, newId, type World } from '@sportello/testing';
import {
  aColleague,
  aDesk,
  aRequester,
  emailOf,
  startMailWorld,
  told,
  ToldItem,
  type Desk,
  type Postbox,
} from '../outbound/outbound.builders.js';

describe('what a bulk change tells people', () => {
  let world: World;
  let postbox: Postbox;
  beforeAll(async () => {
    ({ world, postbox } = await startMailWorld());
  });
  afterAll(async () => {
    await world.stop();
    await postbox.stop();
  });

  const handled = (...items: ToldItem[]) =>
    eventually(async () => {
      const rows = await world.sql<{ id: string; last_seq: number }>(
        'select aggregate_id as id, last_seq from notifications.inbox where aggregate_id = any($1)',
        [items.map(({ id }) => id)],
      );
      expect(new Map(rows.map((row) => [row.id, row.last_seq]))).toEqual(
        new Map(items.map(({ id, seq }) => [id, seq])),
      );
    });
  const mailsOf = (desk: Desk) =>
    world.sql<{ purpose: string; address: string; state: string; waits: boolean }>(
      'select purpose, address, state, due_at > now() as waits from notifications.outbound_mail where workspace_id = $1 order by id',
      [desk.id],
    );
  /** The ten seconds in which it can be taken back are over. */
  const later = (desk: Desk) =>
    world.sql("update notifications.outbound_mail set due_at = now() where workspace_id = $1 and state = 'queued'", [
      desk.id,
    ]);
  const anItem = async (desk: Desk, number: number, given: ConstructorParameters<typeof ToldItem>[2] = {}) => {
    const item = new ToldItem(world, desk, given);
    item.facts = { ...item.facts, number, title: `Printer ${number}` };
    told.lines.set(item.id, { number, title: `Printer ${number}`, statusName: 'Solved' });
    return item.created();
  };
  const change = (item: ToldItem, job: EventJob, userIds: string[], actor = newId()) =>
    item.tell(
      itemChanged,
      { ...item.facts, assignees: userIds.map((id) => ({ kind: 'user' as const, id })) },
      { changed: ['assignees'], access: { assignedUserIds: userIds }, actor: { kind: 'user', id: actor }, job },
    );
  const finish = (desk: Desk, item: ToldItem, job: EventJob, announce: Announcement = 'finished') =>
    item.tell(itemChanged, { ...item.facts, statusId: desk.statuses.solved, announce }, { changed: ['status'], job });
  const aJob = (undoes: string | null = null) => ({ id: newId(), ends: false, undoes });
  const unique = () => `U${newId().slice(-10)}`;

  it('given many that somebody is assigned to, in several chunks, then they get one notification and, after the last, one mail that names what they may still see', async () => {
    const desk = await aDesk(world);
    const name = unique();
    const per = await aColleague(world, desk, name);
    const items = await Promise.all([1, 2, 3, 4].map((number) => anItem(desk, number)));
    const job = aJob();
    for (const [index, item] of items.entries()) await change(item, { ...job, ends: index === 3 }, [per.id]);
    await handled(...items);
    const { data } = await world.as(per).call(listNotifications, {});
    expect(data).toMatchObject([{ reason: 'assigned', others: 3, itemNumber: 1 }]);
    expect(await mailsOf(desk)).toEqual([
      { purpose: 'assigned', address: emailOf(name), state: 'queued', waits: true },
    ]);
    told.lines.delete(items[1]?.id as string);
    await later(desk);
    const mail = await eventually(() => {
      const [first] = postbox.to(emailOf(name));
      if (!first) throw new Error('no mail yet');
      return first;
    });
    expect(mail.parsed.subject).toBe('Yours now: #1 Printer 1 and 2 more');
    expect(mail.parsed.text).toContain('#4 Printer 4');
    expect(mail.parsed.text).not.toContain('#2');
    expect(mail.parsed.html).toContain(`/${desk.identity.slug}/i/3">#3 Printer 3</a>`);
    expect(mail.parsed.headers.get('auto-submitted')).toBe('auto-generated');
    expect(postbox.to(emailOf(name))).toHaveLength(1);
  });

  it('given a customer with several requests that are finished together, then one mail tells them all, whatever their budget', async () => {
    const desk = await aDesk(world);
    const lucia = await aRequester(world, desk);
    const requester = { kind: 'customer' as const, id: lucia.id };
    const items = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((number) => anItem(desk, number, { requester })));
    const job = aJob();
    for (const [index, item] of items.entries()) await finish(desk, item, { ...job, ends: index === 6 });
    await handled(...items);
    await later(desk);
    const [mail] = await eventually(() => {
      expect(postbox.to(lucia.email)).toHaveLength(1);
      return postbox.to(lucia.email);
    });
    expect(mail?.parsed.subject).toBe('We have finished several of your requests');
    expect(mail?.parsed.text).toContain('Hello Lucia Bianchi,');
    expect(mail?.parsed.text).toContain('- #7 Printer 7');
    expect(mail?.parsed.text).not.toContain('/i/7');
  });

  it('given one item only, then the mail is the usual one', async () => {
    const desk = await aDesk(world);
    const lucia = await aRequester(world, desk);
    const item = await anItem(desk, 1042, { requester: { kind: 'customer', id: lucia.id } });
    await finish(desk, item, { ...aJob(), ends: true });
    await handled(item);
    await later(desk);
    await eventually(() => expect(postbox.to(lucia.email)[0]?.parsed.subject).toBe('Re: Broken printer [#1042]'));
  });

  it('given a bulk change that is taken back at once, then nobody hears of either', async () => {
    const desk = await aDesk(world);
    const per = await aColleague(world, desk, unique());
    const lucia = await aRequester(world, desk);
    const requester = { kind: 'customer' as const, id: lucia.id };
    const items = await Promise.all([1, 2].map((number) => anItem(desk, number, { requester })));
    const job = aJob();
    const both = (item: ToldItem, by: EventJob, userIds: string[], announce: Announcement) =>
      item.tell(
        itemChanged,
        { ...item.facts, announce },
        { changed: ['assignees', 'status'], access: { assignedUserIds: userIds }, job: by },
      );
    for (const item of items) await both(item, { ...job, ends: true }, [per.id], 'finished');
    await handled(...items);
    expect((await mailsOf(desk)).map(({ state }) => state)).toEqual(['queued', 'queued']);
    const undo = { ...aJob(job.id), ends: true };
    for (const item of items) await both(item, undo, [], 'reopened');
    await handled(...items);
    expect((await mailsOf(desk)).map(({ state }) => state)).toEqual(['dropped', 'dropped']);
    expect((await world.as(per).call(listNotifications, {})).data).toEqual([]);
  });

  it('given a customer who was told already, when it is taken back, then they hear that too', async () => {
    const desk = await aDesk(world);
    const lucia = await aRequester(world, desk);
    const item = await anItem(desk, 1, { requester: { kind: 'customer', id: lucia.id } });
    const job = { ...aJob(), ends: true };
    await finish(desk, item, job);
    await handled(item);
    await later(desk);
    await eventually(() => expect(postbox.to(lucia.email)).toHaveLength(1));
    await finish(desk, item, { ...aJob(job.id), ends: true }, 'reopened');
    await handled(item);
    expect((await mailsOf(desk)).map(({ purpose }) => purpose)).toEqual(['finished', 'reopened']);
  });
});
