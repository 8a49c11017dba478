import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { findHeldFiles } from '@sportello/contracts';
import { type Clock } from '@sportello/kernel';
import { inWorkspace, type Database } from '@sportello/persistence';
import { CLIENT, CLOCK, DATABASE, ServiceLog, STORAGE, type OperationClient } from '@sportello/service';
import { type Storage } from '@sportello/storage';
import { type Kysely } from 'kysely';
import {
  findDead,
  findReferred,
  forgetUploads,
  postpone,
  unmark,
  type DeadFile,
  type FileTables,
} from './file.queries.js';

const hour = 3_600_000;
const day = 24 * hour;
/** What waits in a draft: as long as somebody may come back from a holiday to it. */
const uploadKept = 30 * day;
const batch = 200;

/** Removes files that nothing has referred to for a day: uploads that nobody attached, raw mail of erased people, what a refused mail carried. */
@Injectable()
export class FileSweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new ServiceLog('tickets', 'Files');
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(STORAGE) private readonly storage: Storage,
    @Inject(CLIENT) private readonly client: OperationClient,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#running = this.sweep(this.clock.now()).catch((error: Error) =>
        this.#log.warn({ error: error.message }, 'Files could not be swept; trying again in an hour'),
      );
    }, hour);
    this.#timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#running;
  }

  /** Everything that is due now. Replicas may do it side by side: removing twice removes once. */
  async sweep(now: Date): Promise<void> {
    const before = new Date(now.getTime() - day);
    await this.storage.tidy(before);
    for (;;) {
      const dead = await findDead(this.database.systemPool, before, batch);
      const workspaces = Map.groupBy(dead, ({ workspace_id: workspace }) => workspace);
      for (const [workspace, files] of workspaces) await this.#sweepWorkspace(workspace, files, now);
      if (dead.length < batch) return;
    }
  }

  async #sweepWorkspace(workspace: string, files: readonly DeadFile[], now: Date): Promise<void> {
    const hashes = files.map(({ hash }) => hash);
    const held = new Set((await this.client.callAsSelf(findHeldFiles, { hashes }, workspace)).hashes);
    const uploadedAfter = new Date(now.getTime() - uploadKept);
    const { attached, uploaded } = await this.#inTransaction(workspace, (db) =>
      findReferred(db, workspace, hashes, uploadedAfter),
    );
    const alive = hashes.filter((hash) => held.has(hash) || attached.has(hash));
    const waiting: string[] = [];
    const gone: string[] = [];
    for (const { hash, dead_since: since } of files) {
      if (alive.includes(hash)) continue;
      const swept = !uploaded.has(hash) && (await this.storage.sweep(workspace, hash, since));
      (swept ? gone : waiting).push(hash);
    }
    await this.#inTransaction(workspace, async (db) => {
      await unmark(db, workspace, [...alive, ...gone]);
      await postpone(db, workspace, waiting, now);
      await forgetUploads(db, workspace, gone);
    });
  }

  #inTransaction<T>(workspace: string, work: (db: Kysely<FileTables>) => Promise<T>): Promise<T> {
    return inWorkspace(this.database.orm, workspace, (em) => work(em.getKysely<FileTables>()));
  }
}
