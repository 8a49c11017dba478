-- Outbox, inbox and idempotency of one service; :service is its schema and role. Same in every service.

create table :service.outbox (
  id bigint generated always as identity primary key,
  workspace_id uuid not null,
  event_id uuid not null,
  subject text not null,
  aggregate_id uuid not null,
  seq integer not null,
  event jsonb not null,
  created_at timestamptz not null default now(),
  -- Where it stands in the stream: a new stream has a new epoch, and everything young enough is published again.
  published_epoch bigint,
  published_sequence bigint,
  parked_reason text
);
create index outbox_waiting on :service.outbox (id) where published_sequence is null and parked_reason is null;
create index outbox_published on :service.outbox (published_epoch, published_sequence) where published_sequence is not null;
create index outbox_age on :service.outbox (created_at);
select sportello.isolate(':service.outbox');
select sportello.open_to_system(':service.outbox');

-- The last event that was handled of each aggregate. Locked while one is handled: that is what keeps order between replicas.
create table :service.inbox (
  workspace_id uuid not null,
  consumer text not null,
  aggregate text not null,
  aggregate_id uuid not null,
  last_seq integer not null,
  updated_at timestamptz not null default now(),
  primary key (workspace_id, consumer, aggregate, aggregate_id)
);
create index inbox_age on :service.inbox (updated_at);
select sportello.isolate(':service.inbox');
select sportello.open_to_system(':service.inbox');

-- Events whose handler failed too often. An operator sees, retries or drops them; later ones of the same aggregate wait behind.
create table :service.parked_event (
  workspace_id uuid not null,
  consumer text not null,
  aggregate text not null,
  aggregate_id uuid not null,
  seq integer not null,
  event jsonb not null,
  reason text not null,
  parked_at timestamptz not null default now(),
  primary key (workspace_id, consumer, aggregate, aggregate_id, seq)
);
select sportello.isolate(':service.parked_event');
select sportello.open_to_system(':service.parked_event');

create table :service.idempotency (
  workspace_id uuid not null,
  actor text not null,
  key text not null,
  operation text not null,
  input_hash text not null,
  reply jsonb,
  created_at timestamptz not null default now(),
  primary key (workspace_id, actor, key)
);
create index idempotency_age on :service.idempotency (created_at);
select sportello.isolate(':service.idempotency');
select sportello.open_to_system(':service.idempotency', 'select, delete');
