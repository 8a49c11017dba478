-- Items of every type with everything on them. Foreign keys are checked at commit: the ORM knows of no order between rows. Every table begins with its workspace, and so does every index.

-- What is copied from identity, by seq: the newest event wins.

create table tickets.workspace (
  workspace_id uuid primary key,
  slug text not null,
  name text not null,
  language text not null,
  time_zone text not null,
  customer_sight text not null,
  grace_seconds integer not null,
  support_project_id uuid not null,
  inbound_address text not null,
  reply_address text,
  seq integer not null
);
select sportello.isolate('tickets.workspace');

create table tickets.person (
  workspace_id uuid not null,
  kind text not null check (kind in ('user', 'customer')),
  id uuid not null,
  name text not null,
  email text,
  organization_id uuid,
  language text,
  active boolean not null default true,
  seq integer not null,
  primary key (workspace_id, kind, id)
);
create index person_email on tickets.person (workspace_id, email);
create index person_organization on tickets.person (workspace_id, organization_id);
select sportello.isolate('tickets.person');

-- What is asked of a user when nobody is signed in: may they still see what a mail to them says?
create table tickets.user_access (
  workspace_id uuid not null,
  user_id uuid not null,
  role text not null,
  active boolean not null,
  seq integer not null,
  primary key (workspace_id, user_id)
);
select sportello.isolate('tickets.user_access');

create table tickets.user_team (
  workspace_id uuid not null,
  user_id uuid not null,
  team_id uuid not null,
  primary key (workspace_id, user_id, team_id)
);
select sportello.isolate('tickets.user_team');

create table tickets.team (
  workspace_id uuid not null,
  id uuid not null,
  name text not null,
  removed boolean not null default false,
  seq integer not null,
  primary key (workspace_id, id)
);
select sportello.isolate('tickets.team');

create table tickets.organization (
  workspace_id uuid not null,
  id uuid not null,
  name text not null,
  default_project_id uuid,
  default_team_id uuid,
  removed boolean not null default false,
  seq integer not null,
  primary key (workspace_id, id)
);
select sportello.isolate('tickets.organization');

-- Who has which role on a project.
create table tickets.project_grant (
  workspace_id uuid not null,
  project_id uuid not null,
  principal_kind text not null check (principal_kind in ('user', 'team')),
  principal_id uuid not null,
  role text not null check (role in ('manager', 'lead', 'standard', 'restricted')),
  primary key (workspace_id, principal_kind, principal_id, project_id)
);
select sportello.isolate('tickets.project_grant');

-- Types and lifecycles.

create table tickets.item_type (
  workspace_id uuid not null,
  id uuid not null,
  key text not null,
  name text not null,
  plural_name text not null,
  icon text not null,
  published_by_default boolean not null,
  hidden boolean not null default false,
  -- What moves an item by itself: { "customer-reply": status id, … }. Rows of the type, not branches in code.
  moves jsonb not null default '{}',
  seq integer not null,
  primary key (workspace_id, id),
  unique (workspace_id, key)
);
select sportello.isolate('tickets.item_type');

create table tickets.status (
  workspace_id uuid not null,
  id uuid not null,
  type_id uuid not null,
  name text not null,
  customer_name text not null,
  color text not null,
  state text not null check (state in ('not-started', 'in-progress', 'finished')),
  position integer not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, type_id) references tickets.item_type (workspace_id, id) deferrable initially deferred
);
create index status_type on tickets.status (workspace_id, type_id, position);
select sportello.isolate('tickets.status');

-- Items. Assignees, followers and tags are kept on the item and mirrored by a trigger into tables that lists can look up: under row-level
-- security an array operator reaches no index, because it is not leakproof.

