import { type FastifyReply, type FastifyRequest } from 'fastify';

const own = /^(127(\.\d{1,3}){3}|::1|::ffff:127(\.\d{1,3}){3})$/;
const ownNames = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/;

/**
 * Lets in only this machine's own browser, on a page of this address: another machine, a name that somebody pointed at 127.0.0.1, and
 * another site's form find nothing here.
 */
export async function refuseStrangers(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { host = '', origin } = request.headers;
  const changes = request.method !== 'GET' && request.method !== 'HEAD';
  const elsewhere = changes && origin !== undefined && hostOf(origin) !== host;
  if (!own.test(request.ip) || !ownNames.test(host) || elsewhere) {
    await reply.code(404).type('text/plain; charset=utf-8').send('There is nothing at this address.');
  }
}

function hostOf(origin: string): string {
  try {
    return new URL(origin).host;
  } catch {
    return '';
  }
}
