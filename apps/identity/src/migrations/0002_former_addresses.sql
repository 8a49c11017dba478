-- Erasing a person takes out every address they had, not only the last one.
alter table identity.customer add column former_emails text[] not null default '{}';
