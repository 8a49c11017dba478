-- Which apps a workspace has switched on.
alter table identity.workspace add column apps text[] not null default '{tickets}';
