-- How often a worker died with the mail in hand: one that kills them all must not come back for ever.
alter table mail_ingest.spool add column crashes integer not null default 0;

-- Why a test mail could not leave.
alter table mail_ingest.test add column failed text;

-- A mailbox that is fetched. `revision` rises with every change of it, so that a connection knows that its settings are outdated.
create table mail_ingest.imap_account (
  workspace_id uuid not null,
  id uuid not null,
  host text not null,
  port integer not null,
  security text not null check (security in ('tls', 'starttls', 'none')),
  username text not null,
  authentication text not null check (authentication in ('password', 'oauth2')),
  -- Sealed with a key that follows from SECRET_KEY.
  secret text not null,
  folder text not null,
  active boolean not null default true,
  revision integer not null default 1,
  state text not null default 'connecting' check (state in ('connecting', 'listening', 'failed', 'off')),
  problem text,
  -- Up to where it was fetched: written in the transaction of the spool row.
  uid_validity bigint,
  last_uid bigint not null default 0,
  created_at timestamptz not null,
  primary key (workspace_id, id)
);
create unique index imap_account_mailbox on mail_ingest.imap_account (workspace_id, host, username, folder);
create index imap_account_active on mail_ingest.imap_account (id) where active;
select sportello.isolate('mail_ingest.imap_account');
select sportello.open_to_system('mail_ingest.imap_account');
