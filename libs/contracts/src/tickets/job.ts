import { jobOperations } from '../job.js';

/** Jobs of the tickets service. */
export const ticketsJobs = jobOperations('tickets', '/jobs');
export const { get: getJob, rows: listJobRows, cancel: cancelJob, undo: undoJob } = ticketsJobs;
