import { Controller, Module } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { defineEntity, p } from '@mikro-orm/postgresql';
import {
  defineEvent,
  defineError,
  defineOperation,
  Id,
  Integer,
  Nothing,
  Refusal,
  systemClock,
  Text,
} from '@sportello/kernel';
import { record } from '@sportello/persistence';
import { aCustomer, aUser, eventually, newId, startWorld, testSecret, type World } from '@sportello/testing';
import { transit } from '@sportello/storage';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ActorSigner,
  Afterwards,
  ActorVerifier,
  Handles,
  largestOnBus,
  OperationClient,
  ServiceModule,
  type Context,
} from './index.js';

/** A service as small as one can be, on a table that tickets has anyway. */
const TeamSchema = defineEntity({
  name: 'Team',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    name: p.text(),
    removed: p.boolean(),
    seq: p.integer(),
  },
});
class Team extends TeamSchema.class {}
TeamSchema.setClass(Team);

class TeamDto {
  @Id() id!: string;
  @Text({ max: 1_000_000 }) name!: string;
  @Integer() version!: number;
}
class NameTeam {
  @Id() id!: string;
  @Text({ max: 1_000_000 }) name!: string;
}
const noTeam = defineError({ code: 'not_found', status: 404, message: 'No such team.' });
const teamNamed = defineEvent({ id: 'tickets.probe.named', payload: TeamDto, summary: '' });
const common = { input: NameTeam, output: TeamDto, summary: '' };
const addTeam = defineOperation({ ...common, id: 'tickets.probe.add', http: 'POST /probe', permission: 'user.view' });
const renameTeam = defineOperation({
  ...common,
  id: 'tickets.probe.rename',
  http: 'PATCH /probe/:id',
  permission: 'user.manage',
});
const addSecret = defineOperation({
  ...common,
  id: 'tickets.probe.secret',
  http: 'POST /probe/secret',
  permission: 'user.view',
  secretReply: true,
});
const failLate = defineOperation({
  ...common,
  id: 'tickets.probe.fail',
  http: 'POST /probe/fail',
  permission: 'user.view',
});
const reading = { ...common, permission: 'user.view' } as const;
const askAfterwards = defineOperation({ ...reading, id: 'tickets.probe.ask', http: 'GET /probe/ask' });
const changeAfterwards = defineOperation({ ...reading, id: 'tickets.probe.ask-late', http: 'POST /probe/ask' });
const neverAnswer = defineOperation({
  ...common,
  id: 'tickets.probe.never',
  http: 'GET /probe/never',
  permission: 'user.view',
});
const forMail = defineOperation({
  ...common,
  id: 'tickets.probe.service',
  http: null,
  permission: 'service.only',
  callers: ['mail-ingest'],
  output: Nothing,
});

/** Of the service, as the database sees them. */
let openTransactions: () => Promise<number>;
let stop = (): void => undefined;
const stopped = new Promise<void>((resolve) => (stop = resolve));

function addTo(ctx: Context, { id, name }: NameTeam): Team {
  const team = Object.assign(new Team(), { workspaceId: ctx.workspaceId, id, name, removed: false, seq: 0 });
  record(team, teamNamed, { id, name, version: 1 });
  return ctx.add(team);
}

@Controller()
class TeamOperations {
  @Handles(addTeam)
  async add(input: NameTeam, ctx: Context) {
    const { id, name } = input;
    const team = addTo(ctx, input);
    return { id, name, version: team.seq, secret: 'not declared, never sent' };
  }

  @Handles(addSecret)
  async addSecret(input: NameTeam, ctx: Context) {
    addTo(ctx, input);
    return { ...input, version: 1 };
  }

  @Handles(renameTeam)
  async rename({ id, name }: NameTeam, ctx: Context) {
    const team = await ctx.load(Team, id, noTeam);
    team.name = name;
    record(team, teamNamed, { id, name, version: team.seq + 1 });
    return { id, name, version: team.seq };
  }

