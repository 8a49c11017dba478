-- Long and bulk work of one service; :service is its schema and role. Same in every service.

create table :service.job (
  workspace_id uuid not null,
  id uuid not null,
  operation text not null,
  -- The user who asked. Their rights are asked for anew before every chunk; no token is kept.
  asked_by uuid not null,
  -- Of the API token that it was asked with.
  scopes text[],
  input jsonb not null,
  state text not null check (state in ('running', 'done', 'cancelled', 'failed')),
  code text,
  total integer not null,
  done integer not null default 0,
  chunks integer not null default 0,
  undoes uuid,
  attempts integer not null default 0,
  -- When a worker should look at it next. Taken by a worker, it lies ahead: the lease.
  due_at timestamptz not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  primary key (workspace_id, id)
);
create index job_due on :service.job (due_at) where state = 'running';
create index job_finished on :service.job (finished_at) where finished_at is not null;
create unique index job_undone_once on :service.job (workspace_id, undoes) where undoes is not null;
select sportello.isolate(':service.job');
select sportello.open_to_system(':service.job');

create table :service.job_row (
  workspace_id uuid not null,
  job_id uuid not null,
  -- From 0, without gaps: a chunk that ran twice would meet its own rows.
  place integer not null,
  row_id uuid not null,
  outcome text not null check (outcome in ('done', 'unchanged', 'refused', 'left')),
  code text,
  -- What an undo needs.
  kept jsonb,
  primary key (workspace_id, job_id, place),
  foreign key (workspace_id, job_id) references :service.job (workspace_id, id) on delete cascade
);
select sportello.isolate(':service.job_row');
select sportello.open_to_system(':service.job_row');
