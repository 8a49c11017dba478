import { Inject, Injectable } from '@nestjs/common';
import { findWorkspaceByAddress, type MailWorkspace } from '@sportello/contracts';
import { normaliseAddress, splitTag } from '@sportello/mail';
import { CLIENT, type OperationClient } from '@sportello/service';
import { isAddress } from '../spool/received.js';

/** How long an answer of identity's is believed: a renewed address stops within this. "Nobody" is asked again each time. */
const believedMilliseconds = 5_000;
const mostKnown = 10_000;

/** Which workspace an address belongs to. */
@Injectable()
export class Recipients {
  readonly #known = new Map<string, { workspace: MailWorkspace; until: number }>();

  constructor(@Inject(CLIENT) private readonly client: OperationClient) {}

  /**
   * The workspace of a recipient, with or without one of our tags. Null: nobody here.
   * @throws Refusal `service_unavailable` while identity does not answer: the sender should try again
   */
  async find(recipient: string): Promise<MailWorkspace | null> {
    const address = normaliseAddress(splitTag(recipient).address);
    if (!isAddress(address)) return null;
    const now = Date.now();
    const known = this.#known.get(address);
    if (known && known.until > now) return known.workspace;
    const { data } = await this.client.callAsSelf(findWorkspaceByAddress, { addresses: [address] }, null);
    const workspace = data[0] ?? null;
    if (this.#known.size >= mostKnown) this.#known.clear();
    if (workspace) this.#known.set(address, { workspace, until: now + believedMilliseconds });
    else this.#known.delete(address);
    return workspace;
  }
}
