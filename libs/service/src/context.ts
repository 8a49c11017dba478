import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { enterWorkspace, type Aggregate } from '@sportello/persistence';
import {
  appDisabled,
  forbidden,
  Refusal,
  uuidv7,
  versionConflict,
  type ErrorDefinition,
  type App,
  type RandomBytes,
} from '@sportello/kernel';
import {
  allows,
  mayUseApp,
  noSight,
  personOf,
  type AccessFacts,
  type Actor,
  type Permission,
  type PersonRef,
  type Sight,
} from '@sportello/permissions';
import { type Kysely } from 'kysely';
import { type JobChunk } from './flush.js';

/** An entity that access depends on tells the facts of its present state. */
export interface Guarded {
  accessFacts(): AccessFacts;
  /** Where it belongs to one: read only while that is off. */
  app?: App;
}

/** The class of an aggregate. */
export type AggregateClass<T extends Aggregate> = (abstract new (...args: never[]) => T) & {
  /** The permission to see one: who lacks it gets 404. */
  readonly viewPermission?: Permission;
};

/** How a service finds an actor's grants, from its own copy. */
export type SightFinder = (context: Context) => Promise<Sight>;

// Facts as they were when the aggregate was loaded: `was` of its events.
const factsAtLoad = new WeakMap<object, AccessFacts>();
export const factsBefore = (aggregate: object): AccessFacts | null => factsAtLoad.get(aggregate) ?? null;

function rememberFacts(found: Aggregate): void {
  if ('accessFacts' in found && !factsAtLoad.has(found)) {
    factsAtLoad.set(found, (found as unknown as Guarded).accessFacts());
  }
}

/** What a handler works with: one actor, one moment, one transaction. */
export class Context {
  readonly actor: Actor;
  readonly now: Date;
  readonly em: EntityManager;
  readonly random: RandomBytes;
  readonly requestId: string;
  /** Set by the runtime where this transaction carries out a chunk of a job. */
  chunk: JobChunk | null = null;
  readonly #permission: Permission;
  readonly #findSight: SightFinder | null;
  readonly #ifMatch: number | null;
  readonly #lock: LockMode;
  readonly #after: (() => void)[] = [];
  #workspace: string | null;
  #sight: Promise<Sight> | null = null;

  constructor(given: ContextParts) {
    this.actor = given.actor;
    this.now = given.now;
    this.em = given.em;
    this.random = given.random;
    this.requestId = given.requestId;
    this.#permission = given.permission;
    this.#findSight = given.findSight;
    this.#ifMatch = given.ifMatch;
    this.#lock = given.readOnly ? LockMode.NONE : LockMode.PESSIMISTIC_WRITE;
    this.#workspace = given.actor.workspace;
  }

  /** @throws Error for a visitor who has not entered one: a handler that asks then is wrong */
  get workspaceId(): string {
    if (!this.#workspace) throw new Error('There is no workspace before somebody has entered one.');
    return this.#workspace;
  }

  /** The person who asks, or on whose behalf a service does. */
  get person(): PersonRef | null {
    return personOf(this.actor);
  }

  /** Kysely in this transaction, for reading. */
  db<Tables>(): Kysely<Tables> {
    return this.em.getKysely() as unknown as Kysely<Tables>;
  }

  newId(): string {
    return uuidv7(this.now, this.random);
  }

  /** Binds the transaction to a workspace that a visitor's own proof (password, link) led to. */
  async enter(workspaceId: string): Promise<void> {
    await enterWorkspace(this.em, workspaceId);
    this.#workspace = workspaceId;
  }

  /** The actor's grants, looked up once. */
  sight(): Promise<Sight> {
    this.#sight ??= this.#findSight ? this.#findSight(this) : Promise.resolve(noSight);
    return this.#sight;
  }

  /**
   * Loads an aggregate that the actor may touch with this operation; a command locks it until the end of the transaction.
   * @throws Refusal `missing` where there is none or the actor may not see it; `forbidden` where they see it but may not do this; `version_conflict` where
   *   `If-Match` names another version
   */
  async load<T extends Aggregate>(
    type: AggregateClass<T>,
    id: string,
    missing: ErrorDefinition,
    permission: Permission = this.#permission,
  ): Promise<T> {
    const found = await this.find(type, id);
    const refused = found ? await this.#refuses(type, found, missing, permission) : new Refusal(missing);
    if (refused) throw refused;
    return found as T;
  }

  /**
   * Loads several aggregates by one statement, for bulk commands: each is there or says why not, as `load` would have thrown. They are
   * locked in the order of their ids, so that two bulk commands cannot wait for each other.
   */
  async loadMany<T extends Aggregate>(
    type: AggregateClass<T>,
    ids: readonly string[],
    missing: ErrorDefinition,
    permission: Permission = this.#permission,
  ): Promise<Map<string, T | Refusal>> {
    const where = { workspaceId: this.workspaceId, id: { $in: [...ids] } };
    const options = { lockMode: this.#lock, orderBy: { id: 'asc' } };
    const rows = (await this.em.find(type as never, where as never, options as never)) as T[];
    const answers = new Map<string, T | Refusal>(ids.map((id) => [id, new Refusal(missing)]));
    for (const found of rows) {
      rememberFacts(found);
      answers.set(found.id, (await this.#refuses(type, found, missing, permission)) ?? found);
    }
    return answers;
  }

  async #refuses<T extends Aggregate>(
    type: AggregateClass<T>,
    found: T,
    missing: ErrorDefinition,
    permission: Permission,
  ): Promise<Refusal | null> {
    if ('accessFacts' in found) {
      const facts = (found as unknown as Guarded).accessFacts();
      const sight = await this.sight();
      if (type.viewPermission && !allows(this.actor, type.viewPermission, sight, facts)) return new Refusal(missing);
      if (!allows(this.actor, permission, sight, facts)) return new Refusal(forbidden);
      const { app } = found as unknown as Guarded;
      if (app && this.#lock !== LockMode.NONE && !mayUseApp(this.actor, app)) return new Refusal(appDisabled);
    }
    return this.#ifMatch !== null && found.seq !== this.#ifMatch ? new Refusal(versionConflict) : null;
  }

  /** Loads an aggregate whoever asks, locked: for subscriptions and services. Null where there is none. */
  async find<T extends Aggregate>(type: AggregateClass<T>, id: string): Promise<T | null> {
    const where = { workspaceId: this.workspaceId, id };
    const found = (await this.em.findOne(type as never, where as never, {
      lockMode: this.#lock,
    })) as T | null;
    if (found) rememberFacts(found);
    return found;
  }

  /** Adds a new entity; written by the flush. */
  add<T extends object>(entity: T): T {
    this.em.persist(entity);
    return entity;
  }

  /** Runs once the transaction has committed: in-process signals only, nothing that may fail. */
  afterCommit(signal: () => void): void {
    this.#after.push(signal);
  }

  /** Called by the runtime. */
  committed(): void {
    for (const signal of this.#after) signal();
  }
}

/** What the runtime builds a context from. */
export interface ContextParts {
  actor: Actor;
  now: Date;
  em: EntityManager;
  random: RandomBytes;
  requestId: string;
  permission: Permission;
  findSight: SightFinder | null;
  ifMatch: number | null;
  /** Loaded aggregates are not locked. */
  readOnly: boolean;
}
