export * from './define.js';
export * from './gateway.js';
export * from './identity/index.js';
export * from './mail/index.js';
export * from './notifications/index.js';
export * from './registry.js';
export * from './shared.js';
export * from './tickets/index.js';
