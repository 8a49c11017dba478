import {
  invalidInput,
  pathFields,
  readText,
  Refusal,
  validate,
  type FieldProblem,
  type Operation,
} from '@sportello/kernel';
import { type FastifyRequest } from 'fastify';

/**
 * The flat input of an operation from path, query and body. Checked here for size and shape; the service checks it again.
 * @throws Refusal `invalid_input`: a field that nobody declared, a name in two places, a body where none belongs
 */
export function readInput(
  operation: Operation,
  request: Pick<FastifyRequest, 'params' | 'query' | 'body' | 'method'>,
): object {
  const path = readText(operation.input, request.params as Record<string, string>);
  const query = request.query as Record<string, string | string[]>;
  const takesBody = request.method !== 'GET' && request.method !== 'DELETE';
  const problems: FieldProblem[] = [];
  const body = (request.body ?? {}) as Record<string, unknown>;
  if (typeof body !== 'object' || Array.isArray(body))
    throw new Refusal(invalidInput, { detail: 'The body must be a JSON object.' });
  if (!takesBody && Object.keys(body).length)
    throw new Refusal(invalidInput, { detail: 'This request takes no body.' });
  if (takesBody)
    for (const name of Object.keys(query))
      problems.push({ field: name, message: 'belongs into the body, not into the query' });
  const rest = takesBody ? body : readText(operation.input, query);
  for (const name of pathFields(operation.http)) {
    if (Object.hasOwn(rest, name)) problems.push({ field: name, message: 'is given in two places' });
  }
  if (problems.length) throw new Refusal(invalidInput, { errors: problems });
  validate(operation.input, { ...rest, ...path }, 'refuse');
  return { ...rest, ...path };
}
