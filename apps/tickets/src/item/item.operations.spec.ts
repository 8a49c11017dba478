import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createItem, getItem, listItems } from '@sportello/contracts';
import { startWorld, type World } from '@sportello/testing';
import { AppModule } from '../app.module.js';
import { aWorkspace } from './item.builders.js';

describe('items', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld([AppModule]);
  });
  afterAll(() => world.stop());

  it('given a workspace, when a user creates a ticket, then it stands in the open list with its first number', async () => {
    const { anna } = await aWorkspace(world);
    const created = await world.as(anna).call(createItem, { title: 'Printer is on fire', html: '<p>Help!</p>' });
    expect(created).toMatchObject({ title: 'Printer is on fire', status: { state: 'not-started' }, number: 1001 });
    const { data, count } = await world.as(anna).call(listItems, { view: 'all-open' });
    expect(count).toBe(1);
    expect(data.map(({ number }) => number)).toEqual([1001]);
    expect(await world.as(anna).call(getItem, { id: '1001' })).toMatchObject({ id: created.id });
  });
});
