import { build } from './up/build.ts';

// What `up` would build, and its note of it: desks that tests start then leave alone what others of them are running.
await build((text) => console.log(text));
