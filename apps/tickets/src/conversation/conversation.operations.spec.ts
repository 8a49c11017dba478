import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  addMessage,
  changeItem,
  changeItemType,
  confirmSender,
  deleteItem,
  deleteMessage,
  editMessage,
  findFile,
  getItem,
  listActivity,
  listItemTypes,
  listMessages,
  listRevisions,
  registerFile,
  splitOff,
  type AddMessage,
} from '@sportello/contracts';
import { type Actor, type CustomerActor, type UserActor } from '@sportello/permissions';
import { newId, startWorld, type World } from '@sportello/testing';
import { AppModule } from '../app.module.js';
import {
  aKnownCustomer,
  aKnownOrganization,
  aKnownUser,
  anItem,
  aProject,
  aWorkspace,
  refusal,
} from '../item/item.builders.js';

let world: World;
let desk: Awaited<ReturnType<typeof aWorkspace>>;
let anna: UserActor;
let emma: CustomerActor & { name: string; email: string };
beforeAll(async () => {
  world = await startWorld([AppModule]);
  desk = await aWorkspace(world);
  anna = desk.anna;
  emma = await aKnownCustomer(world, desk.id);
});
afterAll(() => world.stop());

const write = (by: Actor, id: string, given: Partial<AddMessage> = {}) =>
  world.as(by).call(addMessage, { id, thread: 'customer', html: '<p>Hello</p>', ...given });
const note = (by: Actor, id: string, given: Partial<AddMessage> = {}) =>
  write(by, id, { thread: 'internal', ...given });
const read = async (by: Actor, id: string) => (await world.as(by).call(listMessages, { id })).data;
const upload = (by: Actor, name = 'a.png') =>
  world.as(by).call(registerFile, { hash: 'a'.repeat(64), name, contentType: 'image/png', size: 9 });
/** A ticket of Emma's with her words in it. */
const aRequest = (given: object = {}) => anItem(world, emma, { html: '<p>It smokes</p>', ...given });

describe('a reply', () => {
  it('goes to the requester, and in copy to followers of the same organization only', async () => {
    const organization = await aKnownOrganization(world, desk.id);
    const [asker, colleague] = [
      await aKnownCustomer(world, desk.id, { organization, name: 'Ole' }),
      await aKnownCustomer(world, desk.id, { organization, name: 'Kari' }),
    ];
    const { id } = await anItem(world, asker);
    const followers = [colleague, asker, emma].map((customer) => ({ kind: 'customer' as const, id: customer.id }));
    await world.as(anna).call(changeItem, { id, followers });
    expect(await write(anna, id)).toMatchObject({
      thread: 'customer',
      via: 'web',
      to: [{ name: 'Ole', address: asker.email }],
      cc: [{ name: 'Kari', address: colleague.email }],
    });
  });

  it('goes to whom the composer names, with names where they are known', async () => {
    const { id } = await aRequest();
    const reply = await write(anna, id, { to: ['new@else.test', emma.email], cc: ['boss@else.test'] });
    expect(reply.to).toEqual([{ name: '', address: 'new@else.test' }, { name: 'Emma', address: emma.email }]); // prettier-ignore
    expect(reply.cc).toEqual([{ name: '', address: 'boss@else.test' }]);
  });

  it('is refused when it has nobody to go to, but not on a colleague’s ticket, where it is read in the app', async () => {
    const { id } = await aRequest();
    await expect(write(anna, id, { to: [] })).rejects.toMatchObject(refusal('no_recipient'));
    const own = await anItem(world, anna);
    expect(await write(anna, own.id)).toMatchObject({ to: [], cc: [] });
  });

  it('is for who has the flag; a note is for everybody on the project', async () => {
    const per = await aKnownUser(world, desk.id, { role: 'member', flags: [], teams: [desk.everyone] });
    const { id } = await aRequest();
    await expect(write(per, id)).rejects.toMatchObject(refusal('reply_not_allowed'));
    expect(await note(per, id)).toMatchObject({ thread: 'internal', to: [], cc: [] });
    await expect(note(emma, id)).rejects.toMatchObject(refusal('forbidden'));
  });

  it('says when an API token wrote it', async () => {
    const token = { ...anna, scopes: ['item.view', 'message.note'] };
    const { id } = await aRequest();
    expect(await note(token, id)).toMatchObject({ via: 'api' });
    await expect(write(token, id)).rejects.toMatchObject(refusal('reply_not_allowed'));
  });

  it('moves the item by the type’s rows: agent, customer, customer after finish, and nowhere once the row is empty', async () => {
    const { id } = await aRequest();
    const [type] = (await world.as(anna).call(listItemTypes, {})).data;
    const name = async () => (await world.as(anna).call(getItem, { id })).status.name;
    const walk: string[] = [];
    for (const by of [anna, emma, anna]) {
      await write(by, id);
      walk.push(await name());
    }
    expect(walk).toEqual(['Waiting for customer', 'Open', 'Waiting for customer']);
    const solved = type?.statuses.find(({ state }) => state === 'finished')?.id as string;
    await write(anna, id, { statusId: solved });
    expect(await name()).toBe('Solved');
    await write(anna, id);
    await note(anna, id);
    expect(await name()).toBe('Solved');
    await write(emma, id);
    expect(await name()).toBe('Open');
    const waiting = type?.moves.find(({ on }) => on === 'agent-reply')?.statusId as string;
    const setMove = (statusId: string | null) =>
      world.as(anna).call(changeItemType, { id: type?.id as string, moves: [{ on: 'agent-reply', statusId }] });
    await setMove(null);
    await write(anna, id);
    expect(await name()).toBe('Open');
    await setMove(waiting);
  });

  it('with "send and set to" sets the status, or is refused as a whole', async () => {
    const { id } = await aRequest();
    const before = await read(anna, id);
    await expect(write(anna, id, { statusId: newId() })).rejects.toMatchObject(refusal('status_not_found'));
    const [type] = (await world.as(anna).call(listItemTypes, {})).data;
    const statusId = type?.statuses[0]?.id as string;
    await expect(write(emma, id, { statusId })).rejects.toMatchObject(refusal('forbidden'));
    expect(await read(anna, id)).toHaveLength(before.length);
  });
});

