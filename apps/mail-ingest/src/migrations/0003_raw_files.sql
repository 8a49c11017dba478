-- Whoever sweeps files asks which of them are raw mails here.
create index spool_raw on mail_ingest.spool (workspace_id, raw_hash);
