import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { type NatsConnection } from '@nats-io/nats-core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inWorkspace, openDatabase, serviceUrl, type Database } from '@sportello/persistence';
import {
  createTestDatabase,
  eventually,
  newId,
  startNats,
  testSecret,
  type Nats,
  type TestDatabase,
} from '@sportello/testing';
import { sql } from 'kysely';
import { mkdtemp, rm } from 'node:fs/promises';
import {
  dropParked,
  EventConsumer,
  listParked,
  OutboxRelay,
  park,
  retryParked,
  streamName,
  writeOutbox,
  type EventBatch,
  type EventEnvelope,
} from './index.js';

const silent = { warn: () => undefined };
const workspace = newId();
const anEvent = (subject: string, seq: number, after: object = {}): EventEnvelope => ({
  specversion: '1.0',
  id: newId(),
  source: 'sportello/tickets',
  type: 'tickets.item.changed',
  subject,
  time: new Date().toISOString(),
  workspace,
  seq,
  actor: null,
  data: { after, changed: [], was: null, is: null, internal: false, customer: null },
});

/** The same as one message, as the chunk of a job tells it. */
function aBatch(...events: EventEnvelope[]): EventBatch {
  const { data: _own, ...shared } = anEvent(newId(), 1);
  const job = { id: shared.subject, ends: true, undoes: null };
  return { ...shared, job, many: events.map(({ id, subject, seq, data }) => ({ id, subject, seq, data })) };
}

