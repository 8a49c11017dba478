import { Choice, Flag, Id, Instant, Integer, Nested, Text } from './fields.js';
import { defineOperation, type Operation } from './operation.js';

/** How many rows one transaction of a job takes. */
export const chunkSize = 100;

/** What became of one row. `left`: an undo found it changed meanwhile and did not touch it. */
export const rowOutcomes = ['done', 'unchanged', 'refused', 'left'] as const;
export type RowOutcome = (typeof rowOutcomes)[number];

/** The answer for one row. */
export class JobRow {
  @Id() id!: string;
  @Choice(rowOutcomes, { description: '`left`: changed since, so that the undo did not touch it' })
  outcome!: RowOutcome;
  @Text({ max: 60, nullable: true, description: 'The error code where it was refused' }) code!: string | null;
}

/** Some 90 bytes each. */
export const mostRowsOfPage = 1000;

export const jobStates = ['running', 'done', 'cancelled', 'failed'] as const;
export type JobStateName = (typeof jobStates)[number];

/** How far a job is. */
export class JobState {
  @Id() id!: string;
  @Text({ max: 100, description: 'The operation that it carries out' }) operation!: string;
  @Choice(jobStates) state!: JobStateName;
  @Integer({ description: 'Rows in all' }) total!: number;
  @Integer({ description: 'Rows answered so far' }) done!: number;
  @Nested(() => JobRow, {
    many: 1000,
    description:
      'The answer for each row so far; of a job of more than 1,000, those that went otherwise than asked. `/rows` below `href` has all',
  })
  rows!: JobRow[];
  @Text({ max: 60, nullable: true, description: 'Why it failed: an error code' }) code!: string | null;
  @Flag({ description: 'Whether `POST /jobs/:id/cancel` would stop it' }) canCancel!: boolean;
  @Flag({ description: 'Whether `POST /jobs/:id/undo` would take it back' }) canUndo!: boolean;
  @Id({ nullable: true, description: 'The job that this one takes back' }) undoes!: string | null;
  @Text({ max: 100, description: 'Where to ask again: GET; `/cancel` and `/undo` below it by POST' }) href!: string;
  @Instant() createdAt!: Date;
  @Instant({ nullable: true }) finishedAt!: Date | null;
}

/** Which answers of a job. */
export class ListJobRows {
  @Id() id!: string;
  @Choice(rowOutcomes, { optional: true, description: 'Only those that went so' }) outcome?: RowOutcome;
  @Text({ max: 10, pattern: /^\d+$/, optional: true }) cursor?: string;
  @Integer({ min: 1, max: mostRowsOfPage, optional: true, description: '1,000 when absent' }) limit?: number;
}

/** A page of them, in the order in which they were asked for. */
export class JobRowPage {
  @Nested(() => JobRow, { many: mostRowsOfPage }) data!: JobRow[];
  @Text({ max: 10, nullable: true }) nextCursor!: string | null;
}

/** What every job answers with at once: its first 100 rows are done by then, the rest follows. */
export class JobStarted {
  @Nested(() => JobState) job!: JobState;
}

/** An operation that is carried out in chunks, behind the answer. */
export interface Job<Input extends object = object, Undo extends boolean = boolean> extends Operation<
  Input,
  JobStarted
> {
  readonly job: { readonly undo: Undo; readonly cancel: boolean };
}

type Given<Input extends object> = Omit<
  Parameters<typeof defineOperation<Input, JobStarted>>[0],
  'output' | 'status' | 'readOnly' | 'secretReply' | 'http'
> & { http: string };

/**
 * Declares long or bulk work: an operation that answers 202 with a job. It commits in chunks of 100, each with one event a kind, as the person who
 * asked and with the rights they have by then; it survives a crash, can be cancelled and, where `undo` is declared, taken back.
 * @param cancel false for one that may not stop half-way
 * @throws Error for a job that is read
 */
export function defineJob<Input extends object, Undo extends boolean>({
  undo,
  cancel = true,
  ...given
}: Given<Input> & { undo: Undo; cancel?: boolean }): Job<Input, Undo> {
  if (given.http.startsWith('GET ')) throw new Error(`${given.id} is a job: it changes something, so it is no GET`);
  return { ...defineOperation({ ...given, output: JobStarted, status: 202, readOnly: false }), job: { undo, cancel } };
}
