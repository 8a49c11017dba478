import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Ctx, MessagePattern, Payload, type NatsContext } from '@nestjs/microservices';
import { type MsgHdrs } from '@nats-io/nats-core';
import {
  alreadyDone,
  appDisabled,
  declaredOnly,
  forbidden,
  idempotencyMismatch,
  internalError,
  notSignedIn,
  Refusal,
  validate,
  type Clock,
  type Operation,
  type RandomBytes,
  type ServiceName,
} from '@sportello/kernel';
import { type OutboxRelay } from '@sportello/messaging';
import { mayEver, mayUseApp, type Actor, type Permission } from '@sportello/permissions';
import { inWorkspace, type Database } from '@sportello/persistence';
import { type Storage } from '@sportello/storage';
import { type ActorVerifier } from './actors.js';
import { AccessBarrier } from './barrier.js';
import { pack, unpack, type Packed, type Reply } from './client.js';
import { Context, type SightFinder } from './context.js';
import { flushWithEvents, type Flushed } from './flush.js';
import { ServiceLog } from './logging.js';
import { CLOCK, DATABASE, RANDOM, RELAY, SERVICE_NAME, SIGHT, STORAGE, VERIFIER } from './tokens.js';

/** An answer that other services have a part in: asked for once the transaction is over, because nobody waits for a service with rows locked. */
export class Afterwards<Output> {
  constructor(readonly ask: () => Promise<Output>) {}
}

/** What a handler may return: the output, a function that reads it once everything is written, or what is asked afterwards. */
type Answer<Output> = Output | (() => Promise<Output>) | Afterwards<Output>;
type Handler<Input, Output> = (input: Input, context: Context) => Promise<Answer<Output>>;

const runtimeProperty = 'operationRuntime';
const handled = new WeakMap<object, Map<string, Operation>>();

/** The operations that a class handles, by method name. */
export function handledBy(prototype: object): ReadonlyMap<string, Operation> {
  return handled.get(prototype) ?? new Map();
}

/**
 * Declares a method as the handler of an operation: Nest's `@MessagePattern` on the operation's id, around it everything that is the same
 * for all: actor, permission, validation, transaction, idempotency, one flush, the declared fields only.
 */
export function Handles<Input extends object, Output extends object>(operation: Operation<Input, Output>) {
  return <Method extends Handler<Input, Output>>(
    prototype: object,
    name: string,
    descriptor: TypedPropertyDescriptor<Method>,
  ): void => {
    const handler = descriptor.value as Method;
    const runtime = runtimeProperty as keyof object;
    Inject(OperationRuntime)(prototype, runtimeProperty);
    descriptor.value = function (this: object, payload: unknown, context: unknown) {
      const operations = this[runtime] as unknown as OperationRuntime;
      return operations.answer(
        operation as Operation,
        handler.bind(this) as unknown as Handler<object, object>,
        payload,
        context as NatsContext,
      );
    } as never;
    Payload()(prototype, name, 0);
    Ctx()(prototype, name, 1);
    MessagePattern(operation.id)(prototype, name, descriptor);
    handled.set(prototype, (handled.get(prototype) ?? new Map()).set(name, operation as Operation));
  };
}

