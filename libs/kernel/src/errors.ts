/** A way an operation can refuse. Declared once, named in the contract, RFC 9457 on the wire. */
export interface ErrorDefinition<Code extends string = string> {
  /** Stable, snake_case; clients branch on it. */
  readonly code: Code;
  /** The HTTP status the gateway answers with. */
  readonly status: number;
  /** A plain sentence: what happened and, where it helps, what now. */
  readonly message: string;
}

/** Declares an error. */
export function defineError<Code extends string>(definition: ErrorDefinition<Code>): ErrorDefinition<Code> {
  return definition;
}

/** What is wrong with one field of the input. */
export interface FieldProblem {
  /** The field's path: `assignees.0.id`. */
  field: string;
  message: string;
}

/** What travels instead of a result: RFC 9457 problem details with our code. */
export interface Problem {
  code: string;
  status: number;
  title: string;
  detail?: string;
  errors?: FieldProblem[];
  /** What the caller needs to mend it, e.g. the current record on a conflict. */
  current?: unknown;
}

/** Thrown by handlers, entities and guards to refuse with a declared error. */
export class Refusal extends Error {
  constructor(
    readonly definition: ErrorDefinition,
    readonly extra: { detail?: string; errors?: FieldProblem[]; current?: unknown } = {},
  ) {
    super(extra.detail ?? definition.message);
    this.name = 'Refusal';
  }

  /** The refusal as it travels. */
  toProblem(): Problem {
    return {
      code: this.definition.code,
      status: this.definition.status,
      title: this.definition.message,
      ...this.extra,
    };
  }
}

export const notSignedIn = defineError({
  code: 'not_signed_in',
  status: 401,
  message: 'Sign in first, or send an API token.',
});
export const tokenRefused = defineError({
  code: 'token_refused',
  status: 401,
  message: 'The credentials are no longer valid. Sign in again.',
});
export const forbidden = defineError({ code: 'forbidden', status: 403, message: 'You may not do this.' });
export const undeclared = defineError({ code: 'not_found', status: 404, message: 'There is nothing at this address.' });
export const invalidInput = defineError({
  code: 'invalid_input',
  status: 400,
  message: 'Some of what was sent is not as it should be.',
});
export const tooLarge = defineError({
  code: 'too_large',
  status: 413,
  message: 'What was sent is larger than allowed.',
});
export const versionConflict = defineError({
  code: 'version_conflict',
  status: 412,
  message: 'Somebody changed this meanwhile. Look at the current state and try again.',
});
export const idempotencyMismatch = defineError({
  code: 'idempotency_mismatch',
  status: 422,
  message: 'This Idempotency-Key was used with another body.',
});
export const alreadyDone = defineError({
  code: 'already_done',
  status: 409,
  message: 'This was done by an earlier call, and its secret is shown only once.',
});
export const appDisabled = defineError({ code: 'app_disabled', status: 403, message: 'This app is switched off.' });
export const serviceUnavailable = defineError({
  code: 'service_unavailable',
  status: 503,
  message: 'This part of the product is not answering. Try again in a moment.',
});
export const internalError = defineError({
  code: 'internal_error',
  status: 500,
  message: 'Something went wrong on our side. It has been recorded.',
});
export const tooManyRequests = defineError({
  code: 'too_many_requests',
  status: 429,
  message: 'Too many requests. Wait a moment and try again.',
});

export const jobNotFound = defineError({
  code: 'not_found',
  status: 404,
  message: 'There is no such job, or somebody else asked for it.',
});
export const jobNotCancellable = defineError({
  code: 'job_not_cancellable',
  status: 409,
  message: 'This cannot be stopped half-way. It will be over soon.',
});
export const jobNotUndoable = defineError({
  code: 'job_not_undoable',
  status: 409,
  message: 'This cannot be taken back: it is still running, or it was taken back already.',
});

/** Every operation may answer with these; a contract lists only its own. */
export const commonErrors: readonly ErrorDefinition[] = [
  notSignedIn,
  tokenRefused,
  forbidden,
  invalidInput,
  tooLarge,
  versionConflict,
  idempotencyMismatch,
  alreadyDone,
  appDisabled,
  serviceUnavailable,
  internalError,
  tooManyRequests,
];
