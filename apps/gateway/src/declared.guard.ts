import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { notSignedIn, forbidden, Refusal, undeclared, type Operation, type Route } from '@sportello/kernel';
import { mayEver, type Permission } from '@sportello/permissions';
import { type FastifyRequest } from 'fastify';
import { ActorTokens, type Caller } from './session/actor-tokens.js';
import { RateLimits } from './session/rate-limits.js';

const declaration = 'declaration';
const callers = new WeakMap<object, Caller>();

/** Says which declared operation or route a controller method serves. A method without it is denied. */
export const Serves = (declared: Operation | Route) => SetMetadata(declaration, declared);

/** Who sent the request; the guard found it before any controller ran. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (!caller) throw new Refusal(undeclared);
  return caller;
}

/** Deny by default: finds the caller, and lets pass only what is declared and what the caller may ever do. */
@Injectable()
export class DeclaredGuard implements CanActivate {
  constructor(
    private readonly tokens: ActorTokens,
    private readonly limits: RateLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const declared = Reflect.getMetadata(declaration, context.getHandler()) as Operation | Route | undefined;
    if (!declared) throw new Refusal(undeclared);
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const open = declared.permission === 'anyone';
    const caller = await this.tokens.callerOf(request, open);
    this.limits.count(declared, caller, request.ip);
    if (!mayEver(caller.actor, declared.permission as Permission)) {
      throw new Refusal(caller.actor.kind === 'visitor' ? notSignedIn : forbidden);
    }
    callers.set(request, caller);
    return true;
  }
}
