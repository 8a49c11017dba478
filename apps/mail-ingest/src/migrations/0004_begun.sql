-- Whether a worker has begun with a mail that it claimed: only such a one may be what the worker died of.
alter table mail_ingest.spool add column begun boolean not null default false;
