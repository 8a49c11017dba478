import { join, resolve } from 'node:path';

/** The repository. */
export const root = resolve(import.meta.dirname, '../..');
/** Everything that running here leaves behind. SPORTELLO_RUN_DIR names another place, for a second desk on one machine. */
export const run = resolve(process.env['SPORTELLO_RUN_DIR'] ?? join(root, '.run'));

export const inRun = (...parts: string[]): string => join(run, ...parts);
