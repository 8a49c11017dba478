export * from './provision/index.js';
