import { Controller, Inject } from '@nestjs/common';
import { type Job, type JobRow, type JobStarted, type Operation } from '@sportello/kernel';
import { type Context } from './context.js';
import { JobRuntime } from './jobs.js';
import { Handles } from './operations.js';

/** The answer for one row, and what an undo of it will need. */
export interface RowAnswer extends JobRow {
  kept?: object;
}

/** Where a chunk begins. */
export interface Place {
  /** Rows that were answered before. */
  done: number;
  /** How many this chunk may take. */
  size: number;
}

/** What a chunk did. */
export interface ChunkAnswer {
  rows: RowAnswer[];
  /** Nothing is left to do. */
  ends: boolean;
}

/** How a job is carried out. Each method runs in one transaction, as the person who asked, and never flushes. */
export interface JobHandler<Input extends object> {
  /** @returns how many rows there are. @throws Refusal where the job as a whole cannot be */
  begin(input: Input, ctx: Context): Promise<number>;
  /** Does the next rows. A refused row is an answer; a thrown `Refusal` ends the job. */
  chunk(input: Input, place: Place, ctx: Context): Promise<ChunkAnswer>;
  /** It ends before its last row: cancelled, or given up (then as the service, for the person who asked). What is done stays done. */
  abandoned?(input: Input, ctx: Context): Promise<void>;
}

/** A job that can be taken back. */
export interface UndoableJobHandler<Input extends object> extends JobHandler<Input> {
  /** Takes rows back that were done and kept something; what changed since is `left`. */
  undo(rows: readonly { id: string; kept: object }[], ctx: Context): Promise<RowAnswer[]>;
}

const run = new WeakMap<object, Job>();

/** The job that a class carries out. */
export const jobOf = (prototype: object): Job | undefined => run.get(prototype);

/** Declares a class as the handler of a job; it is one of the module's controllers. */
export function Runs<Input extends object, Undo extends boolean>(job: Job<Input, Undo>) {
  type Handler = Undo extends true ? UndoableJobHandler<Input> : JobHandler<Input>;
  return <Type extends abstract new (...args: never[]) => Handler>(type: Type): void => {
    const prototype = type.prototype as object;
    Inject(JobRuntime)(prototype, 'jobRuntime');
    const descriptor = {
      configurable: true,
      writable: true,
      value: function (this: JobHandler<Input> & { jobRuntime: JobRuntime }, input: Input, ctx: Context) {
        return this.jobRuntime.start(job as unknown as Job, this as unknown as JobHandler<object>, input, ctx);
      } as (input: Input, ctx: Context) => Promise<JobStarted>,
    };
    Handles(job as Operation<Input, JobStarted>)(prototype, 'startJob', descriptor);
    Object.defineProperty(prototype, 'startJob', descriptor);
    Controller()(type);
    run.set(prototype, job as unknown as Job);
  };
}
