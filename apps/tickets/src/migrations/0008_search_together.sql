-- A user's words may stand partly in the title and partly in an internal thread: they search one column with both.
alter table tickets.item_words add column team_words tsvector not null
  generated always as (tickets.joined_words(customer_words, internal_words)) stored;
create index item_words_team on tickets.item_words using gin (workspace_id, team_words);
drop index tickets.item_words_internal;

-- Words are asked for in all three languages: what was written before a workspace changed its language was indexed in the old one, and indexing a
-- million messages anew would take an hour. A form that only another language knows matches nothing, so nothing is found that should not be.
create or replace function tickets.search_items(workspace uuid, content text, with_internal boolean, most integer)
returns table (item_id uuid) language sql stable security definer set search_path = tickets, public, pg_temp as $$
  with query as materialized (
    select websearch_to_tsquery('sportello.en', given) || websearch_to_tsquery('sportello.it', given) || websearch_to_tsquery('sportello.nb', given) as words
      from (select left(content, 200) as given) as asked
  )
  (select w.item_id from tickets.item_words w, query where not with_internal and w.workspace_id = workspace and w.customer_words @@ query.words limit most)
  union all
  (select w.item_id from tickets.item_words w, query where with_internal and w.workspace_id = workspace and w.team_words @@ query.words limit most)
$$;
