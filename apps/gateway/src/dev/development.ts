import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Config } from '@sportello/service';

/**
 * What only `npm run up` has, and only on loopback: the development mailbox and sign-in as a demo user. Loaded only where
 * `DEV_MAILBOX_DIR` is set: elsewhere the addresses do not exist.
 */
export function mountDevelopment(app: NestFastifyApplication, config: Config): void {
  const { DEV_MAILBOX_DIR: folder } = config;
  if (!folder) return;
  void app
    .getHttpAdapter()
    .getInstance()
    .register(
      async (scope) => {
        const { refuseStrangers } = await import('./loopback.js');
        const { serveAccounts } = await import('./accounts.js');
        const { serveMailbox } = await import('./mailbox.js');
        scope.addHook('onRequest', refuseStrangers);
        serveAccounts(scope, app, folder);
        await serveMailbox(scope, folder, config.SMTP_PORT);
      },
      { prefix: '/dev' },
    );
}
