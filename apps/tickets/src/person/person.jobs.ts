import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { type Clock } from '@sportello/kernel';
import { inWorkspace, type Database } from '@sportello/persistence';
import { CLOCK, DATABASE, ServiceLog } from '@sportello/service';
import { type FileTables } from '../file/file.queries.js';
import { eraseStep, findErasures } from './erasure.queries.js';

/** Where a wake-up was lost, or the replica that had it in hand died. */
const sweepMilliseconds = 10_000;

/** Takes erased people out of what is kept, step by step. Any number of replicas may: each erasure is in the hands of one at a time. */
@Injectable()
export class PersonEraser implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new ServiceLog('tickets', 'Erasure');
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => this.wake(), sweepMilliseconds);
    this.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearInterval(this.#timer);
    await this.#running;
  }

  /** Says that somebody is to be erased. */
  wake(): void {
    this.#running = this.#running
      .then(() => this.#eraseAll())
      .catch((error: Error) => this.#log.warn({ error: error.message }, 'Somebody could not be erased; trying again'));
  }

  async #eraseAll(): Promise<void> {
    for (const { workspace_id: workspace } of await findErasures(this.database.systemPool)) {
      let more = true;
      while (more && !this.#stopped)
        more = await inWorkspace(this.database.orm, workspace, (em) =>
          eraseStep(em.getKysely<FileTables>(), workspace, this.clock.now()),
        );
    }
  }
}
