import { Injectable } from '@nestjs/common';
import { Refusal, tooManyRequests, type Operation, type Route } from '@sportello/kernel';
import { type Caller } from './actor-tokens.js';

/** Calls a minute that one person may make of an operation; a list that loads ahead and a busy team stay far below. */
const operationPerMinute = 1200;
/** For somebody unknown, by address: a whole office may share one. */
const visitorPerMinute = 120;
const window = 60_000;

/**
 * Counts calls in windows of a minute, per caller and declaration. Each replica counts for itself: the limits are there to stop floods, and a flood
 * meets every replica.
 */
@Injectable()
export class RateLimits {
  #counts = new Map<string, number>();
  #until = 0;

  /** @throws Refusal `too_many_requests` */
  count(declared: Operation | Route, caller: Caller, address: string): void {
    const now = Date.now();
    if (now >= this.#until) {
      this.#counts = new Map();
      this.#until = now + window;
    }
    const { actor } = caller;
    const who = actor.kind === 'user' || actor.kind === 'customer' ? `${actor.workspace} ${actor.id}` : address;
    const limit =
      declared.kind === 'route'
        ? declared.limits.perMinute
        : actor.kind === 'visitor'
          ? visitorPerMinute
          : operationPerMinute;
    const key = `${declared.id} ${who}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    if (count > limit) throw new Refusal(tooManyRequests);
  }
}
