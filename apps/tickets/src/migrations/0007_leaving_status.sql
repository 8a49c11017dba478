-- A status that is being removed: its items move in chunks, nothing new comes into it.
alter table tickets.status add column successor_id uuid;
