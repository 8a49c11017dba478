-- Everything that is sent to a person: mail and notifications in the app. Every table begins with its workspace, and so does every index
-- but the worker's own.

-- What is copied from identity and tickets, by seq: the newest event wins.

create table notifications.workspace (
  workspace_id uuid primary key,
  name text not null,
  language text not null,
  time_zone text not null,
  inbound_address text not null,
  reply_address text,
  seq integer not null
);
select sportello.isolate('notifications.workspace');

create table notifications.person (
  workspace_id uuid not null,
  kind text not null check (kind in ('user', 'customer')),
  id uuid not null,
  name text not null,
  -- Lower case: addresses are compared.
  email text,
  language text,
  active boolean not null,
  -- Of users only.
  role text,
  team_ids uuid[] not null default '{}',
  seq integer not null,
  primary key (workspace_id, kind, id)
);
create index person_email on notifications.person (workspace_id, email);
select sportello.isolate('notifications.person');

create table notifications.project_grant (
  workspace_id uuid not null,
  project_id uuid not null,
  principal_kind text not null check (principal_kind in ('user', 'team')),
  principal_id uuid not null,
  role text not null check (role in ('manager', 'lead', 'standard', 'restricted')),
  primary key (workspace_id, project_id, principal_kind, principal_id)
);
select sportello.isolate('notifications.project_grant');

-- What a notification shows of its item, and who may see it.
create table notifications.item (
  workspace_id uuid not null,
  id uuid not null,
  number integer not null,
  title text not null,
  status_id uuid not null,
  deleted boolean not null default false,
  facts jsonb not null,
  seq integer not null,
  primary key (workspace_id, id)
);
select sportello.isolate('notifications.item');

-- A status in the customers' words: they hear of a change only where it has other words.
create table notifications.status (
  workspace_id uuid not null,
  id uuid not null,
  customer_name text not null,
  seq integer not null,
  primary key (workspace_id, id)
);
select sportello.isolate('notifications.status');

-- Mail. One row is one mail to one recipient; it is also the delivery that is shown on its message.

create table notifications.outbound_mail (
  workspace_id uuid not null,
  id uuid not null,
  purpose text not null,
  -- What it is sent for: the message, or the event. Together with purpose and address it is sent once.
  occasion uuid not null,
  item_id uuid,
  message_id uuid,
  -- The person that it is about where there is no item: who invites, whose password.
  subject_id uuid,
  address text not null,
  name text not null,
  user_id uuid,
  -- The user who wrote what it says: they hear of it when it does not arrive.
  writer_id uuid,
  -- As the mail's header shows them, or alone in a mail of their own.
  role text not null check (role in ('listed', 'alone')),
  -- Written by no person: counts against the recipient's budget.
  automatic boolean not null,
  state text not null check (state in ('queued', 'sending', 'sent', 'deferred', 'bounced', 'failed', 'dropped')),
  detail text,
  attempts integer not null default 0,
  -- When a worker should look at it next. Taken by a worker, it lies ahead: the lease.
  due_at timestamptz not null,
  deferred_since timestamptz,
  give_up_at timestamptz not null,
  sent_at timestamptz,
  mail_id text,
  bounce_token text,
  created_at timestamptz not null,
  seq integer not null,
  primary key (workspace_id, id)
);
create unique index outbound_mail_once on notifications.outbound_mail (workspace_id, occasion, purpose, address);
create unique index outbound_mail_acknowledged on notifications.outbound_mail (workspace_id, item_id) where purpose = 'acknowledgement';
create index outbound_mail_due on notifications.outbound_mail (due_at) where state in ('queued', 'sending', 'deferred');
create index outbound_mail_order on notifications.outbound_mail (workspace_id, item_id, address, id) where state in ('queued', 'sending', 'deferred');
create index outbound_mail_message on notifications.outbound_mail (workspace_id, item_id, message_id);
create index outbound_mail_budget on notifications.outbound_mail (workspace_id, address, created_at) where automatic;
create index outbound_mail_bounce_token on notifications.outbound_mail (workspace_id, bounce_token);
create index outbound_mail_mail_id on notifications.outbound_mail (workspace_id, mail_id);
select sportello.isolate('notifications.outbound_mail');
-- The worker looks for what is due in every workspace; what it found it writes as the workspace.
select sportello.open_to_system('notifications.outbound_mail', 'select, update');

-- Notifications in the app.

create table notifications.notification (
  workspace_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  reason text not null check (reason in ('assigned', 'mentioned', 'followed', 'bounced')),
  occasion uuid not null,
  item_id uuid not null,
  message_id uuid,
  actor_kind text check (actor_kind in ('user', 'customer')),
  actor_id uuid,
  excerpt text not null,
  at timestamptz not null,
  read boolean not null default false,
  seq integer not null,
  primary key (workspace_id, id)
);
create index notification_user on notifications.notification (workspace_id, user_id, id desc);
create index notification_unread on notifications.notification (workspace_id, user_id, id desc) where not read;
create unique index notification_once on notifications.notification (workspace_id, user_id, occasion);
select sportello.isolate('notifications.notification');

-- What a user changed; what they did not is told by mail and in the app.
create table notifications.preference (
  workspace_id uuid not null,
  user_id uuid not null,
  reason text not null check (reason in ('assigned', 'mentioned', 'followed', 'bounced')),
  mail boolean not null,
  app boolean not null,
  primary key (workspace_id, user_id, reason)
);
select sportello.isolate('notifications.preference');

-- Wording and switches of the mails that go to customers by themselves; what a workspace did not change is as shipped.

create table notifications.mail_template (
  workspace_id uuid not null,
  mail text not null,
  language text not null,
  subject text not null,
  body text not null,
  primary key (workspace_id, mail, language)
);
select sportello.isolate('notifications.mail_template');

create table notifications.mail_switch (
  workspace_id uuid not null,
  mail text not null,
  "on" boolean not null,
  primary key (workspace_id, mail)
);
select sportello.isolate('notifications.mail_switch');
