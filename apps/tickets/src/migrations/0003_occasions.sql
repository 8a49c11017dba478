-- Two mails of one purpose about one item, with no message to tell them apart: finished, reopened, finished again.
alter table tickets.sent_mail add column occasion uuid;
drop index tickets.sent_mail_once;
create unique index sent_mail_once on tickets.sent_mail (workspace_id, item_id, purpose, recipient, message_id, occasion) nulls not distinct;

-- References stand oldest first.
alter table tickets.mail_id add column known_at timestamptz not null default now();
create index mail_id_thread on tickets.mail_id (workspace_id, item_id, thread_id, known_at);
