-- A bulk change tells each person once: what else a mail or notification is about besides its own item.
alter table notifications.outbound_mail add column also_item_ids uuid[] not null default '{}';
alter table notifications.notification add column also_item_ids uuid[] not null default '{}';
