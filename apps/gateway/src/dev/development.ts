import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Config } from '@sportello/service';

/** What only `npm run up` has, and only on loopback: the development mailbox and sign-in as a demo user. */
export function mountDevelopment(_app: NestFastifyApplication, config: Config): void {
  if (!config.DEV_MAILBOX_DIR) return;
}
