export * from './inbox.js';
export * from './outbound.js';
