import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
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
  listMessages,
  listTags,
  listViews,
  restoreItem,
  type ItemDetails,
} from '@sportello/contracts';
import { type UserActor } from '@sportello/permissions';
import { startWorld, type World } from '@sportello/testing';
import { AppModule } from '../app.module.js';
import { aRawMail, MailDesk } from '../mail/mail.builders.js';
import { aKnownCustomer, anItem, aWorkspace, refusal } from './item.builders.js';

/** As identity's tokens say it once the app is switched off in the workspace, or was never this user's. */
const without = (user: UserActor): UserActor => ({ ...user, apps: [] });

describe('tickets, switched off', () => {
  let world: World;
  let anna: UserActor;
  let workspace: string;
  let item: ItemDetails;
  beforeAll(async () => {
    world = await startWorld([AppModule]);
  });
  beforeEach(async () => {
    ({ anna, id: workspace } = await aWorkspace(world));
    item = await anItem(world, anna, { tags: ['paper'], html: '<p>It smokes.</p>' });
  });
  afterAll(() => world.stop());

  it('leave every list, view, count and search', async () => {
    const asAnna = world.as(without(anna));
    expect(await asAnna.call(listItems, {})).toMatchObject({ data: [], count: 0 });
    expect(await asAnna.call(listItems, { text: 'smokes' })).toMatchObject({ data: [] });
    const views = (await asAnna.call(listViews, {})).data;
    expect(views.filter(({ count, unread }) => count > 0 || unread)).toEqual([]);
    expect(await asAnna.call(listTags, {})).toEqual({ data: [] });
    expect(await world.as(anna).call(listItems, {})).toMatchObject({ count: 1 });
  });

  it('are still read by who has the link, who then can do nothing with them', async () => {
    const asAnna = world.as(without(anna));
    expect(await asAnna.call(getItem, { id: String(item.number) })).toMatchObject({ id: item.id, can: [] });
    expect((await asAnna.call(listMessages, { id: item.id })).data).toHaveLength(1);
    expect((await asAnna.call(listActivity, { id: item.id })).data).not.toEqual([]);
    const emma = await aKnownCustomer(world, workspace);
    const stranger = world.as({ ...emma, apps: [] }).call(getItem, { id: item.id });
    await expect(stranger).rejects.toMatchObject(refusal('not_found'));
  });

  it('refuse to be changed, whichever way, and say why', async () => {
    const asAnna = world.as(without(anna));
    const { id } = item;
    for (const attempt of [
      () => asAnna.call(createItem, { title: 'x' }),
      () => asAnna.call(changeItem, { id, title: 'x' }),
      () => asAnna.call(deleteItem, { id }),
      () => asAnna.call(restoreItem, { id }),
      () => asAnna.call(followItem, { id, following: true }),
      () => asAnna.call(addMessage, { id, thread: 'internal', html: '<p>x</p>' }),
    ])
      await expect(attempt()).rejects.toMatchObject(refusal('app_disabled'));
    const { job } = await asAnna.call(changeItems, { ids: [id], priority: 5 });
    expect(job.rows).toEqual([{ id, outcome: 'refused', code: 'app_disabled' }]);
    expect(await world.as(anna).call(getItem, { id })).toMatchObject({ title: item.title, version: item.version });
  });

  it('go on being recorded: mail comes in, and is there with everything else once they are switched on', async () => {
    const { itemId } = await new MailDesk(world, workspace).receives(aRawMail());
    expect(await world.as(without(anna)).call(listItems, {})).toMatchObject({ count: 0 });
    expect((await world.as(anna).call(listItems, {})).data.map(({ id }) => id).sort()).toEqual(
      [item.id, itemId].sort(),
    );
  });
});
