export * from './clock.js';
export * from './declared.js';
export * from './errors.js';
export * from './fields.js';
export * from './ids.js';
export * from './operation.js';
export * from './registry.js';
export * from './validate.js';
