-- Who wants no more mail about an item. What happens there they still see in the app.
create table notifications.stopped_mail (
  workspace_id uuid not null,
  item_id uuid not null,
  person_id uuid not null,
  at timestamptz not null,
  primary key (workspace_id, item_id, person_id)
);
select sportello.isolate('notifications.stopped_mail');

-- The customer who gets a copy because they follow: they, and nobody who asked for it themselves, may stop it.
alter table notifications.outbound_mail add column follower_id uuid;
