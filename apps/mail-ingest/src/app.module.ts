import { Module } from '@nestjs/common';
import { ServiceModule } from '@sportello/service';
import { ForwardingOperations } from './forwarding/forwarding.operations.js';
import { QuarantineOperations } from './quarantine/quarantine.operations.js';
import { MailDelivery } from './spool/delivery.jobs.js';
import { Intake } from './spool/intake.jobs.js';
import { MailReceivers } from './receiver/receiver.jobs.js';
import { SpoolOperations } from './spool/spool.operations.js';
import { SpoolWorkers } from './spool/spool.jobs.js';
import { Authenticator } from './spool/authentication.queries.js';
import { Recipients } from './receiver/recipient.queries.js';

/** Inbound mail: receivers write it down whole, workers take it through its steps. */
@Module({
  imports: [ServiceModule.forService({ name: 'mail-ingest', entities: [] })],
  controllers: [ForwardingOperations, QuarantineOperations, SpoolOperations],
  providers: [Authenticator, Intake, MailDelivery, MailReceivers, Recipients, SpoolWorkers],
})
export class AppModule {}
