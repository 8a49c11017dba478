import { Controller } from '@nestjs/common';
import {
  changeCustomer,
  createCustomer,
  getCustomer,
  listCustomers,
  notFound,
  type ById,
  type ChangeCustomer,
  type CreateCustomer,
  type ListCustomers,
} from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { Handles, type Context } from '@sportello/service';
import { Organization } from '../organization/organization.entity.js';
import { claimAddress } from '../person/person.queries.js';
import { Customer } from './customer.entity.js';
import { listCustomersByName, organizationOfAddress, readCustomer } from './customer.queries.js';

@Controller()
export class CustomerOperations {
  @Handles(listCustomers)
  list(input: ListCustomers, ctx: Context) {
    return listCustomersByName(ctx, input);
  }

  @Handles(getCustomer)
  get({ id }: ById, ctx: Context) {
    return readCustomer(ctx, id);
  }

  @Handles(createCustomer)
  async create({ email: typed, organizationId: chosen, ...parts }: CreateCustomer, ctx: Context) {
    const email = typed ? await claimAddress(ctx, typed) : null;
    await requireOrganization(ctx, chosen);
    // Null is a choice: of no organization, whatever the address says.
    const organizationId = chosen === undefined && email ? await organizationOfAddress(ctx, email) : chosen;
    const { workspaceId, now } = ctx;
    const customer = Customer.create({ workspaceId, id: ctx.newId(), now, ...parts, email, organizationId });
    ctx.add(customer);
    return () => readCustomer(ctx, customer.id);
  }

  @Handles(changeCustomer)
  async change({ id, email: typed, ...change }: ChangeCustomer, ctx: Context) {
    const customer = await ctx.load(Customer, id, notFound);
    if (customer.erasedAt) throw new Refusal(notFound);
    const email = typed ? await claimAddress(ctx, typed, id) : typed;
    await requireOrganization(ctx, change.organizationId);
    customer.change({ ...change, email });
    return () => readCustomer(ctx, id);
  }
}

async function requireOrganization(ctx: Context, id: string | null | undefined): Promise<void> {
  if (id && !(await ctx.em.findOne(Organization, { workspaceId: ctx.workspaceId, id })))
    throw new Refusal(notFound, { detail: 'There is no such organization here.' });
}
