import { Inject, Injectable } from '@nestjs/common';
import { confirmForwarding, type MailWorkspace } from '@sportello/contracts';
import { normaliseAddress, sameAddress, splitTag, type ParsedMail } from '@sportello/mail';
import { CLIENT, type OperationClient } from '@sportello/service';
import { type SpooledMail } from '../spool/spool.queries.js';

/** How often identity hears that mail to a forwarded address goes on arriving. */
const toldMilliseconds = 10 * 60_000;
const mostTold = 10_000;

/** Addresses of customers' companies that forward to ours. */
@Injectable()
export class Forwarders {
  readonly #told = new Map<string, number>();

  constructor(@Inject(CLIENT) private readonly client: OperationClient) {}

  /** The forwarded addresses that a mail names and that mail was known to arrive from before this one. */
  confirmed(workspace: MailWorkspace | null, mail: SpooledMail, read: ParsedMail): string[] {
    const known = workspace?.confirmedAddresses ?? [];
    return workspace
      ? forwardedAddresses(workspace, mail, read).filter((address) => known.some((each) => sameAddress(each, address)))
      : [];
  }

  /** A mail that names a forwarded address among its recipients shows that the forwarding works. */
  async note(workspace: MailWorkspace, mail: SpooledMail, read: ParsedMail | null): Promise<void> {
    for (const address of forwardedAddresses(workspace, mail, read)) {
      const key = `${workspace.id} ${address}`;
      if ((this.#told.get(key) ?? 0) + toldMilliseconds > Date.now()) continue;
      await this.confirm(workspace.id, address);
      if (this.#told.size >= mostTold) this.#told.clear();
      this.#told.set(key, Date.now());
    }
  }

  async confirm(workspaceId: string, address: string): Promise<void> {
    await this.client.callAsSelf(confirmForwarding, { address }, workspaceId);
  }
}

function forwardedAddresses(workspace: MailWorkspace, mail: SpooledMail, read: ParsedMail | null): string[] {
  const headers = [...(read?.to ?? []), ...(read?.cc ?? [])].map(({ address }) => address);
  const named = new Set([...mail.envelope_to, ...headers].map((each) => normaliseAddress(splitTag(each).address)));
  return workspace.ownAddresses
    .filter((address) => !sameAddress(address, workspace.inboundAddress))
    .filter((address) => named.has(normaliseAddress(address)));
}
