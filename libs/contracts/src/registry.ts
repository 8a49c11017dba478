import { buildRegistry } from '@sportello/kernel';
import * as gateway from './gateway.js';
import * as identity from './identity/index.js';
import * as mail from './mail/index.js';
import * as notifications from './notifications/index.js';
import * as tickets from './tickets/index.js';

/** Everything the product can be asked and everything it tells. */
export const registry = buildRegistry(gateway, identity, tickets, notifications, mail);
