import { defineEntity, p } from '@mikro-orm/postgresql';
import { userChanged, type Language, type UserFacts } from '@sportello/contracts';
import { apps, type App } from '@sportello/kernel';
import { userFlags, type UserActor, type UserFlag, type WorkspaceRole } from '@sportello/permissions';
import { record } from '@sportello/persistence';

export const UserSchema = defineEntity({
  name: 'User',
  tableName: 'account',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    name: p.text(),
    email: p.string().nullable(),
    role: p.string().$type<WorkspaceRole>(),
    flags: p.array().$type<UserFlag[]>(),
    apps: p.array().$type<App[]>(),
    teamIds: p.array(),
    language: p.string().$type<Language>(),
    active: p.boolean(),
    epoch: p.integer(),
    lastSeenAt: p.datetime().nullable(),
    createdAt: p.datetime(),
    erasedAt: p.datetime().nullable(),
    seq: p.integer(),
  },
});

/** What a new user is made of. */
export interface UserParts {
  workspaceId: string;
  id: string;
  name: string;
  email: string;
  role: WorkspaceRole;
  teamIds: readonly string[];
  language: Language;
  now: Date;
}

/** What a change may set; what is absent stays. */
export interface UserChange {
  name?: string;
  language?: Language;
  role?: WorkspaceRole;
  flags?: readonly UserFlag[];
  apps?: readonly App[];
  teamIds?: readonly string[];
  active?: boolean;
}

/** What an actor token says of a user: it is void once one of these changes. */
const inActorToken: readonly (keyof UserChange)[] = ['role', 'flags', 'apps', 'teamIds', 'active'];

/** A person of the team. */
export class User extends UserSchema.class {
  /** Starts with what most members need: to answer customers and to show them things. */
  static create({ now, teamIds, ...parts }: UserParts): User {
    const user = Object.assign(new User(), {
      ...parts,
      flags: ['publish', 'reply'] as UserFlag[],
      apps: [...apps],
      teamIds: [...new Set(teamIds)],
      active: true,
      epoch: 1,
      lastSeenAt: null,
      createdAt: now,
      erasedAt: null,
      seq: 0,
    });
    record(user, userChanged, user.facts());
    return user;
  }

  /** Applies what differs and records it. @returns whether tokens that were given out are no longer true */
  change(change: UserChange): boolean {
    const changed = (Object.keys(change) as (keyof UserChange)[]).filter((name) => differs(this[name], change[name]));
    if (!changed.length) return false;
    for (const name of changed) {
      const value = change[name];
      Object.assign(this, { [name]: Array.isArray(value) ? [...new Set(value)] : value });
    }
    record(this, userChanged, this.facts(), { changed });
    return changed.some((name) => inActorToken.includes(name));
  }

  /** Takes away what identifies the person; what they did stays, done by nobody in particular. */
  erase(name: string, now: Date): void {
    const formerly = { name: this.name, addresses: this.email ? [this.email] : [] };
    Object.assign(this, { name, email: null, active: false, teamIds: [], erasedAt: now });
    record(this, userChanged, { ...this.facts(), formerly }, { changed: ['name', 'email', 'active', 'teamIds'] });
  }

  /**
   * An administrator has every flag and app, whatever was ticked before they became one; nobody has an app that is switched off.
   * @param on the workspace's apps
   */
  actor(on: readonly App[], granted: { session: string } | { scopes: readonly string[] | null }): UserActor {
    const { workspaceId: workspace, id, role, teamIds: teams, epoch } = this;
    const all = role === 'administrator';
    const given = {
      flags: all ? [...userFlags] : this.flags,
      apps: on.filter((app) => all || this.apps.includes(app)),
    };
    return { kind: 'user', id, workspace, role, teams, ...given, scopes: null, epoch, ...granted };
  }

  facts(): UserFacts {
    const { id, name, email = null, role, flags, apps: mayUse, teamIds, language, active } = this;
    return { id, name, email, role, flags, apps: mayUse, teamIds, language, active };
  }
}
UserSchema.setClass(User);

function differs(present: unknown, wanted: unknown): boolean {
  if (wanted === undefined) return false;
  const comparable = (value: unknown) => (Array.isArray(value) ? [...new Set(value)].sort().join() : value);
  return comparable(present) !== comparable(wanted);
}
