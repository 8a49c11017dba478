export * from './generated/index.js';
export * from './generated/@tanstack/react-query.gen.js';
export { client } from './generated/client.gen.js';
