-- What every service's migrations build on. Run by the owner before any of them; safe to run again.

create extension if not exists unaccent;
create extension if not exists btree_gin;
create extension if not exists pg_trgm;

create schema if not exists sportello;

create table if not exists sportello.migration (
  service text not null,
  name text not null,
  checksum text not null,
  applied_at timestamptz not null default now(),
  primary key (service, name)
);

-- Closes a table of a service to all but one workspace at a time. Forced, so that the owner is bound as well. `nullif` because a
-- setting made with set_config(…, true) is '' and not null after the transaction on the same connection.
create or replace function sportello.isolate(target regclass) returns void language plpgsql as $$
declare
  service text := (select nspname from pg_namespace n join pg_class c on c.relnamespace = n.oid where c.oid = target);
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy tenant on %s to %I using (workspace_id = nullif(current_setting(''app.workspace'', true), '''')::uuid)',
    target, service);
  execute format('grant select, insert, update, delete on %s to %I', target, service);
end $$;

-- Opens a table to the service's system role, for all workspaces: outbox, inbox, jobs, spool, and look-ups before a tenant is known.
create or replace function sportello.open_to_system(target regclass, privileges text default 'select, insert, update, delete')
returns void language plpgsql as $$
declare
  service text := (select nspname from pg_namespace n join pg_class c on c.relnamespace = n.oid where c.oid = target);
begin
  execute format('create policy system on %s to %I using (true)', target, service || '_system');
  execute format('grant %s on %s to %I', privileges, target, service || '_system');
end $$;

-- A text search configuration per language that also finds "perche" for "perché".
do $$
declare
  pair text[];
begin
  foreach pair slice 1 in array array[['en', 'english'], ['it', 'italian'], ['nb', 'norwegian']] loop
    if not exists (
      select from pg_ts_config c join pg_namespace n on n.oid = c.cfgnamespace where n.nspname = 'sportello' and c.cfgname = pair[1]
    ) then
      execute format('create text search configuration sportello.%I (copy = pg_catalog.%I)', pair[1], pair[2]);
      execute format(
        'alter text search configuration sportello.%I alter mapping for hword, hword_part, word with public.unaccent, %I',
        pair[1], pair[2] || '_stem');
    end if;
  end loop;
end $$;
