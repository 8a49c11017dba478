export * from './database.js';
export * from './provision/index.js';
export * from './world.js';
