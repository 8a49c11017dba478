import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { inRun, root } from './paths.ts';
import { type Ports } from './ports.ts';

/** The database that `up` makes in its PostgreSQL. */
export const DATABASE = 'sportello';

/** The one secret, from which all others are derived: made once, readable by its owner alone. */
export function secretKey(): string {
  const file = inRun('secret');
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  return readFileSync(file, 'utf8').trim();
}

/** Where the database answers its owner: `up` alone uses it, to migrate. */
export function ownerUrl(ports: Ports, secret: string, database = DATABASE): string {
  return `postgres://postgres:${secret}@127.0.0.1:${ports.postgres}/${database}`;
}

/** The environment of the services. A SMTP_URL of the caller's own is passed on, and replaces the development mailbox. */
export function serviceSettings(ports: Ports, secret: string): Record<string, string> {
  const web = `http://127.0.0.1:${ports.web}`;
  const outbound = process.env['SMTP_URL'];
  return {
    NODE_ENV: 'production',
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'log',
    // Without a user name: each service signs in as its own role, whose password follows from SECRET_KEY.
    DATABASE_URL: `postgres://127.0.0.1:${ports.postgres}/${DATABASE}`,
    NATS_URL: `nats://127.0.0.1:${ports.nats}`,
    STORAGE_URL: pathToFileURL(inRun('storage')).href,
    PUBLIC_URL: process.env['PUBLIC_URL'] ?? web,
    MAIL_DOMAIN: process.env['MAIL_DOMAIN'] ?? 'sportello.localhost',
    SECRET_KEY: secret,
    HTTP_PORT: String(ports.web),
    SMTP_PORT: String(ports.smtp),
    LMTP_PORT: String(ports.lmtp),
    // A mail server on the same machine, to try fetching with.
    IMAP_INTERNAL_NETWORKS: process.env['IMAP_INTERNAL_NETWORKS'] ?? '127.0.0.0/8,::1',
    WEB_ROOT: `${root}/apps/web/dist`,
    ...(outbound ? { SMTP_URL: outbound } : { DEV_MAILBOX_DIR: inRun('mailbox') }),
  };
}
