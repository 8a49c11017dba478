import { Controller } from '@nestjs/common';
import { resolveSender, type ResolveSender, type Sender } from '@sportello/contracts';
import { normaliseAddress } from '@sportello/mail';
import { Handles, type Context } from '@sportello/service';
import { Organization } from '../organization/organization.entity.js';
import { findByAddress, lockAddress } from '../person/person.queries.js';
import { User } from '../user/user.entity.js';
import { Customer } from './customer.entity.js';
import { organizationOfAddress } from './customer.queries.js';

@Controller()
export class SenderOperations {
  @Handles(resolveSender)
  async resolve({ email, name }: ResolveSender, ctx: Context): Promise<Sender> {
    // Looked up without the lock first: nearly every mail is of somebody known.
    const known = (await findByAddress(ctx, email)) ?? (await this.makeCustomer(ctx, email, name));
    const kind = known instanceof User ? 'user' : 'customer';
    const organizationId = known instanceof Customer ? (known.organizationId ?? null) : null;
    const organization =
      organizationId && (await ctx.em.findOne(Organization, { workspaceId: ctx.workspaceId, id: organizationId }));
    return {
      ...{ kind, id: known.id, name: known.name, email: known.email ?? null, organizationId },
      organizationName: organization ? organization.name : null,
      defaultProjectId: organization ? (organization.defaultProjectId ?? null) : null,
      defaultTeamId: organization ? (organization.defaultTeamId ?? null) : null,
      language: known.language ?? null,
    };
  }

  private async makeCustomer(ctx: Context, typed: string, name: string): Promise<User | Customer> {
    await lockAddress(ctx, typed);
    const meanwhile = await findByAddress(ctx, typed);
    if (meanwhile) return meanwhile;
    const email = normaliseAddress(typed);
    const { workspaceId, now } = ctx;
    const parts = { workspaceId, id: ctx.newId(), now, email, name: name.trim() || nameFrom(email) };
    return ctx.add(Customer.create({ ...parts, organizationId: await organizationOfAddress(ctx, email) }));
  }
}

/** Who gives no name is called what stands before the @. */
function nameFrom(email: string): string {
  return email.slice(0, email.lastIndexOf('@')).slice(0, 200);
}
