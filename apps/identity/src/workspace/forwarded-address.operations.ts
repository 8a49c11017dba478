import { Controller, Inject } from '@nestjs/common';
import {
  addForwardedAddress,
  addressTaken,
  confirmForwarding,
  listForwardedAddresses,
  notFound,
  removeForwardedAddress,
  type AddForwardedAddress,
  type ById,
  type ConfirmForwarding,
} from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { normaliseAddress } from '@sportello/mail';
import { type Database } from '@sportello/persistence';
import { DATABASE, Handles, type Context } from '@sportello/service';
import { sql } from 'kysely';
import { ForwardedAddress } from './forwarded-address.entity.js';
import { isAddressInUse, lockWorkspace } from './workspace.queries.js';

@Controller()
export class ForwardedAddressOperations {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  @Handles(listForwardedAddresses)
  async list(_input: object, { em, workspaceId }: Context) {
    const found = await em.find(ForwardedAddress, { workspaceId }, { orderBy: { address: 'asc' }, limit: 500 });
    return { data: found.map(({ id, address, confirmedAt = null }) => ({ id, address, confirmedAt })) };
  }

  @Handles(addForwardedAddress)
  async add({ address: typed }: AddForwardedAddress, ctx: Context) {
    const address = normaliseAddress(typed);
    // Two workspaces that claim the same address at the same moment: the second waits here, then sees it taken.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`forwarded ${address}`}, 0))`.execute(ctx.db<never>());
    if (await isAddressInUse(this.database, address)) throw new Refusal(addressTaken);
    const { workspaceId, now: createdAt } = ctx;
    const parts = { workspaceId, id: ctx.newId(), address, confirmedAt: null, createdAt };
    return ctx.add(Object.assign(new ForwardedAddress(), parts));
  }

  /** Answers no longer leave from it either. */
  @Handles(removeForwardedAddress)
  async remove({ id }: ById, ctx: Context) {
    const { em, workspaceId } = ctx;
    const workspace = await lockWorkspace(ctx);
    const forwarded = await em.findOne(ForwardedAddress, { workspaceId, id });
    if (!forwarded) throw new Refusal(notFound);
    if (workspace.replyAddress === forwarded.address) workspace.change({ replyAddress: null });
    em.remove(forwarded);
    return {};
  }

  /** Says nothing of an address that was forgotten meanwhile: the mail has come, and that is all there is to do. */
  @Handles(confirmForwarding)
  async confirm({ address }: ConfirmForwarding, { em, workspaceId, now }: Context) {
    await em.nativeUpdate(ForwardedAddress, { workspaceId, address: normaliseAddress(address) }, { confirmedAt: now });
    return {};
  }
}