describe('threads', () => {
  it('there is one for the customer and any number of internal ones', async () => {
    const { id } = await aRequest();
    const first = await note(anna, id);
    const second = await note(anna, id, { newThread: true, html: '<p>About the price</p>' });
    expect(second.threadId).not.toBe(first.threadId);
    expect((await note(anna, id, { threadId: second.threadId })).threadId).toBe(second.threadId);
    expect((await note(anna, id)).threadId).toBe(first.threadId);
    const kinds = (await read(anna, id)).map(({ thread }) => thread);
    expect(kinds).toEqual(['customer', 'internal', 'internal', 'internal', 'internal']);
    expect((await read(emma, id)).map(({ thread }) => thread)).toEqual(['customer']);
  });

  it('of another item or kind are refused, and so is a second customer thread', async () => {
    const [one, other] = [await aRequest(), await aRequest()];
    const { threadId } = await note(anna, other.id);
    for (const given of [{ threadId }, { newThread: true, threadId }])
      await expect(note(anna, one.id, given)).rejects.toMatchObject(refusal('message_not_found'));
    for (const given of [{ threadId }, { newThread: true }])
      await expect(write(anna, other.id, given)).rejects.toMatchObject(refusal('message_not_found'));
  });
});

describe('what is written', () => {
  it.each([
    ['<p> &nbsp; </p>', 'blank'],
    ['<script>alert(1)</script>', 'a script'],
    ['<img src="https://tracker.test/x.gif">', 'a remote image alone'],
  ])('%s is refused: %s says nothing', async (html) => {
    const { id } = await aRequest();
    await expect(note(anna, id, { html })).rejects.toMatchObject(refusal('empty_message'));
  });

  it.each([
    '<p onclick="alert(1)">text</p>',
    '<a href="javascript:alert(1)">text</a>',
    '<a href="&#106;avascript:alert(1)">text</a>',
    'text<svg onload=alert(1)>',
    'text<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    'text<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
    '<p style="background:url(javascript:alert(1))">text</p>',
    'text<form action="https://evil.test"><input name=password></form>',
    'text<img src=x onerror=alert(1)>',
    'text<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<base href="https://evil.test">text<meta http-equiv=refresh content="0;url=https://evil.test">',
  ])('is cleaned: %s', async (html) => {
    const { id } = await aRequest();
    const stored = (await note(anna, id, { html })).html;
    expect(stored).toContain('text');
    // Inside a quoted title it is text.
    expect(stored.replace(/title="[^"]*"/g, '')).not.toMatch(
      /alert|javascript|<(script|svg|iframe|form|input|base|meta|math|style)|\son\w+=/i,
    );
  });

  it('is read in pages of so many bytes, however many messages they are', async () => {
    const { id } = await aRequest();
    for (const letter of 'ab') await note(anna, id, { html: `<p>${letter}${'å'.repeat(150_000)}</p>` });
    const first = await world.as(anna).call(listMessages, { id, thread: 'internal' });
    expect(first.data.map(({ html }) => html[3])).toEqual(['a']);
    const cursor = first.nextCursor as string;
    const second = await world.as(anna).call(listMessages, { id, thread: 'internal', cursor });
    expect([second.data.map(({ html }) => html[3]), second.nextCursor]).toEqual([['b'], null]);
  });

  it('keeps a message of 1,000,000 characters, and refuses one more and NUL', async () => {
    const { id } = await aRequest();
    const html = `<p>${'Lorem ipsum '.repeat(83_332)}`.padEnd(1_000_000, 'x');
    const { id: messageId } = await note(anna, id, { html });
    const { data } = await world.as(anna).call(listMessages, { id, thread: 'internal' });
    const stored = data.find((message) => message.id === messageId);
    expect(stored?.html.length).toBeGreaterThan(999_000);
    await expect(note(anna, id, { html: `${html}x` })).rejects.toMatchObject(refusal('invalid_input'));
    await expect(note(anna, id, { html: '<p>a\u0000b</p>' })).rejects.toMatchObject(refusal('invalid_input'));
  });

  it('mentions users of this workspace only', async () => {
    const { id } = await aRequest();
    const per = await aKnownUser(world, desk.id);
    await note(anna, id, { mentions: [per.id, per.id] });
    for (const stranger of [newId(), emma.id, (await aWorkspace(world)).anna.id])
      await expect(note(anna, id, { mentions: [stranger] })).rejects.toMatchObject(refusal('person_not_found'));
  });
});