/** tickets publishes; identity, in three replicas, notes in a table of its own what it was told. */
describe('events', () => {
  let folder: string;
  let database: TestDatabase;
  let nats: Nats;
  let connection: NatsConnection;
  let owner: Database;
  let reader: Database;
  let relay: OutboxRelay;
  const consumers: EventConsumer[] = [];
  let poison: (event: EventEnvelope) => boolean;

  const publish = (...events: (EventEnvelope | EventBatch)[]) =>
    inWorkspace(owner.orm, workspace, (em) =>
      writeOutbox(
        em,
        events.map((envelope) => ({ subject: `evt.tickets.item.changed.${workspace}`, envelope })),
      ),
    ).then(() => relay.wake());
  const key = (subject: string) => {
    return { workspace_id: workspace, consumer: 'identity--tickets', aggregate: 'item', aggregate_id: subject };
  };
  const parked = () => listParked(reader.systemPool, 'identity');
  const handled = async (subject: string) => {
    const { rows } = await reader.systemPool.query<{ seq: number }>(
      "select (event->>'seq')::int as seq from outbox where aggregate_id = $1 order by id",
      [subject],
    );
    return rows.map(({ seq }) => seq);
  };
  const startConsumer = (copies = false, pauseFactor = 1) => {
    const consumer = new EventConsumer({
      connection,
      orm: reader.orm,
      service: 'identity',
      owner: 'tickets',
      log: silent,
      pauseFactor,
      subscriptions: [
        {
          event: 'tickets.item.changed',
          copies,
          handle: async (event, em) => {
            if (poison(event)) throw new Error('poisoned');
            // What was handled is noted in an own outbox: the same transaction, a table with an order.
            await sql`insert into outbox (workspace_id, event_id, subject, aggregate_id, seq, event)
              values (${workspace}, ${event.id}, 'evt.identity.user.changed.x', ${event.subject}, ${event.seq}, ${JSON.stringify(event)})`.execute(
              em.getKysely(),
            );
          },
        },
      ],
    });
    consumers.push(consumer);
    consumer.start();
    return consumer;
  };

  beforeEach(async () => {
    folder = await mkdtemp('/tmp/messaging-');
    [database, nats] = await Promise.all([
      createTestDatabase(),
      startNats({ dir: `${folder}/nats`, persistent: false }),
    ]);
    connection = await connect({ servers: nats.url });
    const open = (service: string) =>
      openDatabase({ service, databaseUrl: database.serviceUrl, secretKey: testSecret, entities: [] });
    [owner, reader] = await Promise.all([open('tickets'), open('identity')]);
    relay = new OutboxRelay({
      connection,
      schema: 'tickets',
      systemUrl: serviceUrl(database.serviceUrl, testSecret, 'tickets', 'system'),
      systemPool: owner.systemPool,
      log: silent,
      sweepMilliseconds: 200,
    });
    await relay.start();
    poison = () => false;
  });
  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.stop()));
    await relay.stop();
    await connection.close();
    await Promise.all([owner.close(), reader.close()]);
    await nats.stop();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it('given three replicas, when many events of many aggregates come, then each is handled once and in order', async () => {
    [1, 2, 3].forEach(() => startConsumer());
    const subjects = Array.from({ length: 10 }, () => newId());
    for (let seq = 1; seq <= 20; seq += 1) await publish(...subjects.map((subject) => anEvent(subject, seq)));
    const expected = Array.from({ length: 20 }, (_, index) => index + 1);
    await eventually(async () => {
      for (const subject of subjects) expect(await handled(subject)).toEqual(expected);
    });
  });

  it('given an event that overtook its predecessor, then it waits for it', async () => {
    const subject = newId();
    startConsumer();
    await publish(anEvent(subject, 2));
    await publish(anEvent(subject, 1));
    await eventually(async () => expect(await handled(subject)).toEqual([1, 2]));
  });

  it('given an event that is delivered again, then nothing happens', async () => {
    const subject = newId();
    const consumer = startConsumer();
    const event = anEvent(subject, 1);
    await publish(event);
    await eventually(async () => expect(await handled(subject)).toEqual([1]));
    expect(await consumer.deliver(event)).toBe('seen');
    expect(await handled(subject)).toEqual([1]);
  });

  it('given an aggregate whose first events are no longer in the stream, then a new service begins where it can', async () => {
    const subject = newId();
    const consumer = startConsumer();
    const event = anEvent(subject, 7);
    expect(await consumer.deliver(event)).toBe('unheard');
    expect(await consumer.deliver(event, { beginHere: true })).toBe('handle');
    expect(await consumer.deliver(anEvent(subject, 8))).toBe('handle');
    expect(await consumer.deliver(anEvent(subject, 10))).toBe('gap');
    expect(await handled(subject)).toEqual([7, 8]);
  });

  it('given that nothing earlier is on its way, then an event of an aggregate never heard of does not wait for long', async () => {
    const subject = newId();
    startConsumer(false, 0.1);
    await publish(anEvent(subject, 7), anEvent(subject, 8));
    await eventually(async () => expect(await handled(subject)).toEqual([7, 8]));
  });

  it('given a first event that the relay publishes only at its next try, then the second, though long alone, waits for it', async () => {
    const subject = newId();
    startConsumer();
    await publish(anEvent(subject, 2));
    const manager = await jetstreamManager(connection);
    await eventually(async () => {
      const { delivered } = await manager.consumers.info(streamName, 'identity--tickets');
      expect(delivered.consumer_seq).toBeGreaterThan(25);
    });
    await publish(anEvent(subject, 1));
    await eventually(async () => expect(await handled(subject)).toEqual([1, 2]));
  });

  it('given a handler that only copies, then it takes the newest and skips what is missing', async () => {
    const subject = newId();
    const consumer = startConsumer(true);
    expect(await consumer.deliver(anEvent(subject, 5))).toBe('handle');
    expect(await consumer.deliver(anEvent(subject, 4))).toBe('seen');
    expect(await handled(subject)).toEqual([5]);
  });

  it('given a poisoned event, then it parks only its own aggregate, and goes on in order once it is retried', async () => {
    const [bad, good] = [newId(), newId()];
    poison = (event) => event.subject === bad && event.seq === 1;
    const consumer = startConsumer();
    const events = [anEvent(bad, 1), anEvent(bad, 2), anEvent(good, 1)];
    await publish(...events);
    await eventually(async () => expect(await handled(good)).toEqual([1]));
    // What the eighth try does, without waiting for it: the event is set aside.
    await inWorkspace(reader.orm, workspace, (em) =>
      park(em, 'identity--tickets', events[0] as EventEnvelope, 'poisoned'),
    );
    expect(await consumer.deliver(events[1] as EventEnvelope)).toBe('held');
    expect(await handled(bad)).toEqual([]);
    expect(await parked()).toMatchObject([{ seq: 1, reason: 'poisoned' }, { seq: 2 }]);
    expect(await consumer.release(key(bad))).toBe(false);
    expect(await parked()).toHaveLength(2);
    poison = () => false;
    expect(await consumer.release(key(bad))).toBe(true);
    expect(await parked()).toEqual([]);
    await eventually(async () => expect(await handled(bad)).toEqual([1, 2]));
  });

  it('given a batch, when it comes before one of its aggregates’ predecessors, then the others are handled and that one waits', async () => {
    const [early, ready, twice] = [newId(), newId(), newId()];
    [1, 2, 3].forEach(() => startConsumer());
    await publish(anEvent(ready, 1));
    await publish(aBatch(anEvent(ready, 2), anEvent(early, 2), anEvent(twice, 1), anEvent(twice, 2)));
    await eventually(async () => expect(await handled(twice)).toEqual([1, 2]));
    expect(await handled(early)).toEqual([]);
    await publish(anEvent(early, 1), anEvent(ready, 3));
    await eventually(async () => expect(await handled(early)).toEqual([1, 2]));
    await eventually(async () => expect(await handled(ready)).toEqual([1, 2, 3]));
  });

  it('given a batch with a poisoned event, then only its aggregate waits', async () => {
    const [bad, good] = [newId(), newId()];
    poison = (event) => event.subject === bad;
    startConsumer();
    await publish(aBatch(anEvent(bad, 1), anEvent(good, 1)), anEvent(good, 2));
    await eventually(async () => expect(await handled(good)).toEqual([1, 2]));
    poison = () => false;
    await eventually(async () => expect(await handled(bad)).toEqual([1]));
    expect(await handled(good)).toEqual([1, 2]);
  });

  it('given many events at once, when one is poisoned, then the others of its batch are handled all the same', async () => {
    const subjects = Array.from({ length: 30 }, () => newId());
    const bad = subjects[11] as string;
    poison = ({ subject }) => subject === bad;
    await publish(...subjects.flatMap((subject) => [anEvent(subject, 1), anEvent(subject, 2)]));
    startConsumer();
    await eventually(async () => {
      for (const subject of subjects) expect(await handled(subject)).toEqual(subject === bad ? [] : [1, 2]);
    });
  });

  it('given many events at once, then they share transactions; one alone does not wait', async () => {
    const subjects = Array.from({ length: 40 }, () => newId());
    await publish(...subjects.map((subject) => anEvent(subject, 1)));
    startConsumer();
    await eventually(async () => expect(await handled(subjects[39] as string)).toEqual([1]));
    await publish(anEvent(subjects[0] as string, 2));
    await eventually(async () => expect(await handled(subjects[0] as string)).toEqual([1, 2]));
    const { rows } = await reader.systemPool.query<{ transactions: number }>(
      'select count(distinct xmin::text)::int as transactions from outbox where aggregate_id = any($1) and seq = 1',
      [subjects],
    );
    expect(rows[0]?.transactions).toBeLessThan(20);
  });

  it('given two workspaces in one batch, then each is handled as itself', async () => {
    const other = newId();
    const [mine, theirs] = [newId(), newId()];
    const consumer = new EventConsumer({
      connection,
      orm: reader.orm,
      service: 'identity',
      owner: 'tickets',
      log: silent,
      subscriptions: [
        {
          event: 'tickets.item.changed',
          copies: false,
          handle: async (event, em) => {
            // Row-level security takes the row only if the transaction stands in its workspace.
            await sql`insert into outbox (workspace_id, event_id, subject, aggregate_id, seq, event)
              values (current_setting('app.workspace')::uuid, ${event.id}, 'x', ${event.subject}, ${event.seq}, '{}')`.execute(
              em.getKysely(),
            );
          },
        },
      ],
    });
    consumers.push(consumer);
    const events = [anEvent(mine, 1), { ...anEvent(theirs, 1), workspace: other }, anEvent(mine, 2)];
    for (const envelope of events)
      await inWorkspace(owner.orm, envelope.workspace, (em) =>
        writeOutbox(em, [{ subject: `evt.tickets.item.changed.${envelope.workspace}`, envelope }]),
      );
    relay.wake();
    await eventually(async () => {
      const { rows } = await owner.systemPool.query('select from outbox where published_sequence is null');
      expect(rows).toEqual([]);
    });
    consumer.start();
    await eventually(async () => expect(await handled(mine)).toHaveLength(2));
    const { rows } = await reader.systemPool.query(
      'select workspace_id, aggregate_id from outbox order by workspace_id = $1, seq',
      [other],
    );
    expect(rows).toEqual([
      { workspace_id: workspace, aggregate_id: mine },
      { workspace_id: workspace, aggregate_id: mine },
      { workspace_id: other, aggregate_id: theirs },
    ]);
  });

  describe('a copy that is filled from a snapshot', () => {
    const states = (subject: string, seq: number) => {
      const copied: number[] = [];
      return { copied, all: [{ id: subject, seq, copy: async () => void copied.push(seq) }] };
    };

    it('goes on with the event after it, and does not wait for those before', async () => {
      const subject = newId();
      const { copied, all } = states(subject, 7);
      const consumer = startConsumer();
      await consumer.fill(workspace, 'item', all);
      expect(copied).toEqual([7]);
      await publish(anEvent(subject, 8));
      await eventually(async () => expect(await handled(subject)).toEqual([8]));
    });

    it('does not overwrite what a newer event brought', async () => {
      const subject = newId();
      const consumer = startConsumer(true);
      await consumer.deliver(anEvent(subject, 8));
      const { copied, all } = states(subject, 7);
      await consumer.fill(workspace, 'item', all);
      expect(copied).toEqual([]);
    });

    it('leaves events that were on their way their effects', async () => {
      const subject = newId();
      const consumer = startConsumer();
      await consumer.fill(workspace, 'item', states(subject, 2).all);
      await publish(anEvent(subject, 1), anEvent(subject, 2), anEvent(subject, 3));
      await eventually(async () => expect(await handled(subject)).toEqual([1, 2, 3]));
    });

    it('mends an aggregate whose events are parked because one never came', async () => {
      const subject = newId();
      const consumer = startConsumer();
      await consumer.deliver(anEvent(subject, 1));
      for (const seq of [3, 4])
        await inWorkspace(reader.orm, workspace, (em) =>
          park(em, 'identity--tickets', anEvent(subject, seq), 'an earlier event of the same aggregate never came'),
        );
      const { copied, all } = states(subject, 4);
      await consumer.fill(workspace, 'item', all);
      expect(copied).toEqual([4]);
      expect(await handled(subject)).toEqual([1, 3, 4]);
      expect(await parked()).toEqual([]);
      expect(await consumer.deliver(anEvent(subject, 5))).toBe('handle');
    });
  });

  it('given a parked event that an operator drops, then what waited behind it is asked for, and an earlier one goes first', async () => {
    const subject = newId();
    const consumer = startConsumer();
    for (const seq of [1, 2, 3])
      await inWorkspace(reader.orm, workspace, (em) =>
        park(em, 'identity--tickets', anEvent(subject, seq), 'poisoned'),
      );
    const [first, second] = await parked();
    expect(await dropParked(reader.systemPool, 'identity', second?.id as string)).toBe(false);
    expect(await dropParked(reader.systemPool, 'identity', first?.id as string)).toBe(true);
    expect(await parked()).toMatchObject([
      { seq: 2, retrying: true },
      { seq: 3, retrying: true },
    ]);
    await consumer.release(key(subject));
    expect(await handled(subject)).toEqual([2, 3]);
  });

  it('given an event that the broker refuses, then it is set aside, the others go on, and it can be tried again or dropped', async () => {
    const [refused, other] = [newId(), newId()];
    await inWorkspace(owner.orm, workspace, (em) =>
      writeOutbox(em, [{ subject: 'evt.no such subject', envelope: anEvent(refused, 1) }]),
    );
    startConsumer();
    await publish(anEvent(other, 1));
    await eventually(async () => expect(await handled(other)).toEqual([1]));
    const list = () => listParked(owner.systemPool, 'tickets');
    const row = await eventually(async () => {
      const [only] = await list();
      expect(only).toMatchObject({ aggregate: refused, consumer: null, seq: 1 });
      return only;
    });
    await owner.systemPool.query('update outbox set subject = $1 where aggregate_id = $2', [
      `evt.tickets.item.changed.${workspace}`,
      refused,
    ]);
    expect(await retryParked(owner.systemPool, 'tickets', row?.id as string)).toBe(true);
    relay.wake();
    await eventually(async () => expect(await handled(refused)).toEqual([1]));
    expect(await list()).toEqual([]);
  });

  it('given a handler that fails at every try, then its event is parked after the eighth and later ones wait behind it', async () => {
    const subject = newId();
    let tries = 0;
    poison = ({ seq }) => seq === 2 && Boolean((tries += 1));
    startConsumer(false, 0.001);
    await publish(anEvent(subject, 1), anEvent(subject, 2), anEvent(subject, 3));
    await eventually(async () => expect((await parked()).map(({ seq }) => seq)).toEqual([2, 3]));
    expect(await handled(subject)).toEqual([1]);
    // Once in a batch and once alone at the first try, then alone.
    expect(tries).toBeGreaterThanOrEqual(8);
  });

  it('given an event whose predecessor never comes, then it is parked and says why', async () => {
    const subject = newId();
    startConsumer(false, 0.001);
    await publish(anEvent(subject, 1), anEvent(subject, 3));
    await eventually(async () =>
      expect(await parked()).toMatchObject([{ seq: 3, reason: expect.stringContaining('never came') as unknown }]),
    );
    expect(await handled(subject)).toEqual([1]);
  });

  it('given two replicas, when the one that does not publish writes, then the other publishes at once, without waiting for its sweep', async () => {
    const options = {
      ...{ connection, schema: 'tickets', systemPool: owner.systemPool, log: silent, sweepMilliseconds: 3_600_000 },
      systemUrl: serviceUrl(database.serviceUrl, testSecret, 'tickets', 'system'),
    };
    await relay.stop();
    const [leader, other] = [new OutboxRelay(options), new OutboxRelay(options)];
    await leader.start();
    await other.start();
    const subject = newId();
    startConsumer();
    relay = other;
    await publish(anEvent(subject, 1));
    await eventually(async () => expect(await handled(subject)).toEqual([1]));
    await leader.stop();
  });

  it('given old rows, then published events are kept for 14 days, inbox marks for 30, and a new stream gets those of 7 days', async () => {
    await relay.stop();
    const pool = owner.systemPool;
    const aged = (name: string, days: number, published: boolean) =>
      pool.query(
        `insert into outbox (workspace_id, event_id, subject, aggregate_id, seq, event, created_at, published_epoch, published_sequence)
         values ($1, gen_random_uuid(), $2, gen_random_uuid(), 1, $3, now() - make_interval(days => $4), $5, $5)`,
        [workspace, `evt.tickets.item.changed.${name}`, anEvent(newId(), 1), days, published ? 1 : null],
      );
    await aged('six', 6, true);
    await aged('eight', 8, true);
    await aged('thirteen', 13, true);
    await aged('fifteen', 15, true);
    const mark = `insert into inbox (workspace_id, consumer, aggregate, aggregate_id, last_seq, updated_at)
      values ($1, 'x', 'item', gen_random_uuid(), 1, now() - make_interval(days => $2))`;
    await pool.query(mark, [workspace, 29]);
    await pool.query(mark, [workspace, 31]);
    relay = new OutboxRelay({
      ...{ connection, schema: 'tickets', systemPool: pool, log: silent, sweepMilliseconds: 200 },
      systemUrl: serviceUrl(database.serviceUrl, testSecret, 'tickets', 'system'),
    });
    await relay.start();
    await eventually(async () => {
      const { rows } = await pool.query<{ subject: string; again: boolean }>(
        'select subject, published_epoch <> 1 as again from outbox order by id',
      );
      expect(rows.map(({ subject, again }) => [subject.split('.').at(-1), again])).toEqual([
        ['six', true],
        ['eight', false],
        ['thirteen', false],
      ]);
      expect((await pool.query('select from inbox')).rowCount).toBe(1);
    });
  });

  it('given a wiped JetStream, then what it lost is published again and nothing happens twice', async () => {
    const subject = newId();
    startConsumer();
    await publish(anEvent(subject, 1), anEvent(subject, 2));
    await eventually(async () => expect(await handled(subject)).toEqual([1, 2]));
    const manager = await jetstreamManager(connection);
    await manager.streams.delete(streamName);
    await publish(anEvent(subject, 3));
    await eventually(async () => {
      expect(await handled(subject)).toEqual([1, 2, 3]);
      expect((await manager.streams.info(streamName)).state.messages).toBe(3);
    });
  });

  it('given an event larger than may cross the bus, then its command fails as a whole', async () => {
    const subject = newId();
    await expect(publish(anEvent(subject, 1, { text: 'x'.repeat(300_000) }))).rejects.toThrow('bytes');
    const { rows } = await owner.systemPool.query('select * from outbox where aggregate_id = $1', [subject]);
    expect(rows).toEqual([]);
  });

  it('given two relays, then one publishes, and the other takes over when it stops', async () => {
    const second = new OutboxRelay({
      connection,
      schema: 'tickets',
      systemUrl: serviceUrl(database.serviceUrl, testSecret, 'tickets', 'system'),
      systemPool: owner.systemPool,
      log: silent,
      sweepMilliseconds: 100,
    });
    await second.start();
    startConsumer();
    const subject = newId();
    await publish(anEvent(subject, 1));
    await eventually(async () => expect(await handled(subject)).toEqual([1]));
    await relay.stop();
    await publish(anEvent(subject, 2));
    await eventually(async () => expect(await handled(subject)).toEqual([1, 2]));
    await second.stop();
  });
});
