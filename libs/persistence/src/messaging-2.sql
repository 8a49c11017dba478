-- What an operator needs of parked events, and how far copies were filled from their owners' snapshots.

alter table :service.parked_event add column id bigint generated always as identity;
-- When an operator asked for another try.
alter table :service.parked_event add column retry_at timestamptz;

-- Up to where the aggregate's copy comes from a snapshot: the event after that one follows, although those before were never handled.
alter table :service.inbox add column filled_seq integer not null default 0;

-- Copies that are complete. A snapshot fills those of all workspaces, so the workspace is the nil UUID.
create table :service.filled_copy (
  workspace_id uuid not null,
  snapshot text not null,
  filled_at timestamptz not null default now(),
  primary key (workspace_id, snapshot)
);
select sportello.isolate(':service.filled_copy');
select sportello.open_to_system(':service.filled_copy');