create table tickets.item (
  workspace_id uuid not null,
  id uuid not null,
  number integer not null,
  type_id uuid not null,
  title text not null,
  status_id uuid not null,
  state text not null check (state in ('not-started', 'in-progress', 'finished')),
  open boolean not null generated always as (state <> 'finished') stored,
  priority smallint not null check (priority between 0 and 5),
  project_id uuid not null,
  requester_user_id uuid,
  requester_customer_id uuid,
  requester_organization_id uuid,
  assigned_user_ids uuid[] not null default '{}',
  assigned_team_ids uuid[] not null default '{}',
  follower_user_ids uuid[] not null default '{}',
  follower_customer_ids uuid[] not null default '{}',
  unassigned boolean not null generated always as (assigned_user_ids = '{}' and assigned_team_ids = '{}') stored,
  tags text[] not null default '{}',
  published boolean not null,
  due_at timestamptz,
  -- What has no due date comes last.
  due_order timestamptz not null generated always as (coalesce(due_at, 'infinity')) stored,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  finished_at timestamptz,
  last_message_id uuid,
  deleted_at timestamptz,
  seq integer not null,
  primary key (workspace_id, id),
  unique (workspace_id, number),
  check (requester_user_id is null or requester_customer_id is null)
);
create index item_updated on tickets.item (workspace_id, project_id, updated_at desc, id desc) where deleted_at is null;
create index item_open_updated on tickets.item (workspace_id, project_id, updated_at desc, id desc) where deleted_at is null and open;
create index item_all_updated on tickets.item (workspace_id, updated_at desc, id desc) where deleted_at is null;
create index item_all_open_updated on tickets.item (workspace_id, updated_at desc, id desc) where deleted_at is null and open;
create index item_unassigned on tickets.item (workspace_id, project_id, updated_at desc, id desc) where deleted_at is null and open and unassigned;
create index item_created on tickets.item (workspace_id, created_at desc, id desc) where deleted_at is null;
create index item_due on tickets.item (workspace_id, due_order, id) where deleted_at is null;
create index item_status on tickets.item (workspace_id, status_id, updated_at desc, id desc) where deleted_at is null;
create index item_requester_customer on tickets.item (workspace_id, requester_customer_id, updated_at desc, id desc);
create index item_requester_user on tickets.item (workspace_id, requester_user_id, updated_at desc, id desc);
create index item_organization on tickets.item (workspace_id, requester_organization_id, updated_at desc, id desc);
select sportello.isolate('tickets.item');

create table tickets.item_person (
  workspace_id uuid not null,
  item_id uuid not null,
  relation text not null check (relation in ('assigned-user', 'assigned-team', 'following-user', 'following-customer')),
  person_id uuid not null,
  primary key (workspace_id, relation, person_id, item_id)
);
create index item_person_item on tickets.item_person (workspace_id, item_id);
select sportello.isolate('tickets.item_person');

create table tickets.item_tag (
  workspace_id uuid not null,
  item_id uuid not null,
  tag text not null,
  primary key (workspace_id, tag, item_id)
);
create index item_tag_item on tickets.item_tag (workspace_id, item_id);
select sportello.isolate('tickets.item_tag');

create function tickets.mirror_item() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' or (new.assigned_user_ids, new.assigned_team_ids, new.follower_user_ids, new.follower_customer_ids)
      is distinct from (old.assigned_user_ids, old.assigned_team_ids, old.follower_user_ids, old.follower_customer_ids) then
    delete from tickets.item_person where workspace_id = new.workspace_id and item_id = new.id;
    insert into tickets.item_person (workspace_id, item_id, relation, person_id)
    select new.workspace_id, new.id, relation, person_id from (
      select 'assigned-user' as relation, unnest(new.assigned_user_ids) as person_id
      union select 'assigned-team', unnest(new.assigned_team_ids)
      union select 'following-user', unnest(new.follower_user_ids)
      union select 'following-customer', unnest(new.follower_customer_ids)
    ) all_of_them;
  end if;
  if tg_op = 'INSERT' or new.tags is distinct from old.tags then
    delete from tickets.item_tag where workspace_id = new.workspace_id and item_id = new.id;
    insert into tickets.item_tag (workspace_id, item_id, tag) select distinct new.workspace_id, new.id, unnest(new.tags);
  end if;
  return null;
end $$;
create trigger mirror_item after insert or update on tickets.item for each row execute function tickets.mirror_item();

create table tickets.item_link (
  workspace_id uuid not null,
  item_id uuid not null,
  other_id uuid not null,
  relation text not null check (relation in ('maybe-same', 'follow-up', 'split-off', 'related')),
  created_at timestamptz not null,
  primary key (workspace_id, item_id, other_id)
);
create index item_link_other on tickets.item_link (workspace_id, other_id);
select sportello.isolate('tickets.item_link');

create table tickets.item_seen (
  workspace_id uuid not null,
  user_id uuid not null,
  item_id uuid not null,
  message_id uuid,
  seen_at timestamptz not null,
  primary key (workspace_id, user_id, item_id)
);
select sportello.isolate('tickets.item_seen');

create table tickets.activity (
  workspace_id uuid not null,
  id uuid not null,
  item_id uuid not null,
  at timestamptz not null,
  actor_kind text,
  actor_id uuid,
  what text not null,
  before jsonb,
  after jsonb,
  -- Of an internal thread: users only.
  internal boolean not null default false,
  primary key (workspace_id, id)
);
create index activity_item on tickets.activity (workspace_id, item_id, id);
select sportello.isolate('tickets.activity');

-- Conversations.

create table tickets.thread (
  workspace_id uuid not null,
  id uuid not null,
  item_id uuid not null,
  kind text not null check (kind in ('customer', 'internal')),
  created_at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, item_id) references tickets.item (workspace_id, id) deferrable initially deferred
);
create index thread_item on tickets.thread (workspace_id, item_id, id);
create unique index thread_customer on tickets.thread (workspace_id, item_id) where kind = 'customer';
select sportello.isolate('tickets.thread');

