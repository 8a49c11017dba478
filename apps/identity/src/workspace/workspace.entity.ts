import { defineEntity, p } from '@mikro-orm/postgresql';
import {
  unknownTimeZone,
  workspaceChanged,
  workspaceCreated,
  type Language,
  type WorkspaceFacts,
} from '@sportello/contracts';
import { apps, Refusal, type App } from '@sportello/kernel';
import { type CustomerSight } from '@sportello/permissions';
import { record } from '@sportello/persistence';

export const WorkspaceSchema = defineEntity({
  name: 'Workspace',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    slug: p.string(),
    name: p.text(),
    language: p.string().$type<Language>(),
    timeZone: p.string(),
    customerSight: p.string().$type<CustomerSight>(),
    graceSeconds: p.integer(),
    apps: p.array().$type<App[]>(),
    inboundAddress: p.string(),
    replyAddress: p.string().nullable(),
    supportProjectId: p.uuid(),
    everyoneTeamId: p.uuid(),
    createdAt: p.datetime(),
    seq: p.integer(),
  },
});

/** What a new workspace is made of. */
export interface WorkspaceParts {
  id: string;
  slug: string;
  name: string;
  language: Language;
  timeZone: string;
  inboundAddress: string;
  supportProjectId: string;
  everyoneTeamId: string;
  now: Date;
}

/** What a change may set; what is absent stays. */
export interface WorkspaceChange {
  name?: string;
  language?: Language;
  timeZone?: string;
  customerSight?: CustomerSight;
  graceSeconds?: number;
  replyAddress?: string | null;
}

/** Two weeks: long enough for "it is broken again", short enough that an old ticket does not come back as new work. */
const usualGraceSeconds = 14 * 86_400;

/** A tenant: the company that runs its desk here. */
export class Workspace extends WorkspaceSchema.class {
  static create({ now, timeZone, ...parts }: WorkspaceParts): Workspace {
    const workspace = Object.assign(new Workspace(), {
      ...parts,
      workspaceId: parts.id,
      timeZone: knownTimeZone(timeZone),
      customerSight: 'own' as const,
      graceSeconds: usualGraceSeconds,
      apps: [...apps] as App[],
      replyAddress: null,
      createdAt: now,
      seq: 0,
    });
    record(workspace, workspaceCreated, workspace.facts());
    return workspace;
  }

  change(change: WorkspaceChange): void {
    if (change.timeZone !== undefined) change = { ...change, timeZone: knownTimeZone(change.timeZone) };
    const changed = Object.entries(change).filter(
      ([name, value]) => value !== undefined && this[name as keyof WorkspaceChange] !== value,
    );
    if (!changed.length) return;
    Object.assign(this, Object.fromEntries(changed));
    record(this, workspaceChanged, this.facts(), { changed: changed.map(([name]) => name) });
  }

  /** @returns whether it was otherwise: actor tokens that were given out are no longer true then */
  switchApp(app: App, on: boolean): boolean {
    if (this.apps.includes(app) === on) return false;
    this.apps = apps.filter((each) => (each === app ? on : this.apps.includes(each)));
    record(this, workspaceChanged, this.facts(), { changed: ['apps'] });
    return true;
  }

  /** The old address stops at once. */
  renewInboundAddress(address: string): void {
    this.inboundAddress = address;
    record(this, workspaceChanged, this.facts(), { changed: ['inboundAddress'] });
  }

  facts(): WorkspaceFacts {
    const { id, slug, name, language, timeZone, customerSight, graceSeconds, apps: on } = this;
    const { supportProjectId, everyoneTeamId, inboundAddress, replyAddress = null } = this;
    const settings = { id, slug, name, language, timeZone, customerSight, graceSeconds, apps: on };
    return { ...settings, supportProjectId, everyoneTeamId, inboundAddress, replyAddress };
  }
}
WorkspaceSchema.setClass(Workspace);

/**
 * An address that nobody guesses: the slug for whoever reads it, then 20 of the word's letters, which are 100 random bits. At most 61
 * characters before the @, where 64 are allowed.
 */
export function inboundAddressOf(slug: string, secret: string, mailDomain: string): string {
  return `${slug}-${secret.slice(0, 20)}@${mailDomain}`;
}

/** @throws Refusal `unknown_time_zone`; offsets such as "+01:00" are none, because they know no daylight saving */
function knownTimeZone(name: string): string {
  try {
    if (!/^[A-Za-z]/.test(name)) throw new RangeError();
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    throw new Refusal(unknownTimeZone);
  }
}
