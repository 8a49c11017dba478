import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { internalError, invalidInput, Refusal, tooLarge, undeclared, type Problem } from '@sportello/kernel';
import { ServiceLog } from '@sportello/service';
import { type FastifyReply, type FastifyRequest } from 'fastify';

/** Every failure as RFC 9457 problem details with a code and a sentence. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log = new ServiceLog('gateway', 'Requests');

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    if (reply.sent || reply.raw.headersSent) return;
    const problem = this.#problemOf(error, request);
    if (problem.status === 503 || problem.status === 429) void reply.header('Retry-After', '2');
    void reply
      .status(problem.status)
      .header('Content-Type', 'application/problem+json')
      .send({ type: 'about:blank', instance: request.id, ...problem });
  }

  #problemOf(error: unknown, request: FastifyRequest): Problem {
    if (error instanceof Refusal) return error.toProblem();
    const status = error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number }).statusCode;
    const detail = (error as Error).message;
    if (status === 413) return new Refusal(tooLarge, { detail }).toProblem();
    if (status === 404) return new Refusal(undeclared).toProblem();
    if (status !== undefined && status >= 400 && status < 500)
      return { ...new Refusal(invalidInput, { detail }).toProblem(), status };
    this.#log.error({ requestId: request.id, url: request.url.split('?')[0], stack: (error as Error).stack }, detail);
    return new Refusal(internalError).toProblem();
  }
}