/** Runs every operation of a service. */
@Injectable()
export class OperationRuntime {
  readonly #log: ServiceLog;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(VERIFIER) private readonly verifier: ActorVerifier,
    @Inject(STORAGE) private readonly storage: Storage,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: RandomBytes,
    @Inject(RELAY) private readonly relay: OutboxRelay,
    @Inject(SIGHT) private readonly findSight: SightFinder | null,
    private readonly barrier: AccessBarrier,
    @Inject(SERVICE_NAME) service: ServiceName,
  ) {
    this.#log = new ServiceLog(service, 'Operations');
  }

  /** A call from the bus: always an answer, never an exception. */
  async answer(
    operation: Operation,
    handler: Handler<object, object>,
    payload: unknown,
    nats: NatsContext,
  ): Promise<unknown> {
    const header = nats.getHeaders() as MsgHdrs | undefined;
    return pack(this.storage, await this.run(operation, handler, payload, header));
  }

  /** The same without the bus. */
  async run(
    operation: Operation,
    handler: Handler<object, object>,
    payload: unknown,
    header: MsgHdrs | undefined,
  ): Promise<Reply> {
    try {
      const token = header?.get('actor');
      if (!token) throw new Refusal(notSignedIn);
      const actor = await this.verifier.verify(token);
      admit(operation, actor);
      const input = validate(operation.input, await unpack(this.storage, payload as Packed | undefined), 'ignore');
      return await this.#transact(operation, handler, input, actor, header);
    } catch (error) {
      if (error instanceof Refusal) return { ok: false, problem: error.toProblem() };
      this.#log.error(
        { operation: operation.id, requestId: header?.get('request-id'), stack: (error as Error).stack },
        'An operation failed',
      );
      return { ok: false, problem: new Refusal(internalError).toProblem() };
    }
  }

  async #transact(
    operation: Operation,
    handler: Handler<object, object>,
    input: object,
    actor: Actor,
    header: MsgHdrs | undefined,
  ): Promise<Reply> {
    const now = this.clock.now();
    let context: Context | null = null;
    let told: Flushed = { events: 0, access: [] };
    const answered = await inWorkspace(this.database.orm, actor.workspace, async (em) => {
      context = new Context({
        actor,
        now,
        em,
        random: this.random,
        requestId: header?.get('request-id') ?? '',
        permission: operation.permission as Permission,
        findSight: this.findSight,
        ifMatch: readVersion(header?.get('if-match')),
        readOnly: operation.readOnly,
      });
      const key = operation.readOnly ? undefined : header?.get('idempotency-key');
      const before = key && actor.workspace ? await reserve(context, operation, key, input) : undefined;
      if (before !== undefined) return before;
      const answer = await handler(input, context);
      told = await flushWithEvents(em, actor, now, this.random, context.chunk);
      // A command answers with what its own transaction knows: only so can a repeated call be answered again.
      if (answer instanceof Afterwards && operation.readOnly) return answer;
      if (answer instanceof Afterwards)
        throw new Error(`${operation.id} changes something: it cannot ask others afterwards`);
      const output = declaredOnly(operation.output, typeof answer === 'function' ? await answer() : answer);
      if (key && actor.workspace && !operation.secretReply) await remember(context, key, output);
      return output;
    });
    const value = answered instanceof Afterwards ? declaredOnly(operation.output, await answered.ask()) : answered;
    (context as Context | null)?.committed();
    if (told.events) this.relay.wake();
    const waits = operation.takesSight && told.access.length > 0;
    return waits && !(await this.barrier.applied(told.access))
      ? { ok: true, value, pending: true }
      : { ok: true, value };
  }
}

/** Deny by default: who may never do this is refused before anything is read. */
function admit(operation: Operation, actor: Actor): void {
  if (actor.kind === 'service') {
    if (!operation.callers.includes(actor.service)) throw new Refusal(forbidden);
    if (!actor.workspace && !operation.acrossWorkspaces) throw new Refusal(forbidden);
    return;
  }
  // An operation that only services call (no route, callers named) is closed to persons, unless the gateway forwards them.
  if (operation.http === null && !operation.callers.includes('gateway')) throw new Refusal(forbidden);
  if (!mayEver(actor, operation.permission as Permission)) {
    throw new Refusal(actor.kind === 'visitor' ? notSignedIn : forbidden);
  }
  if (operation.app && !mayUseApp(actor, operation.app)) throw new Refusal(appDisabled);
}

/** What is no version matches none: whoever sends it wants to overwrite nothing. `*` is any. */
function readVersion(text: string | undefined): number | null {
  if (!text || text.trim() === '*') return null;
  return Number(text.match(/^(?:W\/)?"?(\d+)"?$/)?.[1] ?? Number.NaN);
}

interface IdempotencyTable {
  idempotency: {
    workspace_id: string;
    actor: string;
    key: string;
    operation: string;
    input_hash: string;
    reply: string | null;
  };
}

const actorKey = (context: Context) =>
  context.person ? `${context.person.kind} ${context.person.id}` : context.actor.kind;

/** Claims an idempotency key in the command's own transaction; a second call with it waits here, then gets the first one's reply. */
async function reserve(context: Context, operation: Operation, key: string, input: object): Promise<unknown> {
  const db = context.db<IdempotencyTable>();
  const hash = createHash('sha256').update(operation.id).update(JSON.stringify(input)).digest('hex');
  const row = {
    workspace_id: context.workspaceId,
    actor: actorKey(context),
    key: key.slice(0, 200),
    operation: operation.id,
    input_hash: hash,
  };
  const inserted = await db
    .insertInto('idempotency')
    .values({ ...row, reply: null })
    .onConflict((conflict) => conflict.doNothing())
    .returning('key')
    .executeTakeFirst();
  if (inserted) return undefined;
  const first = await db
    .selectFrom('idempotency')
    .select(['input_hash', 'reply'])
    .where('workspace_id', '=', row.workspace_id)
    .where('actor', '=', row.actor)
    .where('key', '=', row.key)
    .executeTakeFirstOrThrow();
  if (first.input_hash !== hash) throw new Refusal(idempotencyMismatch);
  if (operation.secretReply) throw new Refusal(alreadyDone);
  return first.reply;
}

async function remember(context: Context, key: string, reply: unknown): Promise<void> {
  await context
    .db<IdempotencyTable>()
    .updateTable('idempotency')
    .set({ reply: JSON.stringify(reply) })
    .where('workspace_id', '=', context.workspaceId)
    .where('actor', '=', actorKey(context))
    .where('key', '=', key.slice(0, 200))
    .execute();
}
