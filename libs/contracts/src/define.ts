import { defineJob as defineAJob, defineOperation as define, type Job, type Operation } from '@sportello/kernel';
import { type Permission } from '@sportello/permissions';

/** `defineOperation` with the permission checked against the policy table at compile time. */
export function defineOperation<Input extends object, Output extends object>(
  given: Parameters<typeof define<Input, Output>>[0] & { permission: Permission },
): Operation<Input, Output> {
  return define(given);
}

/** `defineJob` with the permission checked against the policy table at compile time. */
export function defineJob<Input extends object, Undo extends boolean>(
  given: Parameters<typeof defineAJob<Input, Undo>>[0] & { permission: Permission },
): Job<Input, Undo> {
  return defineAJob(given);
}
