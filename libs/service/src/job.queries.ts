import {
  mostRowsOfPage,
  type JobRow,
  type JobRowPage,
  type JobState,
  type ListJobRows,
  type JobStateName,
  type RowOutcome,
} from '@sportello/kernel';
import { type Kysely } from 'kysely';
import { type Pool } from 'pg';
import { type RowAnswer } from './job.js';

/** A job as it is stored. */
export interface JobRecord {
  workspace_id: string;
  id: string;
  operation: string;
  asked_by: string;
  scopes: string[] | null;
  input: object;
  state: JobStateName;
  code: string | null;
  total: number;
  done: number;
  chunks: number;
  undoes: string | null;
  attempts: number;
  due_at: Date;
  created_at: Date;
  finished_at: Date | null;
}

interface RowRecord {
  workspace_id: string;
  job_id: string;
  place: number;
  row_id: string;
  outcome: RowOutcome;
  code: string | null;
  kept: string | null;
}

/** The tables of every service's jobs. */
export interface JobTables {
  job: JobRecord;
  job_row: RowRecord;
}

type Key = Pick<JobRecord, 'workspace_id' | 'id'>;

/** A job that a worker took: nobody else looks at it before the lease ends. */
export type TakenJob = Pick<JobRecord, 'workspace_id' | 'id' | 'asked_by' | 'scopes' | 'operation'>;

/** How long one worker may be at one chunk before another tries; a chunk of 100 takes well under a second. */
export const leaseMilliseconds = 30_000;
/** How long somebody can look a job up, and take it back. */
const keptFor = '7 days';
/** Takes a job that is due, of any workspace. */
export async function takeDueJob(system: Pool, operations: readonly string[], now: Date): Promise<TakenJob | null> {
  const { rows } = await system.query<TakenJob>(
    `update job j set due_at = $2
       from (select workspace_id, id from job where state = 'running' and due_at <= $1 and operation = any($3)
              order by due_at limit 1 for update skip locked) due
      where j.workspace_id = due.workspace_id and j.id = due.id
      returning j.workspace_id, j.id, j.asked_by, j.scopes, j.operation`,
    [now, new Date(now.getTime() + leaseMilliseconds), operations],
  );
  return rows[0] ?? null;
}

/** Forgets jobs that are long over; their rows go with them. */
export async function forgetOldJobs(system: Pool): Promise<void> {
  await system.query(`delete from job where finished_at < now() - interval '${keptFor}'`);
}

/** A job, locked until the transaction ends: a chunk, a cancel and an undo wait for each other. */
export async function lockJob(db: Kysely<JobTables>, { workspace_id: workspace, id }: Key): Promise<JobRecord | null> {
  const found = await db
    .selectFrom('job')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return found ?? null;
}

/** Writes what became of a chunk's rows, and how far the job is now. */
export async function keepChunk(
  db: Kysely<JobTables>,
  job: JobRecord,
  rows: readonly RowAnswer[],
  next: Pick<JobRecord, 'state' | 'total' | 'due_at' | 'finished_at'>,
): Promise<void> {
  const { workspace_id: workspace, id, done } = job;
  if (rows.length) {
    const records = rows.map(({ id: row_id, outcome, code, kept }, index) => ({
      ...{ workspace_id: workspace, job_id: id, place: done + index, row_id, outcome, code },
      kept: kept ? JSON.stringify(kept) : null,
    }));
    await db.insertInto('job_row').values(records).execute();
  }
  const progress = { done: done + rows.length, chunks: job.chunks + 1, attempts: 0, ...next };
  await db.updateTable('job').set(progress).where('workspace_id', '=', workspace).where('id', '=', id).execute();
  Object.assign(job, progress);
}

/** The rows of a job that an undo takes back, in order. */
export async function keptRows(
  db: Kysely<JobTables>,
  { workspace_id: workspace, id }: Key,
  { done, size }: { done: number; size: number },
): Promise<{ id: string; kept: object }[]> {
  const rows = await db
    .selectFrom('job_row')
    .select(['row_id as id', 'kept'])
    .where('workspace_id', '=', workspace)
    .where('job_id', '=', id)
    .where('kept', 'is not', null)
    .orderBy('place')
    .offset(done)
    .limit(size)
    .execute();
  return rows.map(({ id: row, kept }) => ({ id: row, kept: kept as unknown as object }));
}

/** The answers of a job, a page of them. */
export async function listRows(db: Kysely<JobTables>, job: JobRecord, asked: ListJobRows): Promise<JobRowPage> {
  const { outcome, cursor, limit = mostRowsOfPage } = asked;
  let query = db
    .selectFrom('job_row')
    .select(['place', 'row_id as id', 'outcome', 'code'])
    .where('workspace_id', '=', job.workspace_id)
    .where('job_id', '=', job.id)
    .orderBy('place')
    .limit(limit + 1);
  if (outcome) query = query.where('outcome', '=', outcome);
  if (cursor) query = query.where('place', '>', Number(cursor));
  const rows = await query.execute();
  const data = rows.slice(0, limit);
  return { data, nextCursor: rows.length > limit ? String(data.at(-1)?.place) : null };
}

/** How many rows of a job an undo has to look at. */
export async function countKept(db: Kysely<JobTables>, { workspace_id: workspace, id }: Key): Promise<number> {
  const { count } = await db
    .selectFrom('job_row')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('workspace_id', '=', workspace)
    .where('job_id', '=', id)
    .where('kept', 'is not', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The job that takes another back, where somebody asked for it. */
export async function undoOf(db: Kysely<JobTables>, { workspace_id: workspace, id }: Key): Promise<string | null> {
  const found = await db
    .selectFrom('job')
    .select('id')
    .where('workspace_id', '=', workspace)
    .where('undoes', '=', id)
    .executeTakeFirst();
  return found?.id ?? null;
}

/** A job for an answer. */
export async function describeJob(
  db: Kysely<JobTables>,
  job: JobRecord,
  { cancellable, undoable, path }: { cancellable: boolean; undoable: boolean; path: string },
): Promise<JobState> {
  const rows = await db
    .selectFrom('job_row')
    .select(['row_id as id', 'outcome', 'code'])
    .where('workspace_id', '=', job.workspace_id)
    .where('job_id', '=', job.id)
    .$if(job.total > mostRowsOfPage, (query) => query.where('outcome', 'not in', ['done', 'unchanged']))
    .orderBy('place')
    .limit(mostRowsOfPage)
    .execute();
  const over = job.state !== 'running';
  const canUndo = undoable && over && !job.undoes && (await countKept(db, job)) > 0 && (await undoOf(db, job)) === null;
  const { id, operation, state, total, done, code, undoes } = job;
  return {
    ...{ id, operation, state, total, done, code, undoes, canUndo, canCancel: cancellable && !over },
    rows: rows as JobRow[],
    href: `${path}/${id}`,
    createdAt: job.created_at,
    finishedAt: job.finished_at,
  };
}
