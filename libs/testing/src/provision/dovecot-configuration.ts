/** What a test server's configuration depends on. */
export interface DovecotConfiguration {
  dir: string;
  mailDir: string;
  logFile: string;
  port: number;
  /** Who its processes run as: Dovecot asks for names, not numbers. */
  account: { user: string; group: string };
  oauth2IntrospectionUrl?: string;
}

/** The text of dovecot.conf, in the words of the given version: 2.4 renamed most settings. */
export function dovecotConfiguration(version: string, configuration: DovecotConfiguration): string {
  const { dir, logFile, port, account } = configuration;
  const renamed = /^2\.[0-3]\./.test(version) ? in23(configuration) : in24(version, configuration);
  return `${renamed}
protocols = imap
listen = 127.0.0.1
base_dir = ${dir}/run
state_dir = ${dir}/state
log_path = ${logFile}
ssl = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
default_internal_user = ${account.user}
default_internal_group = ${account.group}
default_login_user = ${account.user}
first_valid_uid = 1
mail_uid = ${account.user}
mail_gid = ${account.group}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
namespace inbox {
  inbox = yes
}
`;
}

/** What `oauth2` reads in a file of its own in 2.3. */
export function oauth2Settings(url: string): string {
  return `introspection_url = ${url}\nintrospection_mode = post\nusername_attribute = username\n`;
}

function in23({ dir, mailDir, account, oauth2IntrospectionUrl }: DovecotConfiguration): string {
  return `
disable_plaintext_auth = no
mail_location = maildir:${mailDir}/%u
${oauth2IntrospectionUrl ? `passdb {\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = ${dir}/oauth2.conf\n}` : ''}
passdb {
  driver = passwd-file
  mechanisms = plain login
  args = ${dir}/users
}
userdb {
  driver = static
  args = uid=${account.user} gid=${account.group} home=${mailDir}/%u allow_all_users=yes
}`;
}

function in24(version: string, { dir, mailDir, account, oauth2IntrospectionUrl: url }: DovecotConfiguration): string {
  const release = version.split(' ')[0];
  const oauth2 = `
oauth2 {
  introspection_url = ${url}
  introspection_mode = post
  username_attribute = username
}
passdb oauth2 {
  mechanisms_filter = xoauth2 oauthbearer
}`;
  return `
dovecot_config_version = ${release}
dovecot_storage_version = ${release}
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = ${mailDir}/%{user}
${url ? oauth2 : ''}
passdb passwd-file {
  mechanisms_filter = plain login
  passwd_file_path = ${dir}/users
}
userdb static {
  fields {
    uid = ${account.user}
    gid = ${account.group}
    home = ${mailDir}/%{user}
  }
  static_allow_all_users = yes
}`;
}
