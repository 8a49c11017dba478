import { Inject, Injectable } from '@nestjs/common';
import { findWorkspaceByAddress, getMailIdentity } from '@sportello/contracts';
import { WORKSPACE_HEADER } from '@sportello/mail';
import { type Database } from '@sportello/persistence';
import { CLIENT, CONFIG, DATABASE, ServiceLog, type Config, type OperationClient } from '@sportello/service';
import { createTransport } from 'nodemailer';
import { MailReceivers } from '../receiver/receiver.jobs.js';

/**
 * Sends test mails, by itself: a mail of notifications is about an item, has a person to answer it and a place in that item's order, and this one has
 * none of that.
 */
@Injectable()
export class MailTestSender {
  readonly #log = new ServiceLog('mail-ingest', 'Test');

  constructor(
    @Inject(CLIENT) private readonly client: OperationClient,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
    private readonly receivers: MailReceivers,
  ) {}

  /** Sends it, and writes down why it could not be sent. Never throws. */
  async send(workspaceId: string, test: { id: string; address: string; token: string }): Promise<void> {
    try {
      await this.#send(workspaceId, test);
    } catch (error) {
      const { message } = error as Error;
      this.#log.warn({ test: test.id, error: message }, 'A test mail could not be sent');
      await this.database.systemPool
        .query('update test set failed = $3 where workspace_id = $1 and id = $2', [workspaceId, test.id, message])
        .catch(() => undefined);
    }
  }

  async #send(workspaceId: string, { address, token }: { address: string; token: string }): Promise<void> {
    const { name, inboundAddress } = await this.client.callAsSelf(getMailIdentity, {}, workspaceId);
    const { data } = await this.client.callAsSelf(findWorkspaceByAddress, { addresses: [address] }, null);
    if (!data.some(({ id }) => id === workspaceId))
      throw new Error(`${address} is none of this workspace's addresses.`);
    const transport = createTransport(this.#route());
    try {
      await transport.sendMail({
        from: { name, address: inboundAddress },
        to: address,
        // Nothing else: words beside it could be encoded or folded, and the token with them.
        subject: `[test ${token}]`,
        text: 'This mail shows whether mail to this address arrives. It may be deleted.\n',
        // Our own mark stops it at the step for our own mail, whatever the way added to it; no machine is to answer it.
        headers: { [WORKSPACE_HEADER]: workspaceId, 'Auto-Submitted': 'auto-generated' },
        envelope: { from: inboundAddress, to: address },
      });
    } finally {
      transport.close();
    }
  }

  /** Through the relay as all mail; in development, where no mail leaves, straight to our own receiver. */
  #route() {
    const waits = { connectionTimeout: 30_000, greetingTimeout: 20_000, socketTimeout: 60_000 };
    if (this.config.SMTP_URL) return { ...waits, url: this.config.SMTP_URL };
    const port = this.receivers.portOf('smtp');
    if (port === null) throw new Error('There is no SMTP_URL, so no mail can leave.');
    return { ...waits, host: this.config.HOST ?? '127.0.0.1', port, ignoreTLS: true };
  }
}
