-- Filters by these dates, and the tags in use: without, a rare match reads and sorts the whole workspace.
create index item_due_at on tickets.item (workspace_id, due_at) where deleted_at is null and due_at is not null;
create index item_finished_at on tickets.item (workspace_id, finished_at) where deleted_at is null and finished_at is not null;
create index item_tagged on tickets.item (workspace_id, updated_at desc, id desc) where deleted_at is null and tags <> '{}';
