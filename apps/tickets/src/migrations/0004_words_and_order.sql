-- A list by priority walks an index like the others.
create index item_priority on tickets.item (workspace_id, priority desc, id desc) where deleted_at is null;

-- A tsvector holds 1 MB. A message of many different words, or a conversation of years, must not be refused because its words do not fit: what is
-- beyond the limit is not found by search, nothing else.
create or replace function tickets.words(workspace uuid, content text) returns tsvector language plpgsql stable as $$
declare
  config regconfig := ('sportello.' || coalesce((select language from tickets.workspace w where w.workspace_id = workspace), 'en'))::regconfig;
begin
  return to_tsvector(config, left(content, 500000));
exception when program_limit_exceeded then
  return to_tsvector(config, left(content, 100000));
end $$;

create function tickets.joined_words(known tsvector, added tsvector) returns tsvector language plpgsql immutable as $$
begin
  return known || added;
exception when program_limit_exceeded then
  return known;
end $$;

create or replace function tickets.index_title() returns trigger language plpgsql as $$
begin
  insert into tickets.item_words (workspace_id, item_id, customer_words, internal_words)
  values (new.workspace_id, new.id, setweight(tickets.words(new.workspace_id, new.title), 'A'), '')
  on conflict (workspace_id, item_id) do update set customer_words = tickets.joined_words(
    setweight(tickets.words(new.workspace_id, new.title), 'A'), ts_filter(item_words.customer_words, '{b,c,d}'));
  return null;
end $$;

create or replace function tickets.index_messages(workspace uuid, item uuid) returns void language sql as $$
  update tickets.item_words w set
    customer_words = tickets.joined_words(ts_filter(w.customer_words, '{a}'), coalesce(tickets.words(workspace, (
      select string_agg(m.plain, ' ' order by m.id) from tickets.message m
      where m.workspace_id = workspace and m.item_id = item and m.thread = 'customer' and m.deleted_at is null)), '')),
    internal_words = coalesce(tickets.words(workspace, (
      select string_agg(m.plain, ' ' order by m.id) from tickets.message m
      where m.workspace_id = workspace and m.item_id = item and m.thread = 'internal' and m.deleted_at is null)), '')
  where w.workspace_id = workspace and w.item_id = item
$$;

create or replace function tickets.index_message() returns trigger language plpgsql as $$
begin
  -- The rows of a new item come in no particular order: its first message may be written before it.
  insert into tickets.item_words (workspace_id, item_id, customer_words, internal_words)
  values (new.workspace_id, new.item_id, '', '') on conflict do nothing;
  if tg_op = 'UPDATE' or new.thread = 'internal' then
    perform tickets.index_messages(new.workspace_id, new.item_id);
    if tg_op = 'UPDATE' and old.item_id <> new.item_id then
      perform tickets.index_messages(old.workspace_id, old.item_id);
    end if;
  else
    -- The usual case, a new message in the customer thread, adds its words only.
    update tickets.item_words set customer_words = tickets.joined_words(customer_words, tickets.words(new.workspace_id, new.plain))
    where workspace_id = new.workspace_id and item_id = new.item_id;
  end if;
  return null;
end $$;

-- Two first items of one workspace at the same moment: "if not exists" does not keep two transactions from making the same sequence.
create or replace function tickets.next_number(workspace uuid) returns integer language plpgsql security definer set search_path = tickets, pg_temp as $$
declare
  sequence text := 'tickets.number_' || replace(workspace::text, '-', '');
begin
  return nextval(sequence::regclass);
exception when undefined_table then
  perform pg_advisory_xact_lock(hashtextextended(sequence, 0));
  execute format('create sequence if not exists %s as integer start 1001', sequence);
  return nextval(sequence::regclass);
end $$;

-- "Printer" and "printer" are one tag. A column and not an expression: under row-level security lower() reaches no index.
alter table tickets.item_tag add column folded text not null generated always as (lower(tag)) stored;
create index item_tag_folded on tickets.item_tag (workspace_id, folded, item_id);
