export * from './barrier.js';
export * from './consumer.js';
export * from './envelope.js';
export * from './inbox.js';
export * from './outbox.js';
export * from './parked.js';
export * from './relay.js';
export * from './stream.js';