describe('files', () => {
  const find = (by: Actor, id: string) => world.as(by).call(findFile, { id });

  it('are their uploader’s alone until they are attached, then of whoever reads the message', async () => {
    const per = await aKnownUser(world, desk.id, { teams: [desk.everyone] });
    const file = await upload(anna);
    const { id } = await aRequest();
    await expect(note(per, id, { attachments: [file.id] })).rejects.toMatchObject(refusal('file_not_found'));
    await expect(note(anna, id, { attachments: [newId()] })).rejects.toMatchObject(refusal('file_not_found'));
    const message = await note(anna, id, { attachments: [file.id], html: ' ' });
    expect(message.attachments).toMatchObject([{ id: file.id, name: 'a.png', inline: false }]);
    await expect(note(anna, id, { attachments: [file.id] })).rejects.toMatchObject(refusal('file_not_found'));
  });

  it('that the text shows are inline; an image of another message is not shown', async () => {
    const { id } = await aRequest();
    const [shown, below, foreign] = [await upload(anna), await upload(anna), await upload(anna)];
    const image = (file: { id: string }) => `<img src="/api/v1/files/${file.id}">`;
    const message = await note(anna, id, {
      attachments: [shown.id, below.id],
      html: `text${image(shown)}${image(foreign)}`,
    });
    expect(message.attachments.map(({ inline }) => inline)).toEqual([true, false]);
    expect(message.html).toContain(shown.id);
    expect(message.html).not.toContain(foreign.id);
  });

  it('are found for who may read the message, and by nobody once it or its item is gone', async () => {
    const file = await upload(anna);
    const { id } = await aRequest();
    await expect(find(emma, file.id)).rejects.toMatchObject(refusal('file_not_found'));
    expect(await find(anna, file.id)).toMatchObject({ name: 'a.png', disposition: 'attachment' });
    const reply = await write(anna, id, { attachments: [file.id] });
    expect(await find(emma, file.id)).toMatchObject({ id: file.id });
    const stranger = await aKnownCustomer(world, desk.id);
    const outsider = await aKnownUser(world, desk.id, { role: 'member' });
    const inside = await upload(anna);
    await note(anna, id, { attachments: [inside.id] });
    for (const [by, hidden] of [
      [stranger, file],
      [outsider, file],
      [emma, inside],
    ] as const)
      // prettier-ignore
      await expect(find(by, hidden.id)).rejects.toMatchObject(refusal('file_not_found'));
    await world.as(anna).call(deleteMessage, { id, messageId: reply.id });
    await expect(find(anna, file.id)).rejects.toMatchObject(refusal('file_not_found'));
    await world.as(anna).call(deleteItem, { id });
    await expect(find(anna, inside.id)).rejects.toMatchObject(refusal('file_not_found'));
  });
});

