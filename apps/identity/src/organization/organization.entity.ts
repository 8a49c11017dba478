import { domainToASCII } from 'node:url';
import { defineEntity, p } from '@mikro-orm/postgresql';
import { domainIsPublic, organizationChanged, type OrganizationFacts } from '@sportello/contracts';
import { invalidInput, Refusal } from '@sportello/kernel';
import { isPublicDomain } from '@sportello/mail';
import { record } from '@sportello/persistence';

export const OrganizationSchema = defineEntity({
  name: 'Organization',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    name: p.text(),
    domains: p.array(),
    defaultProjectId: p.uuid().nullable(),
    defaultTeamId: p.uuid().nullable(),
    note: p.text(),
    createdAt: p.datetime(),
    seq: p.integer(),
  },
});

/** What a change may set; what is absent stays. */
export interface OrganizationChange {
  name?: string;
  domains?: readonly string[];
  defaultTeamId?: string | null;
  note?: string;
}

/** The customers' company. */
export class Organization extends OrganizationSchema.class {
  static create(parts: { workspaceId: string; id: string; name: string; now: Date }): Organization {
    const { now, ...rest } = parts;
    return Object.assign(new Organization(), {
      ...rest,
      domains: [],
      defaultProjectId: null,
      defaultTeamId: null,
      note: '',
      createdAt: now,
      seq: 0,
    });
  }

  /**
   * Applies the change and records it.
   * @returns domains that it did not have before: customers there without an organization join
   * @throws Refusal `domain_is_public`, `invalid_input`
   */
  change({ domains, ...fields }: OrganizationChange): string[] {
    const tidy = domains?.map(tidyDomain);
    const open = tidy?.find(isPublicDomain);
    if (open)
      throw new Refusal(domainIsPublic, {
        detail: `Anybody can have an address at ${open}, so it cannot tell which company somebody belongs to.`,
      });
    const wanted = { ...fields, ...(tidy && { domains: [...new Set(tidy)] }) };
    const gained = wanted.domains?.filter((domain) => !this.domains.includes(domain)) ?? [];
    const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
    Object.assign(this, Object.fromEntries(given));
    record(this, organizationChanged, this.facts(), { changed: given.map(([name]) => name) });
    return gained;
  }

  /** It no longer assigns to a team that was removed. */
  forgetTeam(): void {
    this.change({ defaultTeamId: null });
  }

  facts(): OrganizationFacts {
    const { id, name, domains, defaultProjectId = null, defaultTeamId = null } = this;
    return { id, name, domains, defaultProjectId, defaultTeamId, removed: false };
  }
}
OrganizationSchema.setClass(Organization);

/** "@Rossi.it" and "https://rossi.it/" are what people type for rossi.it. @throws Refusal `invalid_input` for what is no domain */
function tidyDomain(typed: string): string {
  const bare = typed
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/^@/, '')
    .replace(/[/.]+$/, '');
  // Mail is looked up by the domain in ASCII, however it was written.
  const domain = domainToASCII(bare);
  if (/^([a-z0-9_-]+\.)+[a-z0-9-]{2,}$/.test(domain)) return domain;
  throw new Refusal(invalidInput, { errors: [{ field: 'domains', message: `"${bare}" is no mail domain` }] });
}
