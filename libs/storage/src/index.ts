export * from './disk.js';
export * from './storage.js';
