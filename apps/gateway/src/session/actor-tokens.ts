import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type NatsConnection } from '@nats-io/nats-core';
import { epochSubject, grantActor, type EpochRaised } from '@sportello/contracts';
import { forbidden, notSignedIn, Refusal } from '@sportello/kernel';
import { type Actor } from '@sportello/permissions';
import { ActorSigner, ActorVerifier, CLIENT, CONNECTION, OperationClient, SIGNER, VERIFIER } from '@sportello/service';
import { type FastifyRequest } from 'fastify';

/** The session cookie. HttpOnly, so that no script reads it. */
export const sessionCookie = 'sportello_session';

/** Who sent a request, and the token that says so to the services. */
export interface Caller {
  actor: Actor;
  actorToken: string;
  /** By cookie: a browser. By header: a program with an API token. */
  by: 'cookie' | 'token' | 'nothing';
}

interface Known {
  actor: Actor;
  actorToken: string;
  expires: number;
  renewing: boolean;
}

/** Renewed behind the request when this much of a token's 60 s is left. */
const renewBefore = 20_000;
const mostKnown = 20_000;

/** Exchanges sessions and API tokens for actor tokens, one a session, renewed behind the request. */
@Injectable()
export class ActorTokens implements OnApplicationBootstrap {
  readonly #known = new Map<string, Known>();
  #visitor: Promise<Known> | null = null;

  constructor(
    @Inject(CLIENT) private readonly client: OperationClient,
    @Inject(SIGNER) private readonly signer: ActorSigner,
    @Inject(VERIFIER) private readonly verifier: ActorVerifier,
    @Inject(CONNECTION) private readonly connection: NatsConnection,
  ) {}

  onApplicationBootstrap(): void {
    this.connection.subscribe(epochSubject, {
      callback: (error, message) => {
        if (!error) this.#drop(message.json<EpochRaised>());
      },
    });
  }

  /**
   * The caller of a request.
   * @param open the route is for anybody: credentials that are no longer good count as none
   * @throws Refusal `token_refused`, or `forbidden` for a cookie that another site's page sends
   */
  async callerOf(request: FastifyRequest, open: boolean): Promise<Caller> {
    const bearer = bearerOf(request);
    if (request.headers.authorization && !bearer && !open) throw new Refusal(notSignedIn);
    const credential = credentialOf(request);
    if (!credential || credential.length > 200) return { ...(await this.#asVisitor()), by: 'nothing' };
    if (!bearer && !isOwnSite(request))
      throw new Refusal(forbidden, { detail: 'The request comes from another site.' });
    try {
      return { ...(await this.#grant(credential)), by: bearer ? 'token' : 'cookie' };
    } catch (error) {
      if (open && error instanceof Refusal && error.definition.status === 401)
        return { ...(await this.#asVisitor()), by: 'nothing' };
      throw error;
    }
  }

  /** The caller once more, with a token that is surely new. @throws Refusal `token_refused` when the session is void */
  callerAnew(request: FastifyRequest): Promise<Caller> {
    const credential = credentialOf(request);
    if (credential) this.forget(credential);
    return this.callerOf(request, false);
  }

  /** Forgets a session that has just ended. */
  forget(credential: string): void {
    this.#known.delete(credential);
  }

  async #grant(credential: string): Promise<Known> {
    const now = Date.now();
    const known = this.#known.get(credential);
    if (!known || known.expires <= now) return this.#renew(credential);
    if (known.expires - now < renewBefore && !known.renewing) {
      known.renewing = true;
      this.#renew(credential).catch(() => this.#known.delete(credential));
    }
    // The epoch may have risen since: then the session is asked for once more, and is either good with new rights or void.
    const current = await this.verifier.verify(known.actorToken).then(
      () => true,
      () => false,
    );
    return current ? known : this.#renew(credential);
  }

  async #renew(credential: string): Promise<Known> {
    const visitor = await this.#asVisitor();
    const { actorToken, expiresAt } = await this.client.call(
      grantActor,
      { credential },
      { actorToken: visitor.actorToken },
    );
    const actor = await this.verifier.verify(actorToken);
    const known = { actor, actorToken, expires: new Date(expiresAt).getTime(), renewing: false };
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.set(credential, known);
    return known;
  }

  async #asVisitor(): Promise<Known> {
    const now = Date.now();
    const present = await this.#visitor;
    if (present && present.expires - now > renewBefore) return present;
    const actor: Actor = { kind: 'visitor', workspace: null };
    this.#visitor = this.signer
      .sign(actor)
      .then((actorToken) => ({ actor, actorToken, expires: now + 60_000, renewing: false }));
    return this.#visitor;
  }

  #drop({ workspace, kind, id }: EpochRaised): void {
    for (const [credential, { actor }] of this.#known) {
      if (actor.kind === kind && actor.workspace === workspace && actor.id === id) this.#known.delete(credential);
    }
  }
}

const bearerOf = (request: FastifyRequest) => request.headers.authorization?.match(/^Bearer (\S{20,200})$/)?.[1];
const credentialOf = (request: FastifyRequest) => bearerOf(request) ?? request.cookies[sessionCookie];

/** A browser says where a changing request comes from; another site's page must not use the cookie. */
function isOwnSite(request: FastifyRequest): boolean {
  const { origin, host } = request.headers;
  if (request.method === 'GET' || request.method === 'HEAD' || !origin) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}
