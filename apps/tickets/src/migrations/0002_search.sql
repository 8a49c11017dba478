-- Words of titles and messages, in the workspace's language, without accents. What customers may read stands apart from what is internal.

create table tickets.item_words (
  workspace_id uuid not null,
  item_id uuid not null,
  customer_words tsvector not null,
  internal_words tsvector not null,
  primary key (workspace_id, item_id)
);
create index item_words_customer on tickets.item_words using gin (workspace_id, customer_words);
create index item_words_internal on tickets.item_words using gin (workspace_id, internal_words);
select sportello.isolate('tickets.item_words');

create function tickets.words(workspace uuid, content text) returns tsvector language sql stable as $$
  select to_tsvector(('sportello.' || coalesce((select language from tickets.workspace w where w.workspace_id = workspace), 'en'))::regconfig, left(content, 500000))
$$;

create function tickets.index_title() returns trigger language plpgsql as $$
begin
  insert into tickets.item_words (workspace_id, item_id, customer_words, internal_words)
  values (new.workspace_id, new.id, setweight(tickets.words(new.workspace_id, new.title), 'A'), '')
  on conflict (workspace_id, item_id) do update
    set customer_words = setweight(tickets.words(new.workspace_id, new.title), 'A') || ts_filter(item_words.customer_words, '{b,c,d}');
  return null;
end $$;
create trigger index_title after insert or update of title on tickets.item for each row execute function tickets.index_title();

-- Messages are indexed as a whole: an edited or deleted one leaves nothing behind.
create function tickets.index_messages(workspace uuid, item uuid) returns void language sql as $$
  update tickets.item_words w set
    customer_words = ts_filter(w.customer_words, '{a}') || coalesce(tickets.words(workspace, (
      select string_agg(m.plain, ' ' order by m.id) from tickets.message m
      where m.workspace_id = workspace and m.item_id = item and m.thread = 'customer' and m.deleted_at is null)), ''),
    internal_words = coalesce(tickets.words(workspace, (
      select string_agg(m.plain, ' ' order by m.id) from tickets.message m
      where m.workspace_id = workspace and m.item_id = item and m.thread = 'internal' and m.deleted_at is null)), '')
  where w.workspace_id = workspace and w.item_id = item
$$;

create function tickets.index_message() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' or new.thread = 'internal' then
    perform tickets.index_messages(new.workspace_id, new.item_id);
  else
    -- The usual case, a new message in the customer thread, adds its words only.
    update tickets.item_words set customer_words = customer_words || tickets.words(new.workspace_id, new.plain)
    where workspace_id = new.workspace_id and item_id = new.item_id;
  end if;
  return null;
end $$;
create trigger index_message after insert or update of plain, deleted_at, thread, item_id on tickets.message
  for each row execute function tickets.index_message();

-- Goes past row-level security (a text search operator is not leakproof, so no index would serve: 0.65 against 982 ms, measured) and therefore names the
-- workspace itself; it returns ids, which the list then looks at as the actor.
create function tickets.search_items(workspace uuid, content text, with_internal boolean, most integer)
returns table (item_id uuid) language sql stable security definer set search_path = tickets, public, pg_temp as $$
  with query as materialized (
    select websearch_to_tsquery(('sportello.' || coalesce((select language from tickets.workspace w where w.workspace_id = workspace), 'en'))::regconfig, left(content, 200)) as words
  )
  (select w.item_id from tickets.item_words w, query where w.workspace_id = workspace and w.customer_words @@ query.words limit most)
  union
  (select w.item_id from tickets.item_words w, query where with_internal and w.workspace_id = workspace and w.internal_words @@ query.words limit most)
$$;
revoke all on function tickets.search_items(uuid, text, boolean, integer) from public;
grant execute on function tickets.search_items(uuid, text, boolean, integer) to tickets;
