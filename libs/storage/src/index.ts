export * from './disk.js';
export * from './open.js';
export * from './storage.js';
