/** The sections of the settings, in order; `permission`: who sees one. */
export const sections = [
  { section: 'account', permission: 'self.manage' },
  { section: 'workspace', permission: 'workspace.manage' },
  { section: 'people', permission: 'user.manage' },
  { section: 'types', permission: 'type.manage' },
  { section: 'mail', permission: 'mail.manage' },
  { section: 'quarantine', permission: 'mail.manage' },
  { section: 'developers', permission: 'token.manage' },
] as const;

export type SettingsSection = (typeof sections)[number]['section'];

/** Every block by its section: what the search of the settings looks through. */
export const blocks = [
  { section: 'account', id: 'profile' },
  { section: 'account', id: 'notifications' },
  { section: 'account', id: 'working' },
  { section: 'account', id: 'password' },
  { section: 'account', id: 'sessions' },
  { section: 'workspace', id: 'company' },
  { section: 'workspace', id: 'sight' },
  { section: 'workspace', id: 'grace' },
  { section: 'workspace', id: 'apps' },
  { section: 'people', id: 'users' },
  { section: 'people', id: 'invitations' },
  { section: 'people', id: 'teams' },
  { section: 'types', id: 'types' },
  { section: 'types', id: 'statuses' },
  { section: 'types', id: 'moves' },
  { section: 'mail', id: 'inbound' },
  { section: 'mail', id: 'forwarded' },
  { section: 'mail', id: 'reply' },
  { section: 'mail', id: 'templates' },
  { section: 'mail', id: 'imap' },
  { section: 'mail', id: 'dkim' },
  { section: 'quarantine', id: 'quarantine' },
  { section: 'developers', id: 'tokens' },
  { section: 'developers', id: 'api' },
] as const satisfies { section: SettingsSection; id: string }[];
