import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aUser, Explainer, newId, startWorld, type World } from '@sportello/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { AppModule } from '../app.module.js';
import { readInbox, readPreferences } from './inbox.queries.js';

describe('the notifications of one of 100 users, beside another workspace', () => {
  const [workspace, other] = [newId(), newId()];
  let world: World;
  let mailbox: string;
  let explainer: Explainer;
  const anna = aUser(workspace);
  beforeAll(async () => {
    mailbox = await mkdtemp(join(tmpdir(), 'sportello-mailbox-'));
    world = await startWorld([AppModule], { DEV_MAILBOX_DIR: mailbox });
    await world.sql(
      `insert into notifications.item (workspace_id, id, number, title, status_id, facts, seq)
       select w, gen_random_uuid(), n, 'x', gen_random_uuid(), '{}', 1 from unnest($1::uuid[]) w, generate_series(1, 5000) n`,
      [[workspace, other]],
    );
    await world.sql(
      `insert into notifications.notification (workspace_id, id, user_id, reason, occasion, item_id, excerpt, at, read, seq)
       select i.workspace_id, gen_random_uuid(), case n when 1 then case i.number % 25 when 0 then $1::uuid else gen_random_uuid() end else gen_random_uuid() end,
              'assigned', gen_random_uuid(), i.id, 'x', now(), i.number % 2 = 0, 1
         from notifications.item i, generate_series(1, 4) n`,
      [anna.id],
    );
    explainer = await Explainer.open(world, 'notifications', workspace);
  });
  afterAll(async () => {
    await explainer.close();
    await world.stop();
    await rm(mailbox, { recursive: true });
  });

  it('are read in order from an index, all or unread, page by page', async () => {
    for (const unreadOnly of [false, true]) {
      const flaws = await explainer.flaws(anna, async (ctx) => {
        await readInbox(ctx, { limit: 20, unreadOnly });
        await readInbox(ctx, { limit: 20, unreadOnly, cursor: newId() });
        await readPreferences(ctx);
      });
      expect(flaws).toEqual([]);
    }
  });

  it('and this test would tell: one that asks for a reason reads them all', async () => {
    const flaws = await explainer.flaws(anna, (ctx) =>
      sql`select id from notification where workspace_id = ${workspace} and reason = 'bounced' order by at limit 5`.execute(
        ctx.db<never>(),
      ),
    );
    expect(flaws).toHaveLength(1);
  });
});
