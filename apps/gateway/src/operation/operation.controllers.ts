import { Controller, Delete, Get, HttpCode, Inject, Patch, Post, Put, Req, Res, type Type } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags, OmitType } from '@nestjs/swagger';
import {
  fieldsOf,
  ownerOf,
  pathFields,
  Refusal,
  tokenRefused,
  type Class,
  type Operation,
  type Registry,
} from '@sportello/kernel';
import { CLIENT, type OperationClient } from '@sportello/service';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { callerOf, Serves } from '../declared.guard.js';
import { ActorTokens, type Caller } from '../session/actor-tokens.js';
import { readInput } from './input.js';

/** What every generated controller has. */
interface Callers {
  readonly client: OperationClient;
  readonly tokens: ActorTokens;
}

const methods = { GET: Get, POST: Post, PUT: Put, PATCH: Patch, DELETE: Delete };
type Method = keyof typeof methods;

/** Real Nest controllers, one a service, with Nest's and swagger's own decorators, from the registry: a later operation needs no gateway code. */
export function operationControllers(registry: Registry): Type<unknown>[] {
  const byService = new Map<string, Operation[]>();
  for (const operation of registry.operations.values()) {
    if (operation.http)
      byService.set(ownerOf(operation.id), [...(byService.get(ownerOf(operation.id)) ?? []), operation]);
  }
  return [...byService].map(([service, operations]) => controllerOf(service, operations, registry.names));
}

function controllerOf(service: string, operations: Operation[], names: ReadonlyMap<string, string>): Type<unknown> {
  class OperationController implements Callers {
    constructor(
      readonly client: OperationClient,
      readonly tokens: ActorTokens,
    ) {}
  }
  Object.defineProperty(OperationController, 'name', { value: `${service}Operations` });
  Inject(CLIENT)(OperationController, undefined as never, 0);
  Inject(ActorTokens)(OperationController, undefined as never, 1);
  for (const operation of operations) addMethod(OperationController, operation, names.get(operation.id) as string);
  ApiTags(service)(OperationController);
  Controller('api/v1')(OperationController);
  return OperationController;
}

function addMethod(controller: Type<Callers>, operation: Operation, name: string): void {
  const [method, path] = (operation.http as string).split(' ') as [Method, string];
  const prototype = controller.prototype as Record<string, unknown>;
  prototype[name] = async function (this: Callers, request: FastifyRequest, reply: FastifyReply) {
    const input = readInput(operation, request);
    const call = ({ actorToken }: Caller) =>
      this.client.call(operation, input, {
        actorToken,
        requestId: request.id,
        idempotencyKey: one(request.headers['idempotency-key']),
        ifMatch: one(request.headers['if-match']),
        traceparent: one(request.headers.traceparent),
      });
    // Somebody's rights may change while their request is on its way: it is refused before anything was read, and asked once more with new ones.
    const output = await call(callerOf(request)).catch(async (error: unknown) => {
      if (!(error instanceof Refusal) || error.definition.code !== tokenRefused.code) throw error;
      return call(await this.tokens.callerAnew(request));
    });
    const version = (output as { version?: number } | null)?.version;
    if (typeof version === 'number') void reply.header('ETag', `"${version}"`);
    return output;
  };
  Reflect.defineMetadata('design:paramtypes', [Object, Object], prototype, name);
  Req()(prototype, name, 0);
  Res({ passthrough: true })(prototype, name, 1);
  const decorators = [
    methods[method](path),
    HttpCode(operation.status),
    Serves(operation),
    ...documentation(operation, method, name),
  ];
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
  for (const decorate of decorators) (decorate as MethodDecorator)(prototype, name, descriptor);
}

const one = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

function documentation(operation: Operation, method: Method, name: string): MethodDecorator[] {
  const inPath = pathFields(operation.http);
  const fields = fieldsOf(operation.input).filter(({ name }) => !inPath.includes(name));
  const decorators: MethodDecorator[] = [
    ApiOperation({
      operationId: name,
      summary: operation.summary,
      ...({ 'x-handled-by': `apps/${ownerOf(operation.id)}`, 'x-permission': operation.permission } as object),
    }),
    ApiResponse({ status: operation.status, type: operation.output, description: operation.summary }),
    ...inPath.map((name) => ApiParam({ name, schema: { type: 'string' } })),
  ];
  for (const { code, status, message } of operation.errors) {
    decorators.push(ApiResponse({ status, description: `\`${code}\`: ${message}` }));
  }
  if (method === 'GET' || method === 'DELETE') {
    const typeOf = {
      text: 'string',
      instant: 'string',
      integer: 'integer',
      number: 'number',
      flag: 'boolean',
      nested: 'string',
      json: 'string',
    } as const;
    for (const { name, kind, optional, many } of fields) {
      decorators.push(
        ApiQuery({
          name,
          required: !optional,
          schema: many ? { type: 'array', items: { type: typeOf[kind] } } : { type: typeOf[kind] },
        }),
      );
    }
  } else if (fields.length) {
    const body = inPath.length ? bodyOf(operation, inPath) : operation.input;
    decorators.push(ApiBody({ type: body }));
  }
  return decorators;
}

const bodies = new Map<string, Class>();

/** The input without the fields that stand in the path. */
function bodyOf(operation: Operation, inPath: string[]): Class {
  const known = bodies.get(operation.id);
  if (known) return known;
  const body = OmitType(operation.input as Type<Record<string, unknown>>, inPath as never[]);
  Object.defineProperty(body, 'name', { value: `${operation.input.name}Body` });
  bodies.set(operation.id, body as Class);
  return body as Class;
}
