import {
  Choice,
  defineError,
  defineEvent,
  EmailAddress,
  Flag,
  Id,
  Instant,
  Integer,
  Json,
  Nested,
  Nothing,
  Text,
} from '@sportello/kernel';
import { defineOperation } from '../define.js';
import { ById, FormerIdentity, languages, ListInput, NamedRef, Person, pageOf, type Language } from '../shared.js';
import { lastAdministrator, userChanged } from './user.js';

/** A person served. */
export class Customer {
  @Id() id!: string;
  @Text({ max: 200 }) name!: string;
  @EmailAddress({ nullable: true }) email!: string | null;
  @Text({ max: 50, nullable: true }) phone!: string | null;
  @Choice(languages, { nullable: true, description: "The workspace's when null" }) language!: Language | null;
  @Nested(() => NamedRef, { nullable: true }) organization!: NamedRef | null;
  @Text({ max: 4000 }) note!: string;
  @Instant() createdAt!: Date;
  @Integer() version!: number;
}

export class CustomerPage extends pageOf(Customer) {}

export class ListCustomers extends ListInput {
  @Text({ max: 200, optional: true, description: 'Part of the name or address' }) text?: string;
  @Id({ optional: true }) organizationId?: string;
}

export class CreateCustomer {
  @Text({ min: 1, max: 200 }) name!: string;
  @EmailAddress({ optional: true, nullable: true }) email?: string | null;
  @Text({ max: 50, optional: true, nullable: true }) phone?: string | null;
  @Choice(languages, { optional: true, nullable: true }) language?: Language | null;
  @Id({ optional: true, nullable: true }) organizationId?: string | null;
  @Text({ max: 4000, optional: true }) note?: string;
}

export class ChangeCustomer {
  @Id() id!: string;
  @Text({ min: 1, max: 200, optional: true }) name?: string;
  @EmailAddress({ optional: true, nullable: true }) email?: string | null;
  @Text({ max: 50, optional: true, nullable: true }) phone?: string | null;
  @Choice(languages, { optional: true, nullable: true }) language?: Language | null;
  @Id({ optional: true, nullable: true }) organizationId?: string | null;
  @Text({ max: 4000, optional: true }) note?: string;
}

/** The customers' company. */
export class Organization {
  @Id() id!: string;
  @Text({ max: 200 }) name!: string;
  @Text({ max: 253, many: 100, description: 'Mail domains; never a public one such as gmail.com' }) domains!: string[];
  @Id({ nullable: true, description: 'The project that its requests land in; "Support" when null' })
  defaultProjectId!: string | null;
  @Nested(() => NamedRef, { nullable: true, description: 'The team that its requests are assigned to' })
  defaultTeam!: NamedRef | null;
  @Integer() customerCount!: number;
  @Text({ max: 4000 }) note!: string;
  @Instant() createdAt!: Date;
  @Integer() version!: number;
}

export class OrganizationPage extends pageOf(Organization) {}

export class ListOrganizations extends ListInput {
  @Text({ max: 200, optional: true }) text?: string;
}

export class CreateOrganization {
  @Text({ min: 1, max: 200 }) name!: string;
  @Text({ max: 253, many: 100, optional: true }) domains?: string[];
  @Id({ optional: true, nullable: true }) defaultTeamId?: string | null;
  @Text({ max: 4000, optional: true }) note?: string;
}

export class ChangeOrganization {
  @Id() id!: string;
  @Text({ min: 1, max: 200, optional: true }) name?: string;
  @Text({ max: 253, many: 100, optional: true }) domains?: string[];
  @Id({ optional: true, nullable: true }) defaultTeamId?: string | null;
  @Text({ max: 4000, optional: true }) note?: string;
}

/** The sender of a mail, as mail-ingest asks for them. */
export class ResolveSender {
  @EmailAddress() email!: string;
  @Text({ max: 200 }) name!: string;
}

/** A sender who was known or has just become a customer. */
export class Sender extends Person {
  @Id({ nullable: true }) organizationId!: string | null;
  @Text({ max: 200, nullable: true }) organizationName!: string | null;
  @Id({ nullable: true }) defaultProjectId!: string | null;
  @Id({ nullable: true }) defaultTeamId!: string | null;
  @Choice(languages, { nullable: true }) language!: Language | null;
}

export class ExportPerson {
  @Choice(['user', 'customer']) kind!: 'user' | 'customer';
  @Id() id!: string;
}

/** Everything that is kept about one person, by service. */
export class PersonExport {
  @Json() identity!: object;
  @Json() tickets!: object;
  @Json() notifications!: object;
  @Json() mail!: object;
}

