export * from './copies.js';
export * from './directory.queries.js';
export * from './directory.subscriptions.js';
export * from './grant.queries.js';
