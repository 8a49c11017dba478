-- Nobody is told anything of an app that is switched off.
alter table notifications.workspace add column apps text[] not null default '{tickets}';
alter table notifications.item add column app text not null default 'tickets';