export const emailTaken = defineError({
  code: 'email_taken',
  status: 409,
  message: 'Somebody has this address already.',
});
export const domainTaken = defineError({
  code: 'domain_taken',
  status: 409,
  message: 'Another organization has this domain.',
});
export const domainIsPublic = defineError({
  code: 'domain_is_public',
  status: 422,
  message: 'Anybody can have an address there, so it cannot tell which company somebody belongs to.',
});

/** What other services copy of a customer. */
export class CustomerFacts {
  @Id() id!: string;
  @Text({ max: 200 }) name!: string;
  @EmailAddress({ nullable: true }) email!: string | null;
  @Id({ nullable: true }) organizationId!: string | null;
  @Choice(languages, { nullable: true }) language!: Language | null;
  @Flag() erased!: boolean;
  @Nested(() => FormerIdentity, { optional: true, nullable: true, description: 'In the event of their erasure only' })
  formerly?: FormerIdentity | null;
}

/** What other services copy of an organization. */
export class OrganizationFacts {
  @Id() id!: string;
  @Text({ max: 200 }) name!: string;
  @Text({ max: 253, many: 100 }) domains!: string[];
  @Id({ nullable: true }) defaultProjectId!: string | null;
  @Id({ nullable: true }) defaultTeamId!: string | null;
  @Flag() removed!: boolean;
}

export const customerChanged = defineEvent({
  id: 'identity.customer.changed',
  payload: CustomerFacts,
  access: ['organizationId'],
  summary: 'A customer was added, changed or erased',
});
export const organizationChanged = defineEvent({
  id: 'identity.organization.changed',
  payload: OrganizationFacts,
  access: ['removed'],
  summary: 'An organization was added, changed or removed',
});

export const listCustomers = defineOperation({
  id: 'identity.customers.list',
  http: 'GET /customers',
  permission: 'customer.view',
  input: ListCustomers,
  output: CustomerPage,
  summary: 'Customers, by name',
});
export const getCustomer = defineOperation({
  id: 'identity.customers.get',
  http: 'GET /customers/:id',
  permission: 'customer.view',
  input: ById,
  output: Customer,
  summary: 'One customer',
});
export const createCustomer = defineOperation({
  id: 'identity.customers.create',
  http: 'POST /customers',
  permission: 'customer.edit',
  input: CreateCustomer,
  output: Customer,
  status: 201,
  errors: [emailTaken],
  emits: [customerChanged],
  summary: 'Add a customer',
});
export const changeCustomer = defineOperation({
  id: 'identity.customers.change',
  http: 'PATCH /customers/:id',
  permission: 'customer.edit',
  input: ChangeCustomer,
  output: Customer,
  takesSight: true,
  errors: [emailTaken],
  emits: [customerChanged],
  summary: 'Change a customer',
});
export const erasePerson = defineOperation({
  id: 'identity.people.erase',
  http: 'DELETE /people/:kind/:id',
  permission: 'customer.erase',
  input: ExportPerson,
  output: Nothing,
  takesSight: true,
  errors: [lastAdministrator],
  emits: [customerChanged, userChanged],
  summary: 'Erase what identifies one person, everywhere; what they wrote stays without their name',
});
export const exportPerson = defineOperation({
  id: 'identity.people.export',
  http: 'GET /people/:kind/:id/export',
  permission: 'customer.erase',
  input: ExportPerson,
  output: PersonExport,
  summary: 'All that is kept about one person',
});
export const listOrganizations = defineOperation({
  id: 'identity.organizations.list',
  http: 'GET /organizations',
  permission: 'customer.view',
  input: ListOrganizations,
  output: OrganizationPage,
  summary: 'Organizations, by name',
});
export const getOrganization = defineOperation({
  id: 'identity.organizations.get',
  http: 'GET /organizations/:id',
  permission: 'customer.view',
  input: ById,
  output: Organization,
  summary: 'One organization',
});
export const createOrganization = defineOperation({
  id: 'identity.organizations.create',
  http: 'POST /organizations',
  permission: 'customer.edit',
  input: CreateOrganization,
  output: Organization,
  status: 201,
  errors: [domainTaken, domainIsPublic],
  emits: [organizationChanged],
  summary: 'Add an organization; customers with its mail domains and none of their own join it',
});
export const changeOrganization = defineOperation({
  id: 'identity.organizations.change',
  http: 'PATCH /organizations/:id',
  permission: 'customer.edit',
  input: ChangeOrganization,
  output: Organization,
  errors: [domainTaken, domainIsPublic],
  emits: [organizationChanged],
  summary: 'Change an organization',
});
export const resolveSender = defineOperation({
  id: 'identity.people.resolve-sender',
  http: null,
  permission: 'service.only',
  callers: ['mail-ingest', 'tickets'],
  input: ResolveSender,
  output: Sender,
  emits: [customerChanged],
  summary:
    'The user or customer with this address; a new customer when there is none. The same address twice is one person',
});
