import {
  jobNotCancellable,
  jobNotFound,
  jobNotUndoable,
  JobRowPage,
  JobStarted,
  JobState,
  ListJobRows,
  type Operation,
} from '@sportello/kernel';
import { defineOperation } from './define.js';
import { ById } from './shared.js';

/** What can be done with the jobs of one service once they were asked for; only whoever asked for a job knows of it. */
export interface JobOperations {
  get: Operation<ById, JobState>;
  rows: Operation<ListJobRows, JobRowPage>;
  cancel: Operation<ById, JobState>;
  undo: Operation<ById, JobStarted>;
}

/**
 * The operations of a service that has jobs.
 * @param service the first word of their ids
 * @param path where they stand; a job's `href` names it, so that nobody has to know which service runs it
 */
export function jobOperations(service: string, path: string): JobOperations {
  const common = { permission: 'job.own' as const, input: ById, errors: [jobNotFound] };
  return {
    get: defineOperation({
      ...common,
      id: `${service}.jobs.get`,
      http: `GET ${path}/:id`,
      output: JobState,
      summary: 'How far a job is, and the answer for each row',
    }),
    rows: defineOperation({
      ...common,
      id: `${service}.jobs.rows`,
      http: `GET ${path}/:id/rows`,
      input: ListJobRows,
      output: JobRowPage,
      summary: 'The answers of a job, all of them, in the order in which they were asked for',
    }),
    cancel: defineOperation({
      ...common,
      errors: [jobNotFound, jobNotCancellable],
      id: `${service}.jobs.cancel`,
      http: `POST ${path}/:id/cancel`,
      output: JobState,
      summary: 'Stop a job after the rows that are done; they stay done',
    }),
    undo: defineOperation({
      ...common,
      id: `${service}.jobs.undo`,
      http: `POST ${path}/:id/undo`,
      output: JobStarted,
      status: 202,
      errors: [jobNotFound, jobNotUndoable],
      summary: 'Take a job back: a job in turn; what changed since is left as it is and says so',
    }),
  };
}