describe('changing a message', () => {
  it('keeps the wording before, who changed it and until when', async () => {
    const { id } = await aRequest();
    const { id: messageId } = await note(anna, id, { html: '<p>one</p>' });
    const edited = await world.as(anna).call(editMessage, { id, messageId, html: '<p>two<script>x</script></p>' });
    expect(edited).toMatchObject({ html: '<p>two</p>', editedAt: expect.anything() as unknown });
    const { data } = await world.as(anna).call(listRevisions, { id, messageId });
    expect(data).toMatchObject([{ html: '<p>one</p>', by: { name: 'Anna' } }]);
    await expect(world.as(anna).call(editMessage, { id, messageId, html: '<p> </p>' })).rejects.toMatchObject(refusal('empty_message')); // prettier-ignore
  });

  it('when it is deleted, then it stays as a place without words; its history keeps them', async () => {
    const { id } = await aRequest();
    const file = await upload(anna);
    const { id: messageId } = await note(anna, id, { html: '<p>secret</p>', attachments: [file.id] });
    await world.as(anna).call(deleteMessage, { id, messageId });
    const place = (await read(anna, id)).find((message) => message.id === messageId);
    expect(place).toMatchObject({ html: '', attachments: [], deletedAt: expect.anything() as unknown, can: [] });
    const { data } = await world.as(anna).call(listRevisions, { id, messageId });
    expect(data).toMatchObject([{ html: '<p>secret</p>' }]);
    await expect(world.as(anna).call(deleteMessage, { id, messageId })).rejects.toMatchObject(
      refusal('message_not_found'),
    );
    expect((await world.as(anna).call(getItem, { id })).lastMessage?.excerpt).toBe('It smokes');
  });

  it('is for its author and for who has the flag; nobody changes a customer’s words', async () => {
    const per = await aKnownUser(world, desk.id, { role: 'member', flags: ['reply'], teams: [desk.everyone] });
    const { id } = await aRequest();
    const [mine, his] = [await note(anna, id), await note(per, id)];
    const edit = (by: Actor, messageId: string) => world.as(by).call(editMessage, { id, messageId, html: 'x' });
    await expect(edit(per, mine.id)).rejects.toMatchObject(refusal('forbidden'));
    expect(his.can).toEqual(['message.edit']);
    await edit(per, his.id);
    await edit(anna, his.id);
    const [hers] = await read(anna, id);
    for (const by of [anna, emma])
      await expect(edit(by, hers?.id as string)).rejects.toMatchObject(refusal('message_not_found'));
    await expect(edit({ ...per, scopes: ['item.view'] }, his.id)).rejects.toMatchObject(refusal('forbidden'));
    await expect(world.as(per).call(listRevisions, { id, messageId: his.id })).rejects.toMatchObject(refusal('forbidden')); // prettier-ignore
  });
});

