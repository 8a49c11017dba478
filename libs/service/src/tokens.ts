/** Names under which Nest finds what every service has. */
export const CONFIG = Symbol('CONFIG');
export const SERVICE_NAME = Symbol('SERVICE_NAME');
export const CLOCK = Symbol('CLOCK');
export const RANDOM = Symbol('RANDOM');
export const CONNECTION = Symbol('CONNECTION');
export const DATABASE = Symbol('DATABASE');
export const STORAGE = Symbol('STORAGE');
export const SIGNER = Symbol('SIGNER');
export const VERIFIER = Symbol('VERIFIER');
export const CLIENT = Symbol('CLIENT');
export const RELAY = Symbol('RELAY');
/** The service's `SightFinder`, or null. */
export const SIGHT = Symbol('SIGHT');
/** The service's `JobParts`, or null. */
export const JOBS = Symbol('JOBS');
