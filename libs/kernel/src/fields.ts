import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsEmail,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsObject,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { uuidPattern } from './ids.js';

/** A class that can be built without arguments: every DTO. */
export type Class<T = object> = new () => T;

/** How a declared field is read from text (path, query) and written to a reply. */
export interface Field {
  name: string;
  kind: 'text' | 'instant' | 'integer' | 'number' | 'flag' | 'nested' | 'json';
  many: boolean;
  optional: boolean;
  nullable: boolean;
  /** Only for `nested`. */
  type?: () => Class;
}

/** What every field decorator takes. */
export interface FieldOptions {
  /** May be absent. Absent and null differ. */
  optional?: boolean;
  /** May be null. */
  nullable?: boolean;
  /** A list of such values; the number is how many at most (100 if `true`). */
  many?: boolean | number;
  description?: string;
  example?: unknown;
}

const declared = new WeakMap<object, Map<string, Field>>();

/** The fields that a DTO class declares, those of its parents included, in order of declaration. */
export function fieldsOf(dto: Class): Field[] {
  const fields = new Map<string, Field>();
  const chain: object[] = [];
  for (let proto = dto.prototype; proto && proto !== Object.prototype; proto = Object.getPrototypeOf(proto))
    chain.unshift(proto);
  for (const proto of chain) for (const [name, field] of declared.get(proto) ?? []) fields.set(name, field);
  return [...fields.values()];
}

function field(
  options: FieldOptions,
  kind: Field['kind'],
  validators: PropertyDecorator[],
  api: ApiPropertyOptions,
  type?: () => Class,
): PropertyDecorator {
  return (prototype, key) => {
    const name = String(key);
    const { optional = false, nullable = false } = options;
    const many = Boolean(options.many);
    const own = declared.get(prototype) ?? new Map<string, Field>();
    declared.set(prototype, own.set(name, { name, kind, many, optional, nullable, type }));

    const isSent = (dto: Record<string, unknown>) =>
      !(optional && dto[name] === undefined) && !(nullable && dto[name] === null);
    const all = [ValidateIf(isSent), ...validators];
    if (many) all.push(IsArray(), ArrayMaxSize(typeof options.many === 'number' ? options.many : 100));
    if (type) all.push(Type(type));
    all.push(
      ApiProperty({
        ...api,
        required: !optional,
        ...(nullable && { nullable }),
        ...(many && { isArray: true }),
        ...(options.description && { description: options.description }),
        ...(options.example !== undefined && { example: options.example }),
      } as ApiPropertyOptions),
    );
    for (const decorate of all) decorate(prototype, key);
  };
}

/** Text of at most `max` UTF-16 units. NUL and half of a surrogate pair are refused everywhere: PostgreSQL cannot store them, the latter not in JSON. */
export function Text(options: FieldOptions & { max: number; min?: number; pattern?: RegExp }): PropertyDecorator {
  const each = { each: Boolean(options.many) };
  const validators = [
    IsString(each),
    MaxLength(options.max, each),
    // eslint-disable-next-line no-control-regex -- NUL is exactly what must not pass
    Matches(/^[^\u0000]*$/, { ...each, message: '$property must not contain NUL' }),
    Matches(/^\P{Surrogate}*$/u, { ...each, message: '$property must not contain half of a character' }),
  ];
  if (options.min) validators.push(MinLength(options.min, each));
  if (options.pattern) validators.push(Matches(options.pattern, each));
  return field(options, 'text', validators, {
    type: String,
    maxLength: options.max,
    ...(options.min && { minLength: options.min }),
    ...(options.pattern && { pattern: options.pattern.source }),
  });
}

/** A UUID. */
export function Id(options: FieldOptions = {}): PropertyDecorator {
  const message = '$property must be an id';
  return field(options, 'text', [Matches(uuidPattern, { each: Boolean(options.many), message })], {
    type: String,
    format: 'uuid',
  });
}

/** A mail address. */
export function EmailAddress(options: FieldOptions = {}): PropertyDecorator {
  const each = Boolean(options.many);
  return field(options, 'text', [IsEmail({}, { each }), MaxLength(320, { each })], { type: String, format: 'email' });
}

/** One of a closed list of words. */
export function Choice<const T extends readonly string[]>(values: T, options: FieldOptions = {}): PropertyDecorator {
  return field(options, 'text', [IsIn(values, { each: Boolean(options.many) })], { type: String, enum: [...values] });
}

/** A whole number. */
export function Integer(options: FieldOptions & { min?: number; max?: number } = {}): PropertyDecorator {
  const each = { each: Boolean(options.many) };
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
  return field(options, 'integer', [IsInt(each), Min(min, each), Max(max, each)], {
    type: 'integer',
    minimum: min,
    maximum: max,
  });
}

/** A number with a fraction. */
export function Decimal(options: FieldOptions & { min?: number; max?: number } = {}): PropertyDecorator {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = options;
  return field(options, 'number', [IsNumber(), Min(min), Max(max)], { type: Number });
}

/** True or false. */
export function Flag(options: FieldOptions = {}): PropertyDecorator {
  return field(options, 'flag', [IsBoolean()], { type: Boolean });
}

/** ISO 8601 has weeks and days of the year too, which JavaScript cannot read, and times without a zone, which mean another moment on every machine. */
const momentPattern = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/** A moment, ISO 8601 with its zone, or a day, which begins in UTC. Outputs may hold a `Date`. */
export function Instant(options: FieldOptions = {}): PropertyDecorator {
  const message = '$property must be a moment with its zone, such as 2026-11-21T16:00:00Z';
  return field(options, 'instant', [IsISO8601({ strict: true }), Matches(momentPattern, { message })], {
    type: String,
    format: 'date-time',
  });
}

/** Another DTO. The arrow is written out because swagger knows a lazy type by the function's name, `type`. */
export function Nested(type: () => Class, options: FieldOptions = {}): PropertyDecorator {
  return field(options, 'nested', [ValidateNested({ each: Boolean(options.many) })], { type: () => type() }, type);
}

/** Free JSON: the owner says in its docstring which shapes it takes and checks them itself. */
export function Json(options: FieldOptions = {}): PropertyDecorator {
  return field(options, 'json', [IsObject()], { type: 'object', additionalProperties: true });
}
