import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  invitationSent,
  itemChanged,
  listNotifications,
  markNotificationsRead,
  setCustomerMailSwitch,
  setMailTemplate,
  setNotificationPreferences,
  type Announcement,
  type MailPurpose,
} from '@sportello/contracts';
import { type UserActor } from '@sportello/permissions';
import { eventually, newId, type World } from '@sportello/testing';
import {
  aColleague,
  aDesk,
  aRequester,
  emailOf,
  startMailWorld,
  tell,
  told,
  ToldItem,
  type Desk,
  type Postbox,
} from '../outbound/outbound.builders.js';

describe('who is told of what', () => {
  let world: World;
  let postbox: Postbox;
  beforeAll(async () => {
    ({ world, postbox } = await startMailWorld());
  });
  afterAll(async () => {
    await world.stop();
    await postbox.stop();
  });

  const arrived = (address: string, count = 1) =>
    eventually(() => {
      const mails = postbox.to(address);
      if (mails.length < count) throw new Error(`${mails.length} of ${count} mails have come to ${address}`);
      return mails;
    });
  /** Everything that the events so far led to has been written. */
  const handled = (item: ToldItem) =>
    eventually(async () => {
      const [row] = await world.sql<{ last_seq: number }>(
        'select last_seq from notifications.inbox where aggregate_id = $1',
        [item.id],
      );
      expect(row?.last_seq).toBe(item.seq);
    });
  const mailsOf = (desk: Desk) =>
    world.sql<{ purpose: MailPurpose; address: string }>(
      'select purpose, address from notifications.outbound_mail where workspace_id = $1 order by id',
      [desk.id],
    );
  const inboxOf = async (user: UserActor) => (await world.as(user).call(listNotifications, {})).data;
  const byMail = { via: 'mail' as const, first: true, answerable: true };
  const asUser = ({ id }: { id: string }) => ({ kind: 'user' as const, id });
  const asCustomer = ({ id }: { id: string }) => ({ kind: 'customer' as const, id });
  const unique = () => `U${newId().slice(-10)}`;

  it('given a first mail of a person, when it became a ticket, then one acknowledgement answers it, marked as automatic', async () => {
    const desk = await aDesk(world);
    const lucia = await aRequester(world, desk);
    const item = await new ToldItem(world, desk, { requester: asCustomer(lucia) }).created();
    await item.message({ ...byMail, author: asCustomer(lucia) });
    await item.message({ ...byMail, author: asCustomer(lucia) });
    const [mail] = await arrived(lucia.email);
    expect(mail?.parsed.headers.get('auto-submitted')).toBe('auto-replied');
    expect(mail?.parsed.headers.get('x-sportello-workspace')).toBe(desk.id);
    expect(mail?.parsed.from?.value).toEqual([{ name: 'Officina Rossi', address: desk.identity.replyAddress }]);
    expect(mail?.parsed.subject).toBe('Re: Broken printer [#1042]');
    expect(mail?.parsed.text).toContain('Hello Lucia Bianchi,');
    await handled(item);
    expect(await mailsOf(desk)).toEqual([{ purpose: 'acknowledgement', address: lucia.email }]);
  });

  it('given a mail that no answer may go to, or one into a known ticket, when it came, then nothing answers it', async () => {
    const desk = await aDesk(world);
    const lucia = await aRequester(world, desk);
    const author = asCustomer(lucia);
    const item = await new ToldItem(world, desk, { requester: author }).created();
    await item.message({ ...byMail, author, answerable: false });
    await item.message({ ...byMail, author, first: false });
    await item.message({ ...byMail, author, via: 'web' });
    await handled(item);
    expect(await mailsOf(desk)).toEqual([]);
  });

  it('given one address that writes again and again, when five were answered within an hour, then no more automatic mail goes there', async () => {
    const desk = await aDesk(world);
    const lucia = await aRequester(world, desk);
    const author = asCustomer(lucia);
    for (let count = 0; count < 7; count += 1) {
      const item = await new ToldItem(world, desk, { requester: author }).created();
      await item.message({ ...byMail, author });
      await handled(item);
    }
    expect(await mailsOf(desk)).toHaveLength(5);
  });

  it('given a requester whose address is another desk of the installation, when the acknowledgement is due, then it is not sent', async () => {
    const [desk, other] = [await aDesk(world), await aDesk(world)];
    const author = asCustomer(await aRequester(world, desk, { email: other.identity.inboundAddress }));
    const item = await new ToldItem(world, desk, { requester: author }).created();
    await item.message({ ...byMail, author });
    await eventually(async () => {
      const rows = await world.sql('select state from notifications.outbound_mail where workspace_id = $1', [desk.id]);
      expect(rows).toEqual([{ state: 'dropped' }]);
    });
    expect(postbox.to(other.identity.inboundAddress)).toEqual([]);
  });

  it('given an internal note, when it was written, then assigned, following and mentioned users are told, and no customer, whoever follows', async () => {
    const desk = await aDesk(world);
    const names = [unique(), unique(), unique(), unique()] as const;
    const [anna, per, kari, outsider] = [
      await aColleague(world, desk, names[0]),
      await aColleague(world, desk, names[1]),
      await aColleague(world, desk, names[2]),
      await aColleague(world, desk, names[3], { teams: [] }),
    ];
    const [lucia, bruno] = [await aRequester(world, desk), await aRequester(world, desk)];
    const item = await new ToldItem(world, desk, {
      requester: asCustomer(lucia),
      followers: [asCustomer(bruno), asUser(per)],
      assignedUserIds: [anna.id],
    }).created({ kind: 'user', id: anna.id });
    await item.message({ author: asUser(anna), thread: 'internal', mentions: [kari.id, outsider.id] });
    const [toKari] = await arrived(emailOf(names[2]));
    await arrived(emailOf(names[1]));
    expect(toKari?.parsed.text).toContain('only the team reads your answer');
    await handled(item);
    expect((await mailsOf(desk)).map(({ purpose, address }) => [purpose, address]).sort()).toEqual(
      [
        ['followed', emailOf(names[1])],
        ['mentioned', emailOf(names[2])],
      ].sort(),
    );
    expect([...postbox.to(lucia.email), ...postbox.to(bruno.email)]).toEqual([]);
    expect(await inboxOf(kari)).toMatchObject([{ reason: 'mentioned', itemNumber: 1042, actor: { id: anna.id } }]);
    expect(await inboxOf(anna)).toEqual([]);
    expect(await inboxOf(outsider)).toEqual([]);
  });

  it('given a user who wants no mail for a reason, when they are told, then only in the app, and the other way round', async () => {
    const desk = await aDesk(world);
    const names = [unique(), unique()] as const;
    const [anna, per] = [await aColleague(world, desk, names[0]), await aColleague(world, desk, names[1])];
    const preference = (mail: boolean, app: boolean) => ({ data: [{ reason: 'mentioned' as const, mail, app }] });
    await world.as(anna).call(setNotificationPreferences, preference(false, true));
    const { data } = await world.as(per).call(setNotificationPreferences, preference(true, false));
    expect(data).toContainEqual({ reason: 'mentioned', mail: true, app: false });
    expect(data).toContainEqual({ reason: 'assigned', mail: true, app: true });
    const item = await new ToldItem(world, desk, {}).created();
    const kari = await aColleague(world, desk, unique());
    await item.message({ author: asUser(kari), thread: 'internal', mentions: [anna.id, per.id] });
    await arrived(emailOf(names[1]));
    expect(await mailsOf(desk)).toEqual([{ purpose: 'mentioned', address: emailOf(names[1]) }]);
    expect(await inboxOf(anna)).toHaveLength(1);
    expect(await inboxOf(per)).toEqual([]);
  });

  it('given a customer who writes, when the ticket is assigned, then the assigned user reads it by mail and may answer there', async () => {
    const desk = await aDesk(world);
    const name = unique();
    const anna = await aColleague(world, desk, name);
    const lucia = await aRequester(world, desk);
    const item = await new ToldItem(world, desk, { requester: asCustomer(lucia), assignedUserIds: [anna.id] }).created(
      asUser(anna),
    );
    await item.message({ author: asCustomer(lucia), via: 'mail' });
    const [mail] = await arrived(emailOf(name));
    expect(mail?.parsed.replyTo?.value[0]?.address).toMatch(/^in-.+\+r\.[a-z2-7]{26}@sportello\.test$/);
    expect(mail?.parsed.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail?.parsed.text).toContain('your answer goes to Lucia Bianchi');
    expect(mail?.parsed.html).toContain(`http://127.0.0.1:8080/${desk.identity.slug}/i/1042`);
    expect(await mailsOf(desk)).toEqual([{ purpose: 'followed', address: emailOf(name) }]);
  });

  it('given a new ticket for a user and a team, when it comes with its first message, then each is told once, with the message', async () => {
    const desk = await aDesk(world);
    const team = newId();
    const names = [unique(), unique(), unique()] as const;
    const anna = await aColleague(world, desk, names[0]);
    await aColleague(world, desk, names[1], { teams: [desk.everyone, team] });
    const kari = await aColleague(world, desk, names[2], { teams: [desk.everyone, team] });
    const lucia = await aRequester(world, desk);
    const item = await new ToldItem(world, desk, {
      requester: asCustomer(lucia),
      assignedUserIds: [anna.id],
      assignedTeamIds: [team],
    }).created(asUser(kari));
    const messageId = await item.message({ author: asCustomer(lucia), via: 'mail', first: true });
    await arrived(emailOf(names[0]));
    await arrived(emailOf(names[1]));
    const mails = await world.sql(
      'select purpose, message_id from notifications.outbound_mail where workspace_id = $1',
      [desk.id],
    );
    expect(mails).toEqual([0, 1].map(() => ({ purpose: 'assigned', message_id: messageId })));
    expect(await inboxOf(anna)).toMatchObject([{ reason: 'assigned', messageId, excerpt: 'It works again.' }]);
    expect(await inboxOf(kari)).toEqual([]);
  });

  it('given an answer by mail of a user, when it came in, then it goes on to the requester, and nobody hears of their own', async () => {
    const desk = await aDesk(world);
    const anna = await aColleague(world, desk, unique());
    const lucia = await aRequester(world, desk);
    const item = await new ToldItem(world, desk, { requester: asCustomer(lucia), assignedUserIds: [anna.id] }).created(
      asUser(anna),
    );
    const token = desk.identity.inboundAddress.replace('@', `+r.${'a'.repeat(26)}@`);
    await item.message({ author: asUser(anna), via: 'mail', to: [{ name: '', address: token }] });
    const [mail] = await arrived(lucia.email);
    expect([mail?.parsed.to].flat().map((each) => each?.text)).toEqual([`"Lucia Bianchi" <${lucia.email}>`]);
    await handled(item);
    expect(await mailsOf(desk)).toEqual([{ purpose: 'reply', address: lucia.email }]);
  });

  it('given the shipped switches, when a ticket finishes and opens again, then the requester hears of it each time, in their language', async () => {
    const desk = await aDesk(world);
    const lucia = await aRequester(world, desk);
    const item = await new ToldItem(world, desk, { requester: asCustomer(lucia) }).created();
    told.prepared.set(item.id, { language: 'it' });
    const { working, waiting, solved } = desk.statuses;
    const moved = (statusId: string, announce: Announcement | null) =>
      item.tell(itemChanged, { ...item.facts, statusId, announce }, { changed: ['status'] });
    await moved(working, 'status-changed');
    await moved(solved, 'finished');
    await moved(working, 'reopened');
    await moved(solved, 'finished');
    const mails = await arrived(lucia.email, 3);
    expect(mails.map(({ parsed }) => parsed.text?.split('\n\n')[1]).sort()).toEqual([
      'abbiamo concluso la sua richiesta «Broken printer» e speriamo che ora sia tutto a posto.',
      'abbiamo concluso la sua richiesta «Broken printer» e speriamo che ora sia tutto a posto.',
      'abbiamo riaperto la sua richiesta «Broken printer» e ce ne stiamo occupando.',
    ]);
    expect(new Set(mails.map(({ parsed }) => parsed.messageId)).size).toBe(3);
    const administrator = await aColleague(world, desk, unique(), { role: 'administrator' });
    await world.as(administrator).call(setCustomerMailSwitch, { mail: 'status-changed', on: true });
    await world.as(administrator).call(setCustomerMailSwitch, { mail: 'finished', on: false });
    const body = 'Now: {{ item.status }}';
    await world
      .as(administrator)
      .call(setMailTemplate, { mail: 'status-changed', language: 'it', subject: 'News', body });
    // The same words for the customer: no news.
    await moved(waiting, null);
    await moved(working, 'status-changed');
    await moved(desk.statuses.received, 'status-changed');
    await moved(solved, 'finished');
    const last = (await arrived(lucia.email, 4)).at(-1);
    expect(last?.parsed.subject).toBe('News [#1042]');
    expect(last?.parsed.text?.trim()).toBe('Now: In progress');
    await handled(item);
    expect(await mailsOf(desk)).toHaveLength(4);
  });

  it('given notifications, when they are read, then they leave the count; and those of an item that was taken away are gone', async () => {
    const desk = await aDesk(world);
    const [anna, kari] = [await aColleague(world, desk, unique()), await aColleague(world, desk, unique())];
    const item = await new ToldItem(world, desk, { assignedUserIds: [anna.id] }).created(asUser(anna));
    for (let count = 0; count < 3; count += 1) await item.message({ author: asUser(kari), thread: 'internal' });
    await handled(item);
    const page = await world.as(anna).call(listNotifications, { limit: 2 });
    expect([page.data.length, page.unread]).toEqual([2, 3]);
    const rest = await world.as(anna).call(listNotifications, { limit: 2, cursor: page.nextCursor as string });
    expect([rest.data.length, rest.nextCursor]).toEqual([1, null]);
    await world.as(anna).call(markNotificationsRead, { ids: [page.data[0]?.id as string], read: true });
    expect(await world.as(anna).call(listNotifications, { unreadOnly: true })).toMatchObject({ unread: 2 });
    expect((await world.as(kari).call(listNotifications, {})).data).toEqual([]);
    await item.tell(itemChanged, item.facts, { changed: ['project'], access: { projectId: newId() } });
    await handled(item);
    expect(await world.as(anna).call(listNotifications, {})).toMatchObject({ data: [], unread: 0 });
  });

  it('given an invitation, when it is due, then the mail carries the link of that moment, and no event held it', async () => {
    const desk = await aDesk(world);
    const [invitation, withdrawn] = [newId(), newId()];
    const to = `${unique()}@rossi.test`.toLowerCase();
    const link = {
      to,
      toName: '',
      language: 'nb' as const,
      workspaceName: 'Officina Rossi',
      workspaceSlug: desk.identity.slug,
    };
    told.links.set(invitation, { ...link, invitedByName: 'Anna', path: '/invitation?token=secret' });
    for (const id of [invitation, withdrawn])
      await tell(world, invitationSent, { workspace: desk.id, subject: id, seq: 1, after: { id } });
    const [mail] = await arrived(to);
    expect(mail?.parsed.subject).toBe('Bli med i Officina Rossi på Sportello');
    expect(mail?.parsed.text).toContain('http://127.0.0.1:8080/invitation?token=secret');
    await eventually(async () => {
      const rows = await world.sql('select state from notifications.outbound_mail where subject_id = $1', [withdrawn]);
      expect(rows).toEqual([{ state: 'dropped' }]);
    });
  });

  it('given two workspaces, when one asks for its mails and notifications, then it learns nothing of the other', async () => {
    const [desk, other] = [await aDesk(world), await aDesk(world)];
    const anna = await aColleague(world, desk, unique());
    const item = await new ToldItem(world, desk, { assignedUserIds: [anna.id] }).created();
    await handled(item);
    expect(await inboxOf(anna)).toHaveLength(1);
    expect(await inboxOf({ ...anna, workspace: other.id })).toEqual([]);
  });
});
