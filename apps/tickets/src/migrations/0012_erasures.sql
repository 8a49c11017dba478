-- People whose traces are being taken out of what is kept: who they were is forgotten with the last of them. In steps, because a workspace may hold
-- millions of messages, and nothing else may wait so long.
create table tickets.erasure (
  workspace_id uuid not null,
  person_kind text not null check (person_kind in ('user', 'customer')),
  person_id uuid not null,
  name text not null,
  addresses text[] not null,
  label text not null,
  -- What they took part in, once it was looked up: only there may their name be taken out of what others wrote.
  items uuid[],
  -- How far the messages are done.
  after uuid not null default '00000000-0000-0000-0000-000000000000',
  requested_at timestamptz not null,
  primary key (workspace_id, person_kind, person_id)
);
select sportello.isolate('tickets.erasure');
select sportello.open_to_system('tickets.erasure', 'select');
