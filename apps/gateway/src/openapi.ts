import { readFileSync } from 'node:fs';
import { type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

/** Where each operation is handled, by id: recorded, because an image has no sources to look it up in. */
export type Handlers = Readonly<Record<string, string>>;
const recorded = JSON.parse(readFileSync(new URL('./operation/handlers.json', import.meta.url), 'utf8')) as Handlers;

/** The public API as OpenAPI 3, from the declarations. */
export function describeApi(app: INestApplication, handlers: Handlers = recorded): OpenAPIObject {
  const description =
    'All that the web app does. Sign in for a session cookie, or send an API token as `Authorization: Bearer …`. ' +
    'Errors are RFC 9457 problem details with a stable `code`. Lists answer `{ data, nextCursor }`. Send `Idempotency-Key` with a POST to repeat it safely.';
  const config = new DocumentBuilder()
    .setTitle('Sportello')
    .setVersion('1')
    .setDescription(description)
    .addBearerAuth()
    .addCookieAuth('sportello_session')
    .build();
  const document = SwaggerModule.createDocument(app, config);
  for (const methods of Object.values(document.paths))
    for (const method of Object.values(methods) as { 'x-operation'?: string }[]) {
      const { 'x-operation': id } = method;
      if (id && handlers[id]) Object.assign(method, { 'x-handled-by': handlers[id] });
    }
  return document;
}

/** The same document without a bus: Nest's preview mode builds the modules and starts nothing. For the golden files. */
export async function documentWithoutStarting(handlers: Handlers): Promise<OpenAPIObject> {
  const { AppModule } = await import('./app.module.js');
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
    preview: true,
    logger: false,
  });
  return describeApi(app, handlers);
}
