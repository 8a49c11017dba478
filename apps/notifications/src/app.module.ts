import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { DIRECTORY_COPIES, DirectorySubscriptions } from '@sportello/directory';
import { CONFIG, ServiceModule, type Config } from '@sportello/service';
import { BounceOperations } from './bounce/bounce.operations.js';
import { directoryCopies } from './directory/directory.copies.js';
import { findSight } from './directory/directory.queries.js';
import { NotificationSchema } from './inbox/inbox.entity.js';
import { InboxOperations } from './inbox/inbox.operations.js';
import { AppSubscriptions } from './item/app.subscriptions.js';
import { ItemSchema } from './item/item.entity.js';
import { StopOperations } from './item/stop.operations.js';
import { ItemSubscriptions } from './item/item.subscriptions.js';
import { openCarrier } from './outbound/carrier.js';
import { LinkSubscriptions } from './outbound/link.subscriptions.js';
import { OutboundMailSchema } from './outbound/outbound.entity.js';
import { CARRIER, OutboundJobs } from './outbound/outbound.jobs.js';
import { OutboundOperations } from './outbound/outbound.operations.js';
import { PersonOperations } from './person/person.operations.js';
import { PersonSubscriptions } from './person/person.subscriptions.js';
import { TemplateOperations } from './template/template.operations.js';

/** Everything that is sent to a person. */
@Module({
  imports: [
    ServiceModule.forService({
      name: 'notifications',
      migrations: join(import.meta.dirname, 'migrations'),
      sight: findSight,
      entities: [ItemSchema, NotificationSchema, OutboundMailSchema],
    }),
  ],
  controllers: [
    BounceOperations,
    InboxOperations,
    OutboundOperations,
    PersonOperations,
    StopOperations,
    TemplateOperations,
  ],
  providers: [
    { provide: CARRIER, inject: [CONFIG], useFactory: (config: Config) => openCarrier(config) },
    { provide: DIRECTORY_COPIES, useValue: directoryCopies },
    OutboundJobs,
    DirectorySubscriptions,
    AppSubscriptions,
    ItemSubscriptions,
    LinkSubscriptions,
    PersonSubscriptions,
  ],
})
export class AppModule {}
