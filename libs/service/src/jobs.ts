import {
  Controller,
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type Type,
} from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import {
  appDisabled,
  chunkSize,
  forbidden,
  internalError,
  jobNotCancellable,
  jobNotFound,
  jobNotUndoable,
  Refusal,
  validate,
  type Clock,
  type Job,
  type JobRowPage,
  type JobStarted,
  type JobState,
  type ListJobRows,
  type Operation,
  type RandomBytes,
  type ServiceName,
} from '@sportello/kernel';
import { type OutboxRelay } from '@sportello/messaging';
import { mayEver, mayUseApp, type Actor, type Permission, type UserActor } from '@sportello/permissions';
import { inWorkspace, type Database } from '@sportello/persistence';
import { type ActorVerifier } from './actors.js';
import { type OperationClient } from './client.js';
import { Context, type SightFinder } from './context.js';
import { flushWithEvents, type JobChunk } from './flush.js';
import { jobOf, type ChunkAnswer, type JobHandler, type UndoableJobHandler } from './job.js';
import {
  countKept,
  describeJob,
  forgetOldJobs,
  keepChunk,
  keptRows,
  leaseMilliseconds,
  listRows,
  lockJob,
  takeDueJob,
  undoOf,
  type JobRecord,
  type JobTables,
  type TakenJob,
} from './job.queries.js';
import { ServiceLog } from './logging.js';
import { Handles } from './operations.js';
import { CLIENT, CLOCK, DATABASE, JOBS, RANDOM, RELAY, SERVICE_NAME, SIGHT, VERIFIER } from './tokens.js';

/** The operations of a service's jobs, and the one of identity that grants a person's present rights to it. */
export interface JobParts {
  get: Operation<{ id: string }, JobState>;
  rows: Operation<ListJobRows, JobRowPage>;
  cancel: Operation<{ id: string }, JobState>;
  undo: Operation<{ id: string }, JobStarted>;
  grant: Operation<object, { actorToken: string; expiresAt: Date }>;
}

/** Where a wake-up was lost, or the replica that had begun is gone. */
const sweepMilliseconds = 2000;
/** Tries of a chunk that fails, about a minute; then the job is given up. */
const maxAttempts = 6;
const sweepsBetweenTidying = 1800;

/**
 * Starts jobs and carries them on. The first chunk is done in the transaction that makes the job, so that a few rows are as quick as a plain
 * operation; the rest by whichever replica takes the row.
 */
