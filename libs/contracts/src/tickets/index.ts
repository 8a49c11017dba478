export * from './access.js';
export * from './conversation.js';
export * from './file.js';
export * from './item.js';
export * from './lifecycle.js';
export * from './mail.js';
export * from './person.js';
export * from './view.js';
