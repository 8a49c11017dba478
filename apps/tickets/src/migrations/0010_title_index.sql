-- concurrently
create index concurrently if not exists item_title on tickets.item (workspace_id, title_order, id) where deleted_at is null;
