/** The sections of the settings, in order; `permission`: who sees one. */
export const settingsIndex = [
  { section: 'account', permission: 'self.manage' },
  { section: 'workspace', permission: 'workspace.manage' },
  { section: 'people', permission: 'user.manage' },
  { section: 'types', permission: 'type.manage' },
  { section: 'mail', permission: 'mail.manage' },
  { section: 'quarantine', permission: 'mail.manage' },
  { section: 'developers', permission: 'token.manage' },
] as const;

export type SettingsSection = (typeof settingsIndex)[number]['section'];
