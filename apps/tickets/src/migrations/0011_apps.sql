-- The app that a type belongs to, and with it its items: those of an app that is switched off leave lists and are read only.
alter table tickets.item_type add column app text not null default 'tickets';
alter table tickets.item add column app text not null default 'tickets';
