import { notFound, type Customer as CustomerDto, type Language } from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { domainOf } from '@sportello/mail';
import { type Context } from '@sportello/service';
import { sql } from 'kysely';
import { inOrder, pageByName } from '../person/by-name.queries.js';

interface CustomerRow {
  id: string;
  name: string;
  email: string | null;
  phone: string | null;
  language: Language | null;
  organization: { id: string; name: string } | null;
  note: string;
  created_at: Date;
  seq: number;
}

/** A search that matches more has its first 2,000 only: who looks for somebody types another letter. */
const mostFound = 2000;

/** Customers by name; of an organization, or with a text in name or address, where given. */
export async function listCustomersByName(
  ctx: Context,
  { text, organizationId, ...page }: { text?: string; organizationId?: string; cursor?: string; limit?: number },
): Promise<{ data: CustomerDto[]; nextCursor: string | null }> {
  const search = sql<boolean>`id in (select customer_id from search_customers(${ctx.workspaceId}, ${text ?? ''}, ${mostFound}))`;
  const conditions = [
    sql<boolean>`erased_at is null`,
    ...(text?.trim() ? [search] : []),
    ...(organizationId ? [sql<boolean>`organization_id = ${organizationId}`] : []),
  ];
  const { ids, nextCursor } = await pageByName(ctx, { table: 'customer', conditions, ...page });
  return { data: await readCustomers(ctx, ids), nextCursor };
}

/** Customers by id, in that order; who was erased is left out. */
async function readCustomers(ctx: Context, ids: readonly string[]): Promise<CustomerDto[]> {
  if (!ids.length) return [];
  const { rows } = await sql<CustomerRow>`
    select c.id, c.name, c.email, c.phone, c.language, c.note, c.created_at, c.seq,
      (select json_build_object('id', o.id, 'name', o.name) from organization o
       where o.workspace_id = c.workspace_id and o.id = c.organization_id) as organization
    from customer c
    where c.workspace_id = ${ctx.workspaceId} and c.id = any(${[...ids]}::uuid[]) and c.erased_at is null`.execute(
    ctx.db<never>(),
  );
  const customers = rows.map(({ created_at: createdAt, seq: version, ...row }) => ({ ...row, createdAt, version }));
  return inOrder(ids, customers);
}

/** @throws Refusal `not_found` */
export async function readCustomer(ctx: Context, id: string): Promise<CustomerDto> {
  const [customer] = await readCustomers(ctx, [id]);
  if (!customer) throw new Refusal(notFound);
  return customer;
}

/** The organization that an address belongs to by its mail domain. */
export async function organizationOfAddress(ctx: Context, email: string): Promise<string | null> {
  const { rows } = await sql<{ organization_id: string }>`
    select organization_id from organization_domain
    where workspace_id = ${ctx.workspaceId} and domain = ${domainOf(email)}`.execute(ctx.db<never>());
  return rows[0]?.organization_id ?? null;
}
