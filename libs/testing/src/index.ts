export * from './database.js';
export * from './explain.js';
export * from './provision/index.js';
export * from './world.js';
