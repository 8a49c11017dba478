import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { invalidInput, Refusal, type FieldProblem } from './errors.js';
import { fieldsOf, type Class } from './fields.js';

/**
 * Checks input against its DTO class.
 * @param unknownFields the gateway refuses fields that nobody declared; on the bus they are ignored, so that a newer caller
 *   can talk to an older service
 * @throws Refusal `invalid_input` with one problem a field
 */
export function validate<T extends object>(dto: Class<T>, input: unknown, unknownFields: 'refuse' | 'ignore'): T {
  if (input === null || typeof input !== 'object' || Array.isArray(input)) {
    throw new Refusal(invalidInput, { errors: [{ field: '', message: 'must be an object' }] });
  }
  const instance = plainToInstance(dto, input);
  const forbid = unknownFields === 'refuse';
  const errors = validateSync(instance, {
    whitelist: true,
    forbidNonWhitelisted: forbid,
    forbidUnknownValues: fieldsOf(dto).length > 0,
  });
  if (errors.length) throw new Refusal(invalidInput, { errors: errors.flatMap((error) => problems(error, '')) });
  return instance;
}

function problems(error: ValidationError, parent: string): FieldProblem[] {
  const path = parent ? `${parent}.${error.property}` : error.property;
  const own = Object.values(error.constraints ?? {}).map((message) => ({ field: path, message }));
  return [...own, ...(error.children ?? []).flatMap((child) => problems(child, path))];
}

/**
 * Reads the text of a path or query as the declared kind says; anything that is not exactly such a value is left as it came, so
 * that validation refuses it. Nothing is converted silently.
 */
export function readText(dto: Class, text: Record<string, string | string[] | undefined>): Record<string, unknown> {
  const fields = new Map(fieldsOf(dto).map((field) => [field.name, field]));
  const input: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(text)) {
    const field = fields.get(name);
    if (value === undefined) continue;
    if (!field) input[name] = value;
    else if (field.many) input[name] = [value].flat().map((each) => readOne(field.kind, each));
    else input[name] = Array.isArray(value) ? value : readOne(field.kind, value);
  }
  return input;
}

function readOne(kind: string, text: string): unknown {
  if (kind === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (kind === 'number' && /^-?\d{1,15}(\.\d{1,9})?$/.test(text)) return Number(text);
  if (kind === 'flag' && (text === 'true' || text === 'false')) return text === 'true';
  if (kind === 'json' || kind === 'nested') {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return text;
}
