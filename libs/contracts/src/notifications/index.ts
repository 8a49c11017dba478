export * from './inbox.js';
export * from './outbound.js';
export * from './person.js';
export * from './stop.js';
