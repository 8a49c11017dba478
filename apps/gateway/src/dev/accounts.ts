import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { signIn } from '@sportello/contracts';
import { Refusal, undeclared } from '@sportello/kernel';
import { CLIENT, SIGNER, type ActorSigner, type OperationClient } from '@sportello/service';
import { type FastifyInstance } from 'fastify';
import { EntryController } from '../entry/entry.controller.js';
import { readDemo } from './demo.js';

/** "Enter as Anna, administrator": the demo users, and a session for whom the visitor picks. */
export function serveAccounts(scope: FastifyInstance, app: NestFastifyApplication, folder: string): void {
  scope.get('/accounts', async () => {
    const demo = await readDemo(folder);
    return (demo?.users ?? []).map(({ name, role, email }) => ({ name, role, email, workspace: demo?.workspace }));
  });

  scope.post<{ Body: { email?: unknown } | null }>('/enter', async (request, reply) => {
    const demo = await readDemo(folder);
    const user = demo?.users.find(({ email }) => email === request.body?.email);
    if (!demo || !user) return reply.code(404).send(new Refusal(undeclared).toProblem());
    const actorToken = await app.get<ActorSigner>(SIGNER).sign({ kind: 'visitor', workspace: null });
    const userAgent = (request.headers['user-agent'] ?? '').slice(0, 300);
    const { email, password } = user;
    try {
      const opened = await app
        .get<OperationClient>(CLIENT)
        .call(signIn, { workspace: demo.workspace, email, password, userAgent }, { actorToken, requestId: request.id });
      app.get(EntryController).setCookie(reply, opened);
      return { workspace: opened.workspace, userId: opened.userId };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const problem = error.toProblem();
      return reply.code(problem.status).type('application/problem+json').send(problem);
    }
  });
}
