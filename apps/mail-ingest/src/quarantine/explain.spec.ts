import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aUser, Explainer, newId, startWorld, type World } from '@sportello/testing';
import { sql } from 'kysely';
import { AppModule } from '../app.module.js';
import { readQuarantine } from './quarantine.queries.js';

describe('the quarantine of a workspace with 20,000 mails, beside another one', () => {
  const [workspace, other] = [newId(), newId()];
  let world: World;
  let explainer: Explainer;
  beforeAll(async () => {
    world = await startWorld([AppModule], { SMTP_PORT: '0', LMTP_PORT: '0' });
    await world.sql(
      `insert into mail_ingest.spool (workspace_id, id, raw_hash, size, source, envelope_to, received_at, state, due_at)
       select w, gen_random_uuid(), md5(n::text), 1, 'smtp', '{}', now(), case n % 100 when 0 then 'quarantined' else 'done' end, now()
         from unnest($1::uuid[]) w, generate_series(1, 20000) n`,
      [[workspace, other]],
    );
    explainer = await Explainer.open(world, 'mail-ingest', workspace);
  });
  afterAll(async () => {
    await explainer.close();
    await world.stop();
  });

  it('is read in order from an index, page by page', async () => {
    const flaws = await explainer.flaws(aUser(workspace), async (ctx) => {
      const { nextCursor } = await readQuarantine(ctx, { limit: 50 });
      await readQuarantine(ctx, { limit: 50, cursor: nextCursor as string });
    });
    expect(flaws).toEqual([]);
  });

  it('and this test would tell: a list of what is done has no index', async () => {
    const flaws = await explainer.flaws(aUser(workspace), (ctx) =>
      sql`select id from spool where workspace_id = ${workspace} and state = 'done' order by subject limit 50`.execute(
        ctx.db<never>(),
      ),
    );
    expect(flaws).toHaveLength(1);
  });
});
