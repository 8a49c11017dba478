import { plainToInstance } from 'class-transformer';
import { IsInt, IsOptional, IsString, IsUrl, Matches, Max, Min, MinLength, validateSync } from 'class-validator';

/** Every setting of the product, from environment variables. `docs/operations.md` explains them to whoever runs it. */
export class Config {
  /** PostgreSQL. Without a user name each service logs in as its own role, with a password derived from `SECRET_KEY`. */
  @Matches(/^postgres(ql)?:\/\//) DATABASE_URL!: string;
  @Matches(/^(nats|tls):\/\//) NATS_URL!: string;
  /** Where files are kept: `file:///var/lib/sportello/files`, or `s3://bucket/prefix`. */
  @Matches(/^(file|s3):\/\//) STORAGE_URL!: string;
  /** What people type into a browser; links in mails begin with it. */
  @IsUrl({ require_tld: false, protocols: ['http', 'https'] }) PUBLIC_URL!: string;
  /** The domain of inbound addresses. */
  @IsString() MAIL_DOMAIN!: string;
  /** Keys and role passwords are derived from it. At least 32 characters. */
  @MinLength(32) SECRET_KEY!: string;
  /** Where outgoing mail goes: `smtp://user:password@relay:587`. */
  @IsOptional() @Matches(/^smtps?:\/\//) SMTP_URL?: string;
  /** Development only: outgoing mail becomes `.eml` files here instead. */
  @IsOptional() @IsString() DEV_MAILBOX_DIR?: string;
  /** Probes for Kubernetes; none when absent. */
  @IsOptional() @IsInt() @Min(0) @Max(65_535) HEALTH_PORT?: number;
  @IsOptional() @IsString() HOST?: string;
  @IsOptional() @IsInt() @Min(0) @Max(65_535) HTTP_PORT?: number;
  @IsOptional() @IsInt() @Min(0) @Max(65_535) SMTP_PORT?: number;
  @IsOptional() @IsInt() @Min(0) @Max(65_535) LMTP_PORT?: number;
  /** PEM files for STARTTLS. */
  @IsOptional() @IsString() TLS_CERTIFICATE?: string;
  @IsOptional() @IsString() TLS_KEY?: string;
  /** Internal networks (CIDR, by comma) with mail servers that workspaces may fetch mailboxes from by IMAP; none when absent. */
  @IsOptional() @Matches(/^[0-9a-fA-F.:/, ]*$/) IMAP_INTERNAL_NETWORKS?: string;
  /** Reverse proxies before the gateway (addresses or CIDR, by comma), whose `X-Forwarded-For` counts; none when absent. */
  @IsOptional() @Matches(/^[0-9a-fA-F.:/, ]*$/) TRUSTED_PROXIES?: string;
  /** The built web app, served by the gateway. */
  @IsOptional() @IsString() WEB_ROOT?: string;
  @IsOptional() @IsString() LOG_LEVEL?: string;
}

const numbers = ['HEALTH_PORT', 'HTTP_PORT', 'SMTP_PORT', 'LMTP_PORT'] as const;

/**
 * Reads the settings.
 * @throws Error that names each variable that is missing or wrong
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const given: Record<string, unknown> = { ...environment };
  for (const name of numbers) if (environment[name] !== undefined) given[name] = Number(environment[name]);
  const config = plainToInstance(Config, given);
  const errors = validateSync(config);
  if (errors.length) {
    throw new Error(
      `Settings: ${errors.map(({ property, constraints }) => `${property} (${Object.values(constraints ?? {}).join(', ')})`).join('; ')}`,
    );
  }
  return config;
}
