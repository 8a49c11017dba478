import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, newId, type World } from '@sportello/testing';
import { aColleague, aDesk, aRequester, startMailWorld, ToldItem, type Postbox } from './outbound.builders.js';

describe('outbound mail', () => {
  let world: World;
  let postbox: Postbox;
  beforeAll(async () => {
    ({ world, postbox } = await startMailWorld());
  });
  afterAll(async () => {
    await world.stop();
    await postbox.stop();
  });

  it('given a ticket, when a user replies, then each recipient gets the mail with the same To and Cc and an answer address of their own', async () => {
    const desk = await aDesk(world);
    const [anna, lucia] = [await aColleague(world, desk, 'Anna'), await aRequester(world, desk)];
    const item = await new ToldItem(world, desk, { requester: lucia }).created();
    const bruno = `bruno-${newId()}@bianchi.test`;
    await item.message({
      author: anna,
      to: [{ name: 'Lucia', address: lucia.email }],
      cc: [{ name: '', address: bruno }],
    });
    const [toLucia, toBruno] = await eventually(() => {
      const found = [postbox.to(lucia.email)[0], postbox.to(bruno)[0]];
      if (!found[0] || !found[1]) throw new Error('not yet');
      return found as [NonNullable<(typeof found)[0]>, NonNullable<(typeof found)[0]>];
    });
    for (const { parsed } of [toLucia, toBruno]) {
      expect(parsed.from?.text).toBe(`"Anna Larsen via Officina Rossi" <${desk.identity.replyAddress}>`);
      expect(parsed.subject).toBe('Re: Broken printer [#1042]');
      expect([parsed.to, parsed.cc].flat().map((each) => each?.text)).toEqual([`"Lucia" <${lucia.email}>`, bruno]);
      expect(parsed.references).toBe('<first@bianchi.test>');
      expect(parsed.text).toContain('It works again.');
    }
    expect(toLucia.parsed.replyTo?.text).not.toBe(toBruno.parsed.replyTo?.text);
    expect(toLucia.from).toMatch(/^in-.+\+b\.[a-z2-7]{26}@sportello\.test$/);
    expect(toLucia.from).not.toBe(toBruno.from);
    await eventually(async () => {
      const rows = await world.sql('select state from notifications.outbound_mail where workspace_id = $1', [desk.id]);
      expect(rows).toEqual([{ state: 'sent' }, { state: 'sent' }]);
    });
  });
});
