-- Workspaces and the people in them. Foreign keys are checked at commit: the ORM knows of no order between rows. Every table begins with
-- its workspace. What must be found before a workspace is known (a slug, a session, an address that mail came to) is open to the system
-- role for reading, and no more than that.

create table identity.workspace (
  workspace_id uuid not null,
  id uuid not null,
  slug text not null unique,
  name text not null,
  language text not null check (language in ('en', 'it', 'nb')),
  time_zone text not null,
  customer_sight text not null check (customer_sight in ('own', 'followed', 'organization', 'nothing')),
  grace_seconds integer not null check (grace_seconds >= 0),
  inbound_address text not null unique,
  reply_address text,
  support_project_id uuid not null,
  everyone_team_id uuid not null,
  created_at timestamptz not null,
  seq integer not null,
  primary key (workspace_id, id),
  check (workspace_id = id)
);
select sportello.isolate('identity.workspace');
select sportello.open_to_system('identity.workspace', 'select');

-- An address forwards to one workspace only: otherwise one tenant could claim another's mail, or a mail would belong to two.
create table identity.forwarded_address (
  workspace_id uuid not null,
  id uuid not null,
  address text not null unique,
  confirmed_at timestamptz,
  created_at timestamptz not null,
  primary key (workspace_id, id)
);
select sportello.isolate('identity.forwarded_address');
select sportello.open_to_system('identity.forwarded_address', 'select');

-- The private key is sealed with a key that follows from SECRET_KEY: a stolen dump signs no mail.
create table identity.dkim_key (
  workspace_id uuid not null,
  id uuid not null,
  domain text not null,
  selector text not null,
  record text not null,
  sealed_private_key text not null,
  created_at timestamptz not null,
  primary key (workspace_id, id),
  check (workspace_id = id)
);
select sportello.isolate('identity.dkim_key');

create table identity.team (
  workspace_id uuid not null,
  id uuid not null,
  name text not null,
  name_key text not null generated always as (lower(name)) stored,
  everyone boolean not null default false,
  removed_at timestamptz,
  seq integer not null,
  primary key (workspace_id, id)
);
create unique index team_name on identity.team (workspace_id, name_key) where removed_at is null;
create unique index team_everyone on identity.team (workspace_id) where everyone;
select sportello.isolate('identity.team');

-- "user" is a reserved word in SQL.
create table identity.account (
  workspace_id uuid not null,
  id uuid not null,
  name text not null,
  name_key text not null generated always as (lower(name)) stored,
  email text,
  role text not null check (role in ('administrator', 'member')),
  flags text[] not null default '{}',
  apps text[] not null default '{}',
  team_ids uuid[] not null default '{}',
  language text not null check (language in ('en', 'it', 'nb')),
  active boolean not null,
  -- Rises whenever something that an actor token says stops being true: older tokens are refused.
  epoch integer not null,
  last_seen_at timestamptz,
  created_at timestamptz not null,
  erased_at timestamptz,
  seq integer not null,
  primary key (workspace_id, id)
);
create unique index account_email on identity.account (workspace_id, email) where email is not null;
create index account_name on identity.account (workspace_id, name_key, id) where erased_at is null;
select sportello.isolate('identity.account');
-- Which workspaces an address may sign in to, for the reminder by mail.
select sportello.open_to_system('identity.account', 'select');
create index account_anywhere on identity.account (email) where email is not null;

create table identity.password (
  workspace_id uuid not null,
  id uuid not null,
  hash text not null,
  changed_at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, id) references identity.account (workspace_id, id) deferrable initially deferred
);
select sportello.isolate('identity.password');

create table identity.session (
  workspace_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  token_hash text not null unique,
  user_agent text not null,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, user_id) references identity.account (workspace_id, id) deferrable initially deferred
);
create index session_by_user on identity.session (workspace_id, user_id);
select sportello.isolate('identity.session');
select sportello.open_to_system('identity.session', 'select');

create table identity.api_token (
  workspace_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  token_hash text not null unique,
  name text not null,
  scopes text[],
  created_at timestamptz not null,
  last_used_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, user_id) references identity.account (workspace_id, id) deferrable initially deferred
);
create index api_token_user on identity.api_token (workspace_id, user_id);
select sportello.isolate('identity.api_token');
select sportello.open_to_system('identity.api_token', 'select');

create table identity.invitation (
  workspace_id uuid not null,
  id uuid not null,
  email text not null,
  role text not null check (role in ('administrator', 'member')),
  team_ids uuid[] not null default '{}',
  invited_by_id uuid not null,
  -- How often it was sent: a link of an earlier sending is void.
  sending integer not null,
  sent_at timestamptz not null,
  expires_at timestamptz not null,
  seq integer not null,
  primary key (workspace_id, id),
  unique (workspace_id, email)
);
create index invitation_id on identity.invitation (id);
select sportello.isolate('identity.invitation');
select sportello.open_to_system('identity.invitation', 'select');

