export * from './account.js';
export * from './customer.js';
export * from './entry.js';
export * from './link.js';
export * from './snapshot.js';
export * from './team.js';
export * from './user.js';
export * from './workspace.js';
