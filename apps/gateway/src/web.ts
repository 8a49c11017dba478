import fastifyStatic from '@fastify/static';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Config } from '@sportello/service';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Serves the built web app: its files, and its page for every address that is none of the API's. */
export async function mountWeb(app: NestFastifyApplication, { WEB_ROOT }: Config): Promise<void> {
  if (!WEB_ROOT) return;
  const root = resolve(WEB_ROOT);
  const page = await readFile(join(root, 'index.html'), 'utf8').catch(() => {
    throw new Error(`WEB_ROOT is ${root}, but there is no index.html. Build the web app first: npm run build`);
  });
  const fastify = app.getHttpAdapter().getInstance();
  await fastify.register(fastifyStatic, {
    root,
    wildcard: false,
    index: false,
    // The build lays a .br and a .gz beside what is text: a first load of 250 kB instead of 900.
    preCompressed: true,
    // Names in assets/ carry a hash of their content; the few others may change with a release.
    setHeaders: (reply, path) => {
      void reply.header(
        'Cache-Control',
        path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'public, max-age=3600',
      );
    },
  });
  fastify.get('/*', async (request, reply) => {
    const path = request.url.split('?')[0] as string;
    if (path.startsWith('/api/') || path.startsWith('/dev/')) return reply.callNotFound();
    return reply.header('Content-Type', 'text/html; charset=utf-8').header('Cache-Control', 'no-cache').send(page);
  });
}
