import 'reflect-metadata';
import cookie from '@fastify/cookie';
import multipart from '@fastify/multipart';
import { type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import { invalidInput, Refusal } from '@sportello/kernel';
import { registry } from '@sportello/contracts';
import { CONFIG, processLogger, readConfig, type Config } from '@sportello/service';
import { randomUUID } from 'node:crypto';
import { AppModule } from './app.module.js';
import { mountDevelopment } from './dev/development.js';
import { describeApi } from './openapi.js';
import { mountWeb } from './web.js';

/** A message's text may have a million characters, four bytes each, escaped. */
const bodyBytes = 6 * 1024 * 1024;

/**
 * The gateway, built but not yet listening.
 * @param more further controllers: a test adds one that nobody declared
 */
export async function createGateway(more: Type<unknown>[] = []): Promise<NestFastifyApplication> {
  const { LOG_LEVEL, TRUSTED_PROXIES } = readConfig(process.env);
  const logger = processLogger(LOG_LEVEL);
  // The request's id is ours: one from outside could be made to look like another's in the log.
  const adapter = new FastifyAdapter({
    bodyLimit: bodyBytes,
    // Open event streams would hold a shutdown up for ever; browsers come back by themselves.
    forceCloseConnections: true,
    genReqId: () => randomUUID(),
    trustProxy: proxies(TRUSTED_PROXIES),
    routerOptions: { maxParamLength: 500 },
    // Refused before Nest hears of it: an address that is none.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      void reply
        .status(error.statusCode ?? invalidInput.status)
        .header('Content-Type', 'application/problem+json')
        .send({
          type: 'about:blank',
          instance: request.id,
          ...new Refusal(invalidInput, { detail: error.message }).toProblem(),
        }),
  });
  const app = await NestFactory.create<NestFastifyApplication>({ module: AppModule, controllers: more }, adapter, {
    logger,
    abortOnError: false,
  });
  app.enableShutdownHooks();
  const fastify = app.getHttpAdapter().getInstance();
  // Before any route is there. What is larger than the whole gateway takes is streamed, and counted by its controller.
  const limits = new Map([...registry.routes.values()].map(({ http, limits: { bytes } }) => [http, bytes]));
  fastify.addHook('onRoute', (route) => {
    const bytes = limits.get(`${String(route.method)} ${route.url}`);
    if (bytes && bytes < bodyBytes) route.bodyLimit = bytes;
  });
  await app.register(cookie);
  await app.register(multipart);
  // A raw mail is streamed into storage as it comes; nothing here parses it.
  fastify.addContentTypeParser('message/rfc822', (_request, payload, done) => done(null, payload));
  fastify.addHook('onSend', async (_request, reply) => {
    void reply.header('X-Content-Type-Options', 'nosniff');
    void reply.header('Referrer-Policy', 'same-origin');
    if (!reply.hasHeader('Content-Security-Policy'))
      void reply.header('Content-Security-Policy', contentSecurityPolicy);
  });
  SwaggerModule.setup('api/docs', app, () => describeApi(app), {
    jsonDocumentUrl: 'api/openapi.json',
    customSiteTitle: 'Sportello API',
  });
  const config = app.get<Config>(CONFIG);
  mountDevelopment(app, config);
  await mountWeb(app, config);
  return app;
}

/** Whose `X-Forwarded-For` says where a request came from: without any, anybody could name another address for each try. */
function proxies(setting = ''): string[] | false {
  const named = setting.split(',').map((proxy) => proxy.trim());
  const some = named.filter(Boolean);
  return some.length > 0 && some;
}

/**
 * Nothing from elsewhere runs in the page. Styles may stand inline (the UI kit sets custom properties, mails keep theirs); a remote image is
 * loaded only after a click, which sets its address.
 */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob: https: http:",
  "connect-src 'self'",
  "font-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Starts the gateway on `HTTP_PORT` (8080). */
export async function startGateway(): Promise<NestFastifyApplication> {
  const app = await createGateway();
  const { HTTP_PORT = 8080, HOST = '127.0.0.1' } = app.get<Config>(CONFIG);
  await app.listen(HTTP_PORT, HOST);
  return app;
}
