-- Mail that was accepted. A row is committed before the sender hears "250"; the raw file was stored before that.

create table mail_ingest.spool (
  workspace_id uuid not null,
  id uuid not null,
  raw_hash text not null,
  size integer not null,
  source text not null check (source in ('smtp', 'lmtp', 'imap', 'http')),
  -- MAIL FROM; null for the empty return path, and where no transport told.
  envelope_from text,
  no_return_path boolean not null default false,
  envelope_to text[] not null,
  client_address text,
  client_name text,
  received_at timestamptz not null,
  state text not null check (state in ('waiting', 'working', 'done', 'quarantined')) default 'waiting',
  attempts integer not null default 0,
  due_at timestamptz not null,
  claimed_at timestamptz,
  -- What became of it: the step it ended at, a code, a sentence.
  step text,
  code text,
  reason text,
  from_address text,
  subject text,
  -- A user has looked at it in quarantine and let it in.
  released boolean not null default false,
  primary key (workspace_id, id)
);
create index spool_due on mail_ingest.spool (due_at) where state = 'waiting';
create index spool_working on mail_ingest.spool (claimed_at) where state = 'working';
create index spool_quarantine on mail_ingest.spool (workspace_id, id desc) where state = 'quarantined';
create index spool_done on mail_ingest.spool (received_at) where state = 'done';
select sportello.isolate('mail_ingest.spool');
select sportello.open_to_system('mail_ingest.spool');

-- A provider's question whether mail may be forwarded here, for a person to answer.
create table mail_ingest.confirmation (
  workspace_id uuid not null,
  id uuid not null,
  provider text not null,
  code text,
  link text,
  address text,
  received_at timestamptz not null,
  primary key (workspace_id, id)
);
select sportello.isolate('mail_ingest.confirmation');
select sportello.open_to_system('mail_ingest.confirmation');

-- "Send test": a mail to a forwarded address that should come back in.
create table mail_ingest.test (
  workspace_id uuid not null,
  id uuid not null,
  address text not null,
  token text not null,
  sent_at timestamptz not null,
  arrived_at timestamptz,
  primary key (workspace_id, id)
);
create unique index test_token on mail_ingest.test (workspace_id, token);
select sportello.isolate('mail_ingest.test');
select sportello.open_to_system('mail_ingest.test');
