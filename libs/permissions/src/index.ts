export * from './actor.js';
export * from './condition.js';
export * from './policy.js';
export * from './scope.js';
