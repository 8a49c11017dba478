import { describe, expect, it } from '@jest/globals';
import { getFile, listItems, postSignIn } from '@sportello/contracts';
import { aUser, newId } from '@sportello/testing';
import { type Caller } from './actor-tokens.js';
import { RateLimits } from './rate-limits.js';

const visitor: Caller = { actor: { kind: 'visitor', workspace: null }, actorToken: '', by: 'nothing' };
const user = (): Caller => ({ actor: aUser(newId()), actorToken: '', by: 'cookie' });

describe('calls a minute', () => {
  it('given as many as a route allows, then the next is refused, and nobody else’s', () => {
    const limits = new RateLimits();
    const signIn = (address: string) => limits.count(postSignIn, visitor, address);
    for (let call = 0; call < postSignIn.limits.perMinute; call += 1) signIn('203.0.113.1');
    expect(() => signIn('203.0.113.1')).toThrow('Too many requests');
    expect(() => signIn('203.0.113.2')).not.toThrow();
    expect(() => limits.count(getFile, visitor, '203.0.113.1')).not.toThrow();
  });

  it('are counted by person, wherever they are, and by address for somebody unknown', () => {
    const limits = new RateLimits();
    const [anna, per] = [user(), user()];
    for (let call = 0; call < 1200; call += 1) limits.count(listItems, anna, `203.0.113.${call % 9}`);
    expect(() => limits.count(listItems, anna, '203.0.113.99')).toThrow('Too many requests');
    expect(() => limits.count(listItems, per, '203.0.113.1')).not.toThrow();
  });
});
