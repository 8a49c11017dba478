export * from './connection.js';
export * from './database.js';
export * from './entity.js';
export * from './migrate.js';
export * from './migrated.js';
export * from './role.js';
