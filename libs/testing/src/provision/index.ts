export { CHROMIUM_ARGUMENTS, ensureChromium, findChromium } from './chromium.ts';
export { ensureDovecot, startDovecot, type Dovecot, type DovecotOptions } from './dovecot.ts';
export { freePort, isPortFree } from './free-port.ts';
export { ensureNatsServer, startNats, type Nats, type NatsOptions } from './nats.ts';
export { startPostgres, type Postgres, type PostgresOptions } from './postgres.ts';
export { ProvisionFailure } from './provision-failure.ts';
export {
  identifyProcess,
  isRunning,
  startDetached,
  startGuarded,
  stopProcess,
  type ProcessIdentity,
  type ServerCommand,
  type ServerProcess,
} from './server-process.ts';
export { reachableDirectory, removeReachable } from './unprivileged.ts';