@Injectable()
export class JobRuntime implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log: ServiceLog;
  readonly #handlers = new Map<string, { job: Job; handler: JobHandler<object> }>();
  #stopped = false;
  #roused = false;
  #rouse: () => void = () => undefined;
  #loop: Promise<void> = Promise.resolve();
  #sweeps = 0;

  constructor(
    private readonly discovery: DiscoveryService,
    @Inject(JOBS) private readonly parts: JobParts | null,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLIENT) private readonly client: OperationClient,
    @Inject(VERIFIER) private readonly verifier: ActorVerifier,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: RandomBytes,
    @Inject(RELAY) private readonly relay: OutboxRelay,
    @Inject(SIGHT) private readonly findSight: SightFinder | null,
    @Inject(SERVICE_NAME) private readonly service: ServiceName,
  ) {
    this.#log = new ServiceLog(service, 'Jobs');
  }

  onApplicationBootstrap(): void {
    for (const { instance } of this.discovery.getControllers()) {
      const job = instance && jobOf(Object.getPrototypeOf(instance) as object);
      if (job) this.#handlers.set(job.id, { job, handler: instance as JobHandler<object> });
    }
    if (this.#handlers.size) this.#loop = this.#run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    this.wake();
    await this.#loop;
  }

  /** Something may be due. */
  wake(): void {
    this.#roused = true;
    this.#rouse();
  }

  /** Makes a job and does its first chunk, in the transaction of `ctx`. */
  async start(job: Job, handler: JobHandler<object>, input: object, ctx: Context): Promise<JobStarted> {
    return this.#begin(job, handler, input, null, await handler.begin(input, ctx), ctx);
  }

  /** Makes a job that takes another back. @throws Refusal `job_not_undoable` */
  async undo(id: string, ctx: Context): Promise<JobStarted> {
    const record = await this.#own(id, ctx);
    const known = this.#handlers.get(record.operation);
    if (!known?.job.job.undo || record.state === 'running' || record.undoes || (await undoOf(jobs(ctx), record)))
      throw new Refusal(jobNotUndoable);
    admit(known.job, ctx.actor as UserActor);
    const input = validate(known.job.input, record.input, 'ignore');
    return this.#begin(known.job, known.handler, input, id, await countKept(jobs(ctx), record), ctx);
  }

  /** Stops a job after the chunk in hand; one that is over stays as it is. @throws Refusal `job_not_cancellable` */
  async cancel(id: string, ctx: Context): Promise<JobState> {
    const record = await this.#own(id, ctx);
    if (record.state === 'running') {
      const known = this.#handlers.get(record.operation);
      if (known && !known.job.job.cancel) throw new Refusal(jobNotCancellable);
      if (known) await this.#abandon(known, record, this.#context(ctx, known.job));
      await this.#end(ctx, record, { state: 'cancelled', code: null });
    }
    return this.#describe(record, ctx);
  }

  /** The answers of a job. */
  async rows(asked: ListJobRows, ctx: Context): Promise<JobRowPage> {
    return listRows(jobs(ctx), await this.#own(asked.id, ctx), asked);
  }

  async read(id: string, ctx: Context): Promise<JobState> {
    return this.#describe(await this.#own(id, ctx), ctx);
  }

  /** Does one chunk of one job that is due. @returns false when there is none */
  async work(now: Date): Promise<boolean> {
    const taken = await takeDueJob(this.database.systemPool, [...this.#handlers.keys()], now);
    if (!taken) return false;
    try {
      await this.#carryOn(taken);
    } catch (error) {
      await this.#failed(taken, error as Error);
    }
    return true;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#roused = false;
      try {
        if (await this.work(this.clock.now())) continue;
        if (this.#sweeps++ % sweepsBetweenTidying === 0) await forgetOldJobs(this.database.systemPool);
      } catch (error) {
        this.#log.warn({ error: (error as Error).message }, 'Looking for jobs failed; trying again');
      }
      if (this.#roused || this.#stopped) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, sweepMilliseconds);
        this.#rouse = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async #begin(
    job: Job,
    handler: JobHandler<object>,
    input: object,
    undoes: string | null,
    total: number,
    ctx: Context,
  ): Promise<JobStarted> {
    const { actor, workspaceId, now } = ctx;
    // A customer, visitor or service asks for nothing that takes long.
    if (actor.kind !== 'user') throw new Refusal(forbidden);
    const record: JobRecord = {
      ...{ workspace_id: workspaceId, id: ctx.newId(), operation: job.id, input, undoes, total },
      ...{ asked_by: actor.id, scopes: actor.scopes ? [...actor.scopes] : null },
      ...{ state: 'running', code: null, done: 0, chunks: 0, attempts: 0 },
      ...{ due_at: now, created_at: now, finished_at: null },
    };
    await jobs(ctx)
      .insertInto('job')
      .values({ ...record, input: JSON.stringify(input) as never })
      .execute();
    ctx.chunk = await this.#chunk(handler, record, input, this.#context(ctx, job));
    if (record.state === 'running') ctx.afterCommit(() => this.wake());
    return { job: await this.#describe(record, ctx) };
  }

  /** The next chunk of a job, as the person who asked with the rights they have now. */
  async #carryOn(taken: TakenJob): Promise<void> {
    const { job, handler } = this.#handlers.get(taken.operation) as { job: Job; handler: JobHandler<object> };
    const actor = await this.#presentRights(taken);
    admit(job, actor);
    const now = this.clock.now();
    let context: Context | null = null;
    const events = await inWorkspace(this.database.orm, taken.workspace_id, async (em) => {
      const ctx = new Context({
        ...{ actor, now, em, random: this.random, requestId: taken.id, findSight: this.findSight },
        ...{ permission: job.permission as Permission, ifMatch: null, readOnly: false },
      });
      context = ctx;
      const record = await lockJob(jobs(ctx), taken);
      if (record?.state !== 'running') return 0;
      const input = validate(job.input, record.input, 'ignore');
      return (await flushWithEvents(em, actor, now, this.random, await this.#chunk(handler, record, input, ctx)))
        .events;
    });
    (context as Context | null)?.committed();
    if (events) this.relay.wake();
  }

  async #chunk(handler: JobHandler<object>, record: JobRecord, input: object, ctx: Context): Promise<JobChunk> {
    const place = { done: record.done, size: chunkSize };
    const { chunks: number, id, undoes } = record;
    let answer: ChunkAnswer;
    if (undoes) {
      const rows = await keptRows(jobs(ctx), { ...record, id: undoes }, place);
      const undone = rows.length ? await (handler as UndoableJobHandler<object>).undo(rows, ctx) : [];
      answer = { rows: undone, ends: place.done + rows.length >= record.total };
    } else {
      answer = await handler.chunk(input, place, ctx);
    }
    const { rows, ends } = answer;
    await keepChunk(jobs(ctx), record, rows, {
      ...{ state: ends ? 'done' : 'running', due_at: ctx.now, finished_at: ends ? ctx.now : null },
      // Counted when the job began; what came or went since is counted at the end.
      total: ends ? record.done + rows.length : Math.max(record.total, record.done + rows.length),
    });
    return { id, number, ends, undoes };
  }

  /** As what the job does, and no longer as watching, cancelling or taking back. */
  #context(ctx: Context, job: Job): Context {
    const { actor, now, em, random, requestId } = ctx;
    const inner = new Context({
      ...{ actor, now, em, random, requestId, findSight: this.findSight },
      ...{ permission: job.permission as Permission, ifMatch: null, readOnly: false },
    });
    ctx.afterCommit(() => inner.committed());
    return inner;
  }

  async #presentRights({ workspace_id: workspace, asked_by: id, scopes }: TakenJob): Promise<UserActor> {
    const { grant } = this.parts as JobParts;
    const { actorToken } = await this.client.callAsSelf(grant, {}, workspace, { kind: 'user', id });
    const actor = await this.verifier.verify(actorToken);
    if (actor.kind !== 'user') throw new Refusal(forbidden);
    return { ...actor, scopes };
  }

  /** An undo that stops half-way leaves rows as they are; nothing else waits for it. */
  async #abandon(
    { job, handler }: { job: Job; handler: JobHandler<object> },
    { input, undoes }: JobRecord,
    ctx: Context,
  ): Promise<void> {
    if (!undoes) await handler.abandoned?.(validate(job.input, input, 'ignore'), ctx);
  }

  /** What is refused stays refused; anything else may be over in a moment. */
  async #failed({ workspace_id: workspace, id, asked_by: person }: TakenJob, error: Error): Promise<void> {
    const refused = error instanceof Refusal && error.definition.status < 500;
    if (!refused) this.#log.warn({ job: id, stack: error.stack }, 'A chunk of a job failed');
    const now = this.clock.now();
    // Whoever asked may no longer do this: what is left to put in order, the service does itself.
    const actor: Actor = {
      ...{ kind: 'service', service: this.service, workspace },
      onBehalfOf: { kind: 'user', id: person },
    };
    await inWorkspace(this.database.orm, workspace, async (em) => {
      const db = em.getKysely() as unknown as ReturnType<typeof jobs>;
      const record = await lockJob(db, { workspace_id: workspace, id });
      if (record?.state !== 'running') return;
      const code = refused ? error.definition.code : internalError.code;
      const attempts = record.attempts + 1;
      const given = refused || attempts >= maxAttempts;
      await db
        .updateTable('job')
        .set(
          given
            ? { state: 'failed', code, finished_at: now }
            : { attempts, due_at: new Date(now.getTime() + Math.min(500 * 2 ** attempts, leaseMilliseconds)) },
        )
        .where('workspace_id', '=', workspace)
        .where('id', '=', id)
        .execute();
      const known = this.#handlers.get(record.operation);
      if (!given || !known) return;
      const { permission } = known.job;
      const parts = { actor, now, em, random: this.random, requestId: id, findSight: this.findSight };
      const ctx = new Context({ ...parts, permission: permission as Permission, ifMatch: null, readOnly: false });
      await this.#abandon(known, record, ctx);
      await flushWithEvents(em, actor, now, this.random);
    });
    this.relay.wake();
  }

  async #end(ctx: Context, record: JobRecord, end: Pick<JobRecord, 'state' | 'code'>): Promise<void> {
    Object.assign(record, end, { finished_at: ctx.now });
    await jobs(ctx)
      .updateTable('job')
      .set({ ...end, finished_at: ctx.now })
      .where('workspace_id', '=', record.workspace_id)
      .where('id', '=', record.id)
      .execute();
  }

  /** @throws Refusal `not_found`, also for a job that somebody else asked for */
  async #own(id: string, ctx: Context): Promise<JobRecord> {
    const record = await lockJob(jobs(ctx), { workspace_id: ctx.workspaceId, id });
    if (!record || ctx.actor.kind !== 'user' || record.asked_by !== ctx.actor.id) throw new Refusal(jobNotFound);
    return record;
  }

  #describe(record: JobRecord, ctx: Context): Promise<JobState> {
    const { undo: undoable = false, cancel: cancellable = false } = this.#handlers.get(record.operation)?.job.job ?? {};
    const [, path = ''] = (this.parts?.get.http ?? '').split(' ');
    return describeJob(jobs(ctx), record, { cancellable, undoable, path: `/api/v1${path.replace('/:id', '')}` });
  }
}

