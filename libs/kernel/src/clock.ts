/** Where the time comes from. Entities and decisions get a `Date`; only the edges (service start, tests) hold a clock. */
export interface Clock {
  now(): Date;
}

/** The machine's clock, UTC. */
export const systemClock: Clock = { now: () => new Date() };
