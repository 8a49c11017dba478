import { defineEntity, p } from '@mikro-orm/postgresql';
import { customerChanged, type CustomerFacts, type Language } from '@sportello/contracts';
import { domainOf } from '@sportello/mail';
import { record } from '@sportello/persistence';

export const CustomerSchema = defineEntity({
  name: 'Customer',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    name: p.text(),
    email: p.string().nullable(),
    emailDomain: p.string().nullable(),
    formerEmails: p.array(),
    phone: p.string().nullable(),
    language: p.string().$type<Language>().nullable(),
    organizationId: p.uuid().nullable(),
    note: p.text(),
    createdAt: p.datetime(),
    erasedAt: p.datetime().nullable(),
    seq: p.integer(),
  },
});

/** What a change may set; what is absent stays. */
export interface CustomerChange {
  name?: string;
  email?: string | null;
  phone?: string | null;
  language?: Language | null;
  organizationId?: string | null;
  note?: string;
}

/** A person served. */
export class Customer extends CustomerSchema.class {
  static create({
    now,
    ...parts
  }: { workspaceId: string; id: string; name: string; now: Date } & CustomerChange): Customer {
    const { email = null, phone = null, language = null, organizationId = null, note = '', ...rest } = parts;
    const customer = Object.assign(new Customer(), {
      ...rest,
      ...{ email, phone, language, organizationId, note },
      emailDomain: email && domainOf(email),
      createdAt: now,
      formerEmails: [],
      erasedAt: null,
      seq: 0,
    });
    record(customer, customerChanged, customer.facts());
    return customer;
  }

  change(change: CustomerChange): void {
    const changed = Object.entries(change).filter(
      ([name, value]) => value !== undefined && (this[name as keyof CustomerChange] ?? null) !== value,
    );
    if (!changed.length) return;
    if (change.email !== undefined && this.email && this.email !== change.email)
      this.formerEmails = [...new Set([...this.formerEmails, this.email])];
    Object.assign(this, Object.fromEntries(changed));
    this.emailDomain = this.email ? domainOf(this.email) : null;
    record(this, customerChanged, this.facts(), { changed: changed.map(([name]) => name) });
  }

  /** Takes away what identifies the person; what they wrote stays, without their name. */
  erase(name: string, now: Date): void {
    const formerly = { name: this.name, addresses: this.addresses };
    Object.assign(this, { name, email: null, emailDomain: null, phone: null, note: '', organizationId: null });
    this.formerEmails = [];
    this.erasedAt = now;
    const changed = ['name', 'email', 'phone', 'note', 'organizationId'];
    record(this, customerChanged, { ...this.facts(), formerly }, { changed });
  }

  /** Every address they have or had. */
  get addresses(): string[] {
    return [...new Set([...this.formerEmails, ...(this.email ? [this.email] : [])])];
  }

  facts(): CustomerFacts {
    const { id, name, email = null, organizationId = null, language = null } = this;
    return { id, name, email, organizationId, language, erased: Boolean(this.erasedAt) };
  }
}
CustomerSchema.setClass(Customer);
