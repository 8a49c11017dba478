-- Files that may have nobody left who refers to them: every upload until it is attached, and what lost its message. Looked at again a day later.
create table tickets.dead_file (
  workspace_id uuid not null,
  hash text not null,
  dead_since timestamptz not null,
  primary key (workspace_id, hash)
);
create index dead_file_since on tickets.dead_file (dead_since);
select sportello.isolate('tickets.dead_file');
-- The sweeper looks for what is due in every workspace; what it found it handles as the workspace.
select sportello.open_to_system('tickets.dead_file', 'select');

create index file_hash on tickets.file (workspace_id, hash);
create index message_raw on tickets.message (workspace_id, raw_hash) where raw_hash is not null;
