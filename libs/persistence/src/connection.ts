import { createHmac } from 'node:crypto';

/** The database role of a service: hyphens are not welcome in role and schema names. */
export const roleOf = (service: string): string => service.replaceAll('-', '_');

/** A role's password: derived, so that one secret is enough to run everything and none needs storing. */
export function rolePassword(secretKey: string, role: string): string {
  return createHmac('sha256', secretKey).update(`database role ${role}`).digest('hex');
}

/**
 * The address a service logs in at. A URL without a user name (`postgres://host/database`) gets the role and its derived password; one
 * with a user name is taken as it is, for installations that manage passwords themselves.
 * @param access `tenant`: bound to one workspace at a time; `system`: for outbox, inbox, spool and look-ups before a tenant is known
 */
export function serviceUrl(
  databaseUrl: string,
  secretKey: string,
  service: string,
  access: 'tenant' | 'system',
): string {
  const url = new URL(databaseUrl);
  if (url.username && access === 'tenant') return url.href;
  const role = url.username
    ? `${decodeURIComponent(url.username)}_system`
    : roleOf(service) + (access === 'system' ? '_system' : '');
  if (!url.username) url.password = rolePassword(secretKey, role);
  url.username = role;
  return url.href;
}
