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
  EventConsumer,
  isUnheard,
  OutboxRelay,
  parkedEvents,
  streamName,
  unpark,
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
  const handled = async (subject: string) => {
    const { rows } = await reader.systemPool.query<{ seq: number }>(
      "select (event->>'seq')::int as seq from outbox where aggregate_id = $1 order by id",
      [subject],
    );
    return rows.map(({ seq }) => seq);
  };
  const startConsumer = (copies = false) => {
    const consumer = new EventConsumer({
      connection,
      orm: reader.orm,
      service: 'identity',
      owner: 'tickets',
      log: silent,
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
    }, 20_000);
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
    expect(await consumer.deliver(event)).toBe('gap');
    expect(await inWorkspace(reader.orm, workspace, (em) => isUnheard(em, 'identity--tickets', event))).toBe(true);
    expect(await consumer.deliver(event, { beginHere: true })).toBe('handle');
    expect(await consumer.deliver(anEvent(subject, 8))).toBe('handle');
    expect(await handled(subject)).toEqual([7, 8]);
    expect(await inWorkspace(reader.orm, workspace, (em) => isUnheard(em, 'identity--tickets', event))).toBe(false);
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
    const { park } = await import('./inbox.js');
    await inWorkspace(reader.orm, workspace, (em) =>
      park(em, 'identity--tickets', events[0] as EventEnvelope, 'poisoned'),
    );
    expect(await consumer.deliver(events[1] as EventEnvelope)).toBe('held');
    expect(await handled(bad)).toEqual([]);
    const parked = await inWorkspace(reader.orm, workspace, (em) => parkedEvents(em, 'identity--tickets'));
    expect(parked[0]?.reason).toBe('poisoned');
    poison = () => false;
    for (const { event } of parked) {
      await inWorkspace(reader.orm, workspace, (em) => unpark(em, 'identity--tickets', event));
      await consumer.deliver(event);
    }
    await eventually(async () => expect(await handled(bad)).toEqual([1, 2]), 20_000);
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
    await eventually(async () => expect(await handled(bad)).toEqual([1]), 20_000);
    expect(await handled(good)).toEqual([1, 2]);
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
    }, 15_000);
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
