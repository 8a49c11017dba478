import { randomUUID } from 'node:crypto';
import { headers, RequestError, TimeoutError, type NatsConnection } from '@nats-io/nats-core';
import { internalError, Refusal, serviceUnavailable, type Operation, type Problem } from '@sportello/kernel';
import { type PersonRef } from '@sportello/permissions';
import { transit, type Storage } from '@sportello/storage';
import { type ActorSigner } from './actors.js';

/** What a service answers on the bus. */
export type Reply = { ok: true; value: unknown; pending?: boolean } | { ok: false; problem: Problem };

/** Bodies over this many bytes travel as references to storage: the bus takes 1 MB, and a larger reply would show as a time-out (tried). */
export const largestOnBus = 64 * 1024;
const largestInTransit = 64 * 1024 * 1024;
const requestMilliseconds = 5000;

/** What goes with a call besides the input. */
export interface CallOptions {
  actorToken: string;
  idempotencyKey?: string;
  ifMatch?: string;
  requestId?: string;
  traceparent?: string;
  /** Called before the answer when it is done but not yet known everywhere: a 202. */
  onPending?(): void;
}

/** A value on the bus: itself, or where it is stored. */
export type Packed = { value: unknown } | { stored: string };

/** Puts a value on the bus, or into storage where it is large. */
export async function pack(storage: Storage, value: unknown): Promise<Packed> {
  const text = JSON.stringify(value) ?? 'null';
  if (Buffer.byteLength(text) <= largestOnBus) return { value };
  // The nonce keeps two equal bodies in transit apart: each is removed once it was read.
  const body = Buffer.from(JSON.stringify({ nonce: randomUUID(), value }));
  return { stored: (await storage.write(transit, body, largestInTransit)).hash };
}

/** The other end of `pack`. */
export async function unpack(storage: Storage, packed: Packed | undefined): Promise<unknown> {
  if (!packed) return undefined;
  if ('value' in packed) return packed.value;
  const { value } = JSON.parse((await storage.read(transit, packed.stored)).toString()) as { value: unknown };
  await storage.remove(transit, packed.stored);
  return value;
}

/** Calls operations of other services over the bus. */
export class OperationClient {
  constructor(
    private readonly connection: NatsConnection,
    private readonly storage: Storage,
    private readonly signer: ActorSigner,
  ) {}

  /**
   * Calls an operation as the actor of a token.
   * @throws Refusal with what the service answered; `service_unavailable` when nobody did in 5 s
   */
  async call<Input extends object, Output extends object>(
    operation: Operation<Input, Output>,
    input: Input,
    options: CallOptions,
  ): Promise<Output> {
    const header = headers();
    header.set('actor', options.actorToken);
    if (options.idempotencyKey) header.set('idempotency-key', options.idempotencyKey);
    if (options.ifMatch) header.set('if-match', options.ifMatch);
    if (options.requestId) header.set('request-id', options.requestId);
    if (options.traceparent) header.set('traceparent', options.traceparent);
    const data = await pack(this.storage, input);
    const packet = JSON.stringify({ id: randomUUID(), pattern: operation.id, data });
    const answer = await this.connection
      .request(operation.id, packet, { timeout: requestMilliseconds, headers: header })
      .catch((error: Error) => {
        if (error instanceof RequestError || error instanceof TimeoutError || error.name === 'NoRespondersError')
          throw new Refusal(serviceUnavailable);
        throw error;
      });
    const { response, err } = answer.json<{ response?: Packed; err?: unknown }>();
    if (!response) throw new Refusal(internalError, { detail: `${operation.id}: ${JSON.stringify(err)}` });
    const reply = (await unpack(this.storage, response)) as Reply;
    if (!reply.ok) {
      const { code, status, title, detail, errors, current } = reply.problem;
      throw new Refusal({ code, status, message: title }, { detail, errors, current });
    }
    if (reply.pending) options.onPending?.();
    return reply.value as Output;
  }

  /** Calls an operation as this service, for one workspace. */
  async callAsSelf<Input extends object, Output extends object>(
    operation: Operation<Input, Output>,
    input: Input,
    workspace: string | null,
    onBehalfOf: PersonRef | null = null,
  ): Promise<Output> {
    return this.call(operation, input, { actorToken: await this.signer.signSelf(workspace, onBehalfOf) });
  }
}
