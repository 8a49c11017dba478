import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { ServiceModule } from '@sportello/service';
import { Forwarders } from './forwarding/forwarders.js';
import { ForwardingOperations } from './forwarding/forwarding.operations.js';
import { ImapFetchers } from './imap/imap.jobs.js';
import { ImapOperations } from './imap/imap.operations.js';
import { MailTestSender } from './mail-test/mail-test.jobs.js';
import { MailTestOperations } from './mail-test/mail-test.operations.js';
import { PersonOperations } from './person/person.operations.js';
import { PersonSubscriptions } from './person/person.subscriptions.js';
import { QuarantineOperations } from './quarantine/quarantine.operations.js';
import { MailDelivery } from './spool/delivery.jobs.js';
import { Intake } from './spool/intake.jobs.js';
import { MailReceivers } from './receiver/receiver.jobs.js';
import { SpoolOperations } from './spool/spool.operations.js';
import { SpoolWorkers } from './spool/spool.jobs.js';
import { Authenticator } from './spool/authentication.queries.js';
import { DNS, systemDns } from './spool/dns.js';
import { Recipients } from './receiver/recipient.queries.js';

/** Inbound mail: receivers write it down whole, workers take it through its steps. */
@Module({
  imports: [
    ServiceModule.forService({
      name: 'mail-ingest',
      migrations: join(import.meta.dirname, 'migrations'),
      entities: [],
    }),
  ],
  controllers: [
    ForwardingOperations,
    ImapOperations,
    MailTestOperations,
    PersonOperations,
    QuarantineOperations,
    SpoolOperations,
  ],
  providers: [
    Authenticator,
    { provide: DNS, useFactory: systemDns },
    Forwarders,
    ImapFetchers,
    Intake,
    MailDelivery,
    MailReceivers,
    MailTestSender,
    PersonSubscriptions,
    Recipients,
    SpoolWorkers,
  ],
})
export class AppModule {}
