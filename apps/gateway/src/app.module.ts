import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { registry } from '@sportello/contracts';
import { BusModule } from '@sportello/service';
import { DeclaredGuard } from './declared.guard.js';
import { EntryController } from './entry/entry.controller.js';
import { FileController } from './file/file.controller.js';
import { HealthController } from './health.controller.js';
import { JobController } from './job/job.controller.js';
import { Grants } from './live/grants.js';
import { LiveController } from './live/live.controller.js';
import { LiveFeed } from './live/feed.js';
import { Presence } from './live/presence.js';
import { RawMailController } from './file/raw-mail.controller.js';
import { operationControllers } from './operation/operation.controllers.js';
import { ProblemFilter } from './problem.filter.js';
import { ActorTokens } from './session/actor-tokens.js';
import { RateLimits } from './session/rate-limits.js';
import { StopController } from './stop/stop.controller.js';

/** The way in from the web: no data of its own. */
@Module({
  imports: [BusModule.forService('gateway')],
  controllers: [
    HealthController,
    EntryController,
    FileController,
    RawMailController,
    JobController,
    LiveController,
    StopController,
    ...operationControllers(registry),
  ],
  providers: [
    ActorTokens,
    RateLimits,
    Grants,
    LiveFeed,
    Presence,
    { provide: APP_GUARD, useClass: DeclaredGuard },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
})
export class AppModule {}