create table tickets.message (
  workspace_id uuid not null,
  id uuid not null,
  item_id uuid not null,
  thread_id uuid not null,
  thread text not null check (thread in ('customer', 'internal')),
  author_kind text not null check (author_kind in ('user', 'customer')),
  author_id uuid not null,
  via text not null check (via in ('mail', 'web', 'api')),
  subject text,
  to_mailboxes jsonb not null default '[]',
  cc_mailboxes jsonb not null default '[]',
  html text not null,
  quoted_html text,
  -- For search and excerpts.
  plain text not null,
  remote_images integer not null default 0,
  mentions uuid[] not null default '{}',
  new_here boolean not null default false,
  mail jsonb,
  raw_hash text,
  created_at timestamptz not null,
  edited_at timestamptz,
  deleted_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, item_id) references tickets.item (workspace_id, id) deferrable initially deferred,
  foreign key (workspace_id, thread_id) references tickets.thread (workspace_id, id) deferrable initially deferred
);
create index message_item on tickets.message (workspace_id, item_id, id);
create index message_author on tickets.message (workspace_id, author_id);
select sportello.isolate('tickets.message');

create table tickets.message_revision (
  workspace_id uuid not null,
  id uuid not null,
  message_id uuid not null,
  html text not null,
  until timestamptz not null,
  by_kind text not null,
  by_id uuid not null,
  primary key (workspace_id, id)
);
create index message_revision_message on tickets.message_revision (workspace_id, message_id, id);
select sportello.isolate('tickets.message_revision');

-- How our mail of a message went, a row a recipient: told by notifications.
create table tickets.delivery (
  workspace_id uuid not null,
  id uuid not null,
  item_id uuid not null,
  message_id uuid,
  address text not null,
  state text not null,
  detail text,
  at timestamptz not null,
  seq integer not null,
  primary key (workspace_id, id)
);
create index delivery_message on tickets.delivery (workspace_id, message_id);
select sportello.isolate('tickets.delivery');

create table tickets.file (
  workspace_id uuid not null,
  id uuid not null,
  hash text not null,
  name text not null,
  content_type text not null,
  size bigint not null,
  inline boolean not null default false,
  -- Its uploader alone may attach or read it until it is attached.
  uploader_kind text not null,
  uploader_id uuid not null,
  message_id uuid,
  created_at timestamptz not null,
  primary key (workspace_id, id)
);
create index file_message on tickets.file (workspace_id, message_id) where message_id is not null;
create index file_loose on tickets.file (workspace_id, created_at) where message_id is null;
select sportello.isolate('tickets.file');

-- What mails name. These outlive the item, so that the same mail delivered again changes nothing.

create table tickets.mail_id (
  workspace_id uuid not null,
  mail_id text not null,
  item_id uuid not null,
  thread_id uuid not null,
  -- We made the id: 128 random bits vouch for whoever names it.
  ours boolean not null,
  primary key (workspace_id, mail_id, item_id)
);
select sportello.isolate('tickets.mail_id');

-- One of our mails: to whom, for which message, under which id and with which secrets. Made once, so that a repeat after a crash is the same mail.
create table tickets.sent_mail (
  workspace_id uuid not null,
  id uuid not null,
  item_id uuid not null,
  thread_id uuid not null,
  message_id uuid,
  purpose text not null,
  recipient text not null,
  mail_id text not null,
  reply_token text not null,
  bounce_token text not null,
  created_at timestamptz not null,
  primary key (workspace_id, id)
);
create unique index sent_mail_once on tickets.sent_mail (workspace_id, item_id, purpose, recipient, message_id) nulls not distinct;
create unique index sent_mail_reply_token on tickets.sent_mail (workspace_id, reply_token);
create unique index sent_mail_bounce_token on tickets.sent_mail (workspace_id, bounce_token);
create unique index sent_mail_mail_id on tickets.sent_mail (workspace_id, mail_id);
select sportello.isolate('tickets.sent_mail');

create table tickets.received_mail (
  workspace_id uuid not null,
  mail_key text not null,
  content_hash text not null,
  item_id uuid,
  message_id uuid,
  outcome text not null,
  verdict text not null,
  reason text not null,
  at timestamptz not null,
  primary key (workspace_id, mail_key, content_hash)
);
select sportello.isolate('tickets.received_mail');

-- Numbers: one sequence a workspace. Rising, unique, with gaps; a counter row would hold a busy workspace to 450 commits a second (measured).

create function tickets.next_number(workspace uuid) returns integer language plpgsql security definer set search_path = tickets, pg_temp as $$
declare
  sequence text := 'tickets.number_' || replace(workspace::text, '-', '');
begin
  return nextval(sequence::regclass);
exception when undefined_table then
  execute format('create sequence if not exists %s as integer start 1001', sequence);
  return nextval(sequence::regclass);
end $$;
revoke all on function tickets.next_number(uuid) from public;
grant execute on function tickets.next_number(uuid) to tickets;