-- A link that somebody asked for: to choose a new password, or to be reminded of their workspaces.
create table identity.link_request (
  workspace_id uuid not null,
  id uuid not null,
  kind text not null check (kind in ('password-reset', 'workspaces')),
  user_id uuid not null,
  requested_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  seq integer not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, user_id) references identity.account (workspace_id, id) deferrable initially deferred
);
create index link_request_id on identity.link_request (id);
create index link_request_user on identity.link_request (workspace_id, user_id, requested_at);
select sportello.isolate('identity.link_request');
select sportello.open_to_system('identity.link_request', 'select');

-- Wrong passwords. Counted whether or not workspace and address exist, so that the lock tells nobody that they do; the workspace of
-- what does not exist, and of the count over all workspaces, is the nil UUID. Written by the system role in a transaction of its own: a
-- refused sign-in rolls its own transaction back, and the count must stay.
create table identity.failed_sign_in (
  workspace_id uuid not null,
  email text not null,
  failures integer not null,
  last_at timestamptz not null,
  blocked_until timestamptz,
  primary key (workspace_id, email)
);
create index failed_sign_in_age on identity.failed_sign_in (last_at);
select sportello.isolate('identity.failed_sign_in');
select sportello.open_to_system('identity.failed_sign_in');

create table identity.organization (
  workspace_id uuid not null,
  id uuid not null,
  name text not null,
  name_key text not null generated always as (lower(name)) stored,
  domains text[] not null default '{}',
  default_project_id uuid,
  default_team_id uuid,
  note text not null default '',
  created_at timestamptz not null,
  seq integer not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, default_team_id) references identity.team (workspace_id, id) deferrable initially deferred
);
create index organization_name on identity.organization (workspace_id, name_key, id);
select sportello.isolate('identity.organization');

-- Whose company a mail domain is, kept beside the organization's list by a trigger: unique, and found by an index.
create table identity.organization_domain (
  workspace_id uuid not null,
  domain text not null,
  organization_id uuid not null,
  primary key (workspace_id, domain),
  foreign key (workspace_id, organization_id) references identity.organization (workspace_id, id) deferrable initially deferred
);
create index organization_domain_organization on identity.organization_domain (workspace_id, organization_id);
select sportello.isolate('identity.organization_domain');

create function identity.mirror_domains() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' or new.domains is distinct from old.domains then
    delete from identity.organization_domain where workspace_id = new.workspace_id and organization_id = new.id;
    insert into identity.organization_domain (workspace_id, domain, organization_id)
    select new.workspace_id, unnest(new.domains), new.id;
  end if;
  return null;
end $$;
create trigger mirror_domains after insert or update on identity.organization for each row execute function identity.mirror_domains();

create table identity.customer (
  workspace_id uuid not null,
  id uuid not null,
  name text not null,
  name_key text not null generated always as (lower(name)) stored,
  email text,
  -- Of the address, so that an organization that gains a domain finds its people by an index.
  email_domain text,
  phone text,
  language text check (language in ('en', 'it', 'nb')),
  organization_id uuid,
  note text not null default '',
  created_at timestamptz not null,
  erased_at timestamptz,
  seq integer not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, organization_id) references identity.organization (workspace_id, id) deferrable initially deferred
);
create unique index customer_email on identity.customer (workspace_id, email) where email is not null;
create index customer_name on identity.customer (workspace_id, name_key, id) where erased_at is null;
create index customer_organization on identity.customer (workspace_id, organization_id, name_key, id) where erased_at is null;
create index customer_domain on identity.customer (workspace_id, email_domain) where organization_id is null;
select sportello.isolate('identity.customer');

-- Part of a name or address, without accents. `unaccent` is only stable; with its dictionary named it may be indexed.
create function identity.plain(content text) returns text language sql immutable parallel safe as $$
  select lower(public.unaccent('public.unaccent', content))
$$;
create index customer_words on identity.customer using gin (workspace_id, identity.plain(name || ' ' || coalesce(email, '')) public.gin_trgm_ops);

-- Goes past row-level security (like is not leakproof, so no index would serve) and therefore names the workspace itself; it returns ids, which the list
-- then looks at as the actor.
create function identity.search_customers(workspace uuid, content text, most integer)
returns table (customer_id uuid) language sql stable security definer set search_path = identity, public, pg_temp as $$
  select c.id from identity.customer c
  where c.workspace_id = workspace and c.erased_at is null
    and identity.plain(c.name || ' ' || coalesce(c.email, ''))
      like '%' || regexp_replace(identity.plain(left(content, 200)), '([\\%_])', '\\\1', 'g') || '%'
  limit most
$$;
revoke all on function identity.search_customers(uuid, text, integer) from public;
grant execute on function identity.search_customers(uuid, text, integer) to identity;