  @Handles(failLate)
  async fail(input: NameTeam, ctx: Context) {
    addTo(ctx, input);
    return async (): Promise<TeamDto> => {
      throw new Refusal(noTeam);
    };
  }

  @Handles(askAfterwards)
  async ask({ id }: NameTeam) {
    return new Afterwards(async () => ({
      ...{ id, version: 0, undeclared: true },
      name: (await openTransactions()) ? 'a transaction is open' : 'no transaction is open',
    }));
  }

  @Handles(changeAfterwards)
  async changeAndAsk(input: NameTeam) {
    return new Afterwards(async () => ({ ...input, version: 0 }));
  }

  @Handles(neverAnswer)
  async never(): Promise<never> {
    await stopped;
    throw new Refusal(noTeam);
  }

  @Handles(forMail)
  async service() {
    return {};
  }
}

@Module({
  imports: [ServiceModule.forService({ name: 'tickets', entities: [TeamSchema] })],
  controllers: [TeamOperations],
})
class ProbeModule {}

const workspace = newId();
const anna = aUser(workspace);
const code = (call: Promise<unknown>) =>
  call.then(
    () => 'went well',
    (error: Refusal) => error.definition?.code ?? String(error),
  );

describe('an operation, from the bus to the table', () => {
  let world: World;
  let transitFolder: string;
  const outbox = () =>
    world.sql<{ seq: number; event: { data: { after: { name: string } } } }>(
      'select * from tickets.outbox where workspace_id = $1 order by id',
      [workspace],
    );
  beforeAll(async () => {
    world = await startWorld([ProbeModule]);
    openTransactions = async () =>
      (
        await world.sql(
          `select from pg_stat_activity where datname = current_database() and usename = 'tickets' and state like 'idle in transaction%'`,
        )
      ).length;
    transitFolder = join(new URL(process.env.STORAGE_URL as string).pathname, transit);
  });
  afterAll(() => {
    stop();
    return world.stop();
  });

  it('given a reply with an undeclared field, then it is not sent', async () => {
    const reply = await world.as(anna).call(addTeam, { id: newId(), name: 'Support' });
    expect(reply).toEqual({ id: reply.id, name: 'Support', version: 1 });
  });

  it('given a command that is refused after its work, then it leaves neither row nor event', async () => {
    const before = (await outbox()).length;
    const id = newId();
    expect(await code(world.as(anna).call(failLate, { id, name: 'Gone' }))).toBe('not_found');
    expect(await world.sql('select * from tickets.team where id = $1', [id])).toEqual([]);
    expect(await outbox()).toHaveLength(before);
  });

  it('given several commands, then the events of an aggregate are numbered without gaps', async () => {
    const id = newId();
    await world.as(anna).call(addTeam, { id, name: 'a' });
    await Promise.all(['b', 'c', 'd', 'e'].map((name) => world.as(anna).call(renameTeam, { id, name })));
    const rows = await world.sql<{ seq: number }>(
      'select seq from tickets.outbox where aggregate_id = $1 order by id',
      [id],
    );
    expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });

  it('given If-Match of an older version, then it is a conflict', async () => {
    const id = newId();
    await world.as(anna).call(addTeam, { id, name: 'a' });
    await world.as(anna).call(renameTeam, { id, name: 'b' }, { ifMatch: '"1"' });
    expect(await code(world.as(anna).call(renameTeam, { id, name: 'c' }, { ifMatch: '"1"' }))).toBe('version_conflict');
  });

  it('given an If-Match that is no version, then it matches none; * matches any', async () => {
    const id = newId();
    await world.as(anna).call(addTeam, { id, name: 'a' });
    for (const ifMatch of ['"x"', 'garbage', '"1", "2"', '-1'])
      expect(await code(world.as(anna).call(renameTeam, { id, name: 'b' }, { ifMatch }))).toBe('version_conflict');
    expect(await code(world.as(anna).call(renameTeam, { id, name: 'c' }, { ifMatch: '*' }))).toBe('went well');
  });

  it('given the same Idempotency-Key twice, then the command runs once; with another body it is refused', async () => {
    const input = { id: newId(), name: 'Once' };
    const first = await world.as(anna).call(addTeam, input, { idempotencyKey: 'k1' });
    expect(await world.as(anna).call(addTeam, input, { idempotencyKey: 'k1' })).toEqual(first);
    expect(await code(world.as(anna).call(addTeam, { ...input, name: 'Other' }, { idempotencyKey: 'k1' }))).toBe(
      'idempotency_mismatch',
    );
    // Another person's key is another key.
    expect(
      await code(world.as(aUser(workspace)).call(addTeam, { id: newId(), name: 'x' }, { idempotencyKey: 'k1' })),
    ).toBe('went well');
  });

  it('given the same Idempotency-Key twice at the same moment, then the command runs once; one that was refused keeps no key', async () => {
    const input = { id: newId(), name: 'Once' };
    const both = [0, 1].map(() => world.as(anna).call(addTeam, input, { idempotencyKey: 'k3' }));
    const [first, second] = await Promise.all(both);
    expect(second).toEqual(first);
    const again = { id: newId(), name: 'x' };
    expect(await code(world.as(anna).call(failLate, again, { idempotencyKey: 'k4' }))).toBe('not_found');
    expect(await code(world.as(anna).call(addTeam, again, { idempotencyKey: 'k4' }))).toBe('went well');
  });

  it('given a reply with a secret, then it is not kept for a repeated call, which is refused', async () => {
    const input = { id: newId(), name: 'hunter2' };
    await world.as(anna).call(addSecret, input, { idempotencyKey: 'k2' });
    expect(await code(world.as(anna).call(addSecret, input, { idempotencyKey: 'k2' }))).toBe('already_done');
    expect(await world.sql("select from tickets.idempotency where reply::text like '%hunter2%'")).toEqual([]);
  });

  it('given a record of another workspace, then it is not found', async () => {
    const id = newId();
    await world.as(anna).call(addTeam, { id, name: 'Ours' });
    expect(await code(world.as(aUser(newId())).call(renameTeam, { id, name: 'Theirs' }))).toBe('not_found');
  });

  it('given somebody without the permission, then it is refused before anything is read', async () => {
    const input = { id: newId(), name: 'x' };
    expect(await code(world.as(aCustomer(workspace)).call(addTeam, input))).toBe('forbidden');
    expect(await code(world.as(aUser(workspace, { role: 'member' })).call(renameTeam, input))).toBe('forbidden');
    expect(await code(world.as({ kind: 'visitor', workspace: null }).call(addTeam, input))).toBe('not_signed_in');
  });

  it('given a service, then it may call only what lists it, and a person never what only services call', async () => {
    const input = { id: newId(), name: 'x' };
    const as = (service: 'mail-ingest' | 'notifications') =>
      world.as({ kind: 'service', service, workspace, onBehalfOf: null });
    expect(await code(as('mail-ingest').call(forMail, input))).toBe('went well');
    expect(await code(as('notifications').call(forMail, input))).toBe('forbidden');
    expect(await code(as('mail-ingest').call(addTeam, input))).toBe('forbidden');
    expect(await code(world.as(anna).call(forMail, input))).toBe('forbidden');
  });

  it('given a token that is forged, expired, of the wrong issuer or missing, then it is refused', async () => {
    const client = new OperationClient(
      world.connection,
      world.storage,
      new ActorSigner(testSecret, 'gateway', systemClock),
    );
    const call = (actorToken: string) => code(client.call(addTeam, { id: newId(), name: 'x' }, { actorToken }));
    const good = await new ActorSigner(testSecret, 'identity', systemClock).sign(anna);
    const [header, body, signature] = good.split('.') as [string, string, string];
    const forged = Buffer.from(
      Buffer.from(body, 'base64url').toString().replace('member', 'administrator').replace(anna.id, newId()),
    ).toString('base64url');
    expect(await call(good)).toBe('went well');
    expect(await call(`${header}.${forged}.${signature}`)).toBe('token_refused');
    expect(await call(`${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`)).toBe('token_refused');
    expect(
      await call(await new ActorSigner('another secret that is as long as ours', 'identity', systemClock).sign(anna)),
    ).toBe('token_refused');
    expect(
      await call(
        await new ActorSigner(testSecret, 'identity', { now: () => new Date(Date.now() - 61_000) }).sign(anna),
      ),
    ).toBe('token_refused');
    // A service's own key vouches for nobody but itself.
    expect(await call(await new ActorSigner(testSecret, 'mail-ingest', systemClock).sign(anna))).toBe('token_refused');
    expect(await call('')).toBe('not_signed_in');
  });

  it('given a raised epoch, then every older token of that person is refused at once, and nobody else’s', async () => {
    const per = aUser(workspace);
    const input = () => ({ id: newId(), name: 'x' });
    expect(await code(world.as(per).call(addTeam, input()))).toBe('went well');
    world.connection.publish(
      'identity.epoch-raised',
      JSON.stringify({ workspace, kind: 'user', id: per.id, epoch: 2 }),
    );
    await eventually(async () => expect(await code(world.as(per).call(addTeam, input()))).toBe('token_refused'));
    expect(await code(world.as({ ...per, epoch: 2 }).call(addTeam, input()))).toBe('went well');
    expect(await code(world.as(anna).call(addTeam, input()))).toBe('went well');
  });

  it('given a body larger than the bus takes, then it travels by storage both ways and leaves nothing there', async () => {
    const name = 'é'.repeat(700_000);
    const reply = await world
      .as(anna)
      .call(renameTeam, { id: (await world.as(anna).call(addTeam, { id: newId(), name: 'x' })).id, name })
      .catch((error: Error) => error);
    // The event would be larger than an event may be: the command fails as a whole.
    expect(reply).toMatchObject({ definition: { code: 'internal_error' } });
    const long = 'x'.repeat(100_000);
    const sizes: number[] = [];
    const watched = ['tickets.probe.>', '_INBOX.>'].map((subject) =>
      world.connection.subscribe(subject, { callback: (_error, message) => void sizes.push(message.data.length) }),
    );
    expect((await world.as(anna).call(addTeam, { id: newId(), name: long })).name).toBe(long);
    for (const subscription of watched) subscription.unsubscribe();
    expect(sizes.length).toBeGreaterThanOrEqual(2);
    expect(Math.max(...sizes)).toBeLessThan(largestOnBus);
    expect(
      (await readdir(transitFolder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()),
    ).toEqual([]);
  });

  it('given an answer that other services have a part in, then they are asked once the transaction is over, and only by what reads', async () => {
    const reply = await world.as(anna).call(askAfterwards, { id: newId(), name: 'x' });
    expect(reply).toEqual({ id: reply.id, name: 'no transaction is open', version: 0 });
    expect(await code(world.as(anna).call(changeAfterwards, { id: newId(), name: 'x' }))).toBe('internal_error');
  });

  it('given a service that does not answer within five seconds, then it is 503 as well', async () => {
    expect(await code(world.as(anna).call(neverAnswer, { id: newId(), name: 'x' }))).toBe('service_unavailable');
  });

  it('given nobody who answers, then it is 503', async () => {
    const silent = { ...addTeam, id: 'tickets.probe.nobody' };
    expect(await code(world.as(anna).call(silent, { id: newId(), name: 'x' }))).toBe('service_unavailable');
  });
});

describe('a verified token', () => {
  it('expires although it is remembered', async () => {
    let now = new Date();
    const clock = { now: () => now };
    const verifier = new ActorVerifier(testSecret, clock);
    const token = await new ActorSigner(testSecret, 'identity', clock).sign(anna);
    expect(await verifier.verify(token)).toEqual(anna);
    now = new Date(now.getTime() + 61_000);
    expect(await code(verifier.verify(token))).toBe('token_refused');
  });
});
