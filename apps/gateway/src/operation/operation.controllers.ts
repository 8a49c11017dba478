import { Controller, Delete, Get, HttpCode, Inject, Patch, Post, Put, Req, Res, type Type } from '@nestjs/common';
import {
  ApiBody,
  ApiExtraModels,
  ApiHeader,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiResponse,
  ApiTags,
  getSchemaPath,
  OmitType,
} from '@nestjs/swagger';
import {
  fieldsOf,
  ownerOf,
  pathFields,
  readText,
  Refusal,
  tokenRefused,
  versionConflict,
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
  return [...byService].map(([service, operations]) => controllerOf(service, operations, registry));
}

/** The operation that reads what this one changes: the same path by GET. */
function readerOf(operation: Operation, registry: Registry): Operation | null {
  const [method, path] = (operation.http as string).split(' ');
  const same = [...registry.operations.values()].find(({ http }) => http === `GET ${path}`);
  return method !== 'GET' && same && fieldsOf(same.output).some(({ name }) => name === 'version') ? same : null;
}

function controllerOf(service: string, operations: Operation[], registry: Registry): Type<unknown> {
  class OperationController implements Callers {
    constructor(
      readonly client: OperationClient,
      readonly tokens: ActorTokens,
    ) {}
  }
  Object.defineProperty(OperationController, 'name', { value: `${service}Operations` });
  Inject(CLIENT)(OperationController, undefined as never, 0);
  Inject(ActorTokens)(OperationController, undefined as never, 1);
  for (const operation of operations) {
    const name = registry.names.get(operation.id) as string;
    addMethod(OperationController, operation, name, readerOf(operation, registry));
  }
  ApiTags(service)(OperationController);
  Controller('api/v1')(OperationController);
  return OperationController;
}

function addMethod(controller: Type<Callers>, operation: Operation, name: string, reader: Operation | null): void {
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
        onPending: () => void reply.status(202),
      });
    // Somebody's rights may change while their request is on its way: it is refused before anything was read, and asked once more with new ones.
    const output = await call(callerOf(request))
      .catch(async (error: unknown) => {
        if (!(error instanceof Refusal) || error.definition.code !== tokenRefused.code) throw error;
        return call(await this.tokens.callerAnew(request));
      })
      .catch(async (error: unknown) => {
        if (!reader || !(error instanceof Refusal) || error.definition.code !== versionConflict.code) throw error;
        const { actorToken } = callerOf(request);
        const path = readText(reader.input, request.params as Record<string, string>);
        // As whoever asked may see it; who no longer may gets the conflict alone.
        const current = await this.client
          .call(reader, path, { actorToken, requestId: request.id })
          .catch(() => undefined);
        throw new Refusal(error.definition, { ...error.extra, current });
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
    ...(reader ? conflictDocumentation(reader) : []),
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
      ...({ 'x-operation': operation.id, 'x-permission': operation.permission } as object),
    }),
    ApiResponse({ status: operation.status, type: operation.output, description: operation.summary }),
    ...(operation.takesSight
      ? [ApiResponse({ status: 202, type: operation.output, description: notYetEverywhere })]
      : []),
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

/** 412 shows the record as it is now, so that nobody has to ask for it. */
function conflictDocumentation({ output }: Operation): MethodDecorator[] {
  const text = { type: 'string' };
  const properties = { code: text, title: text, status: { type: 'integer' }, current: { $ref: getSchemaPath(output) } };
  return [
    ApiHeader({ name: 'If-Match', required: false, description: 'The version that this change is meant for' }),
    ApiExtraModels(output),
    ApiResponse({
      status: versionConflict.status,
      description: `\`${versionConflict.code}\`: ${versionConflict.message} \`current\` is the record as it is now.`,
      schema: { type: 'object', properties, required: ['code', 'title', 'status'] },
    }),
  ];
}

const notYetEverywhere = 'Done, but what it takes away may be seen for some moments more';

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
