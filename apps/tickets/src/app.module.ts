import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { grantOnBehalf, ticketsJobs } from '@sportello/contracts';
import { DIRECTORY_COPIES, DirectorySubscriptions } from '@sportello/directory';
import { ServiceModule } from '@sportello/service';
import { AccessOperations } from './access/access.operations.js';
import { findSight } from './access/access.queries.js';
import { MessageSchema, MessageRevisionSchema, ThreadSchema } from './conversation/conversation.entity.js';
import { ConversationOperations } from './conversation/conversation.operations.js';
import { DeliverySubscriptions } from './conversation/conversation.subscriptions.js';
import { directoryCopies } from './directory/directory.copies.js';
import { StoredFileSchema } from './file/file.entity.js';
import { FileSweeper } from './file/file.jobs.js';
import { FileOperations } from './file/file.operations.js';
import { ActivitySchema } from './item/activity.entity.js';
import { ItemSchema } from './item/item.entity.js';
import { ChangeItemsJob } from './item/item.jobs.js';
import { ItemOperations } from './item/item.operations.js';
import { ItemTypeSchema, StatusSchema } from './lifecycle/lifecycle.entity.js';
import { RemoveStatusJob, SetStatusStateJob } from './lifecycle/lifecycle.jobs.js';
import { LifecycleOperations } from './lifecycle/lifecycle.operations.js';
import { LifecycleSubscriptions } from './lifecycle/lifecycle.subscriptions.js';
import { MailOperations } from './mail/mail.operations.js';
import { PersonEraser } from './person/person.jobs.js';
import { PersonOperations } from './person/person.operations.js';
import { PersonSubscriptions } from './person/person.subscriptions.js';
import { SnapshotOperations } from './snapshot/snapshot.operations.js';
import { ViewOperations } from './view/view.operations.js';

/** Items of every type with everything on them. */
@Module({
  imports: [
    ServiceModule.forService({
      name: 'tickets',
      migrations: join(import.meta.dirname, 'migrations'),
      sight: findSight,
      jobs: { ...ticketsJobs, grant: grantOnBehalf },
      entities: [
        ActivitySchema,
        ItemSchema,
        ItemTypeSchema,
        MessageRevisionSchema,
        MessageSchema,
        StatusSchema,
        StoredFileSchema,
        ThreadSchema,
      ],
    }),
  ],
  controllers: [
    AccessOperations,
    ChangeItemsJob,
    ConversationOperations,
    FileOperations,
    ItemOperations,
    LifecycleOperations,
    MailOperations,
    PersonOperations,
    RemoveStatusJob,
    SetStatusStateJob,
    SnapshotOperations,
    ViewOperations,
  ],
  providers: [
    { provide: DIRECTORY_COPIES, useValue: directoryCopies },
    DeliverySubscriptions,
    DirectorySubscriptions,
    FileSweeper,
    LifecycleSubscriptions,
    PersonEraser,
    PersonSubscriptions,
  ],
})
export class AppModule {}
