export * from './access.js';
export * from './filter.js';
export * from './keyset.js';
export * from './list.js';
