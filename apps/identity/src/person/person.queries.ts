import { Customer as CustomerDto, emailTaken, User as UserDto } from '@sportello/contracts';
import { declaredOnly, Refusal } from '@sportello/kernel';
import { normaliseAddress } from '@sportello/mail';
import { type PersonRef } from '@sportello/permissions';
import { type Context } from '@sportello/service';
import { sql } from 'kysely';
import { Customer } from '../customer/customer.entity.js';
import { readCustomer } from '../customer/customer.queries.js';
import { Session } from '../session/session.entity.js';
import { ApiToken } from '../token/token.entity.js';
import { User } from '../user/user.entity.js';
import { readUser } from '../user/user.queries.js';

/**
 * Lets one transaction at a time decide whose an address is: two mails of a new sender, worked on side by side, make one customer. A unique
 * index alone would fail the second mail instead of finding the first one's customer, and knows nothing of users.
 */
export async function lockAddress(ctx: Context, email: string): Promise<void> {
  const name = `address ${ctx.workspaceId} ${normaliseAddress(email)}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(ctx.db<never>());
}

/** The user or customer with an address, a user first: their mail is a user's, also where an old customer record has the same address. */
export async function findByAddress(ctx: Context, email: string): Promise<User | Customer | null> {
  const where = { workspaceId: ctx.workspaceId, email: normaliseAddress(email) };
  return (await ctx.em.findOne(User, where)) ?? ctx.em.findOne(Customer, where);
}

/** @throws Refusal `email_taken` when it is somebody else's */
export async function claimAddress(ctx: Context, email: string, owner: string | null = null): Promise<string> {
  await lockAddress(ctx, email);
  const other = await findByAddress(ctx, email);
  if (other && other.id !== owner) throw new Refusal(emailTaken);
  return normaliseAddress(email);
}

/** What this service keeps of a person: everything but secrets. @throws Refusal `not_found`, also for who was erased */
export async function readOwnPart(ctx: Context, { kind, id }: PersonRef): Promise<object> {
  if (kind === 'customer') return { customer: declaredOnly(CustomerDto, await readCustomer(ctx, id)) };
  const where = { workspaceId: ctx.workspaceId, userId: id };
  const user = declaredOnly(UserDto, await readUser(ctx, id));
  const sessions = await ctx.em.find(Session, where, { orderBy: { createdAt: 'asc' } });
  const tokens = await ctx.em.find(ApiToken, where, { orderBy: { createdAt: 'asc' } });
  return {
    user,
    sessions: sessions.map(({ userAgent, createdAt, lastSeenAt }) => ({ userAgent, createdAt, lastSeenAt })),
    tokens: tokens.map(({ name, createdAt, lastUsedAt = null }) => ({ name, createdAt, lastUsedAt })),
  };
}

/** Every address the person has or had: the other services know them by these. */
export async function readAddresses(ctx: Context, { kind, id }: PersonRef): Promise<string[]> {
  const where = { workspaceId: ctx.workspaceId, id };
  if (kind === 'customer') return (await ctx.em.findOneOrFail(Customer, where)).addresses;
  const { email } = await ctx.em.findOneOrFail(User, where);
  return email ? [email] : [];
}