describe('splitting off', () => {
  it('makes an item of a message: its author asks, both are linked, what answers it finds it there', async () => {
    const { id } = await aRequest();
    const second = await write(emma, id, { html: '<p>And the scanner?</p>' });
    const own = await world.as(anna).call(splitOff, { id, messageId: second.id });
    expect(own).toMatchObject({
      requester: { id: emma.id },
      links: [{ id, relation: 'split-off' }],
      lastMessage: { excerpt: 'And the scanner?' },
    });
    expect((await read(anna, own.id)).map((message) => message.id)).toEqual([second.id]);
    expect((await read(anna, id)).map(({ html }) => html)).toEqual(['<p>It smokes</p>']);
    expect((await world.as(anna).call(getItem, { id })).links).toMatchObject([{ id: own.id }]);
    const [row] = await world.sql<{ last: string }>('select last_message_id as last from tickets.item where id = $1', [
      id,
    ]);
    expect(row?.last).not.toBe(second.id);
    const log = async (item: string) =>
      (await world.as(anna).call(listActivity, { id: item })).data.map(({ what }) => what);
    expect([(await log(id))[0], (await log(own.id))[0]]).toEqual(['message-split-off', 'split-off']);
  });

  it('takes the ids of what we sent of the message along, and leaves those of the others', async () => {
    const { id } = await aRequest();
    const reply = await write(anna, id);
    const [thread] = await world.sql<{ id: string }>('select id from tickets.thread where item_id = $1', [id]);
    const mail = async (messageId: string | null, key: string) => {
      const values = [desk.id, newId(), id, thread?.id, messageId, key];
      await world.sql(
        `insert into tickets.sent_mail (workspace_id, id, item_id, thread_id, message_id, purpose, recipient, mail_id, reply_token, bounce_token, created_at)
         values ($1, $2, $3, $4, $5, 'reply', 'emma@contoso.test', $6 || '@sportello.test', $6 || 'r', $6 || 'b', now())`,
        values,
      );
      await world.sql(
        `insert into tickets.mail_id (workspace_id, mail_id, item_id, thread_id, ours) values ($1, $2 || '@sportello.test', $3, $4, true)`,
        [desk.id, key, id, thread?.id],
      );
    };
    await mail(reply.id, `with-${id}`);
    await mail(null, `without-${id}`);
    const own = await world.as(anna).call(splitOff, { id, messageId: reply.id });
    for (const table of ['sent_mail', 'mail_id']) {
      const rows = await world.sql<{ mail_id: string; item_id: string }>(`select mail_id, item_id from tickets.${table} where mail_id like '%' || $1 || '%'`, [id]); // prettier-ignore
      expect(Object.fromEntries(rows.map((row) => [row.mail_id.split('-')[0], row.item_id]))).toEqual({ with: own.id, without: id }); // prettier-ignore
    }
  });

  it('is for who may edit the item, of a message of the customer thread', async () => {
    const per = await aKnownUser(world, desk.id, { role: 'member' });
    const project = await aProject(world, desk.id, { kind: 'user', id: per.id, role: 'restricted' });
    const { id } = await anItem(world, anna, { projectId: project, html: '<p>x</p>' });
    const [message] = await read(anna, id);
    const split = (by: Actor, messageId: string) => world.as(by).call(splitOff, { id, messageId });
    await expect(split(per, message?.id as string)).rejects.toMatchObject(refusal('forbidden'));
    await expect(split(anna, (await note(anna, id)).id)).rejects.toMatchObject(refusal('message_not_found'));
  });
});

describe('a new sender', () => {
  it('when a user confirms them, then they follow the item once and the mark goes', async () => {
    const { id } = await aRequest();
    const guest = await aKnownCustomer(world, desk.id, { name: 'Guest' });
    const [message] = await read(anna, id);
    await world.sql(`update tickets.message set new_here = true, author_id = $2 where id = $1`, [
      message?.id,
      guest.id,
    ]);
    const confirm = () => world.as(anna).call(confirmSender, { id, messageId: message?.id as string });
    expect(await confirm()).toMatchObject({ newHere: false });
    await confirm();
    const { followers } = await world.as(anna).call(getItem, { id });
    expect(followers.map(({ name }) => name)).toEqual(['Guest']);
  });
});