const jobs = (ctx: Context) => ctx.db<JobTables>();

/** The rights to begin with are needed to the end. @throws Refusal `forbidden`, `app_disabled` */
function admit(job: Job, actor: UserActor): void {
  if (!mayEver(actor, job.permission as Permission)) throw new Refusal(forbidden);
  if (job.app && !mayUseApp(actor, job.app)) throw new Refusal(appDisabled);
}

/** The controller of a service's jobs. */
export function jobController({ get, rows, cancel, undo }: JobParts): Type<unknown> {
  @Controller()
  class JobOperations {
    constructor(private readonly runtime: JobRuntime) {}

    @Handles(get)
    get({ id }: { id: string }, ctx: Context): Promise<JobState> {
      return this.runtime.read(id, ctx);
    }

    @Handles(rows)
    rows(asked: ListJobRows, ctx: Context): Promise<JobRowPage> {
      return this.runtime.rows(asked, ctx);
    }

    @Handles(cancel)
    cancel({ id }: { id: string }, ctx: Context): Promise<JobState> {
      return this.runtime.cancel(id, ctx);
    }

    @Handles(undo)
    undo({ id }: { id: string }, ctx: Context): Promise<JobStarted> {
      return this.runtime.undo(id, ctx);
    }
  }
  return JobOperations;
}
