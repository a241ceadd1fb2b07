-- Written by `go run ./store/cmd/schema` from the declared processes.
-- +goose Up
-- +goose StatementBegin
create table meta ("key" text primary key, value text not null);
-- +goose StatementEnd
-- +goose StatementBegin
create table counter (process text primary key, n integer not null);
-- +goose StatementEnd
-- +goose StatementBegin
create table search_row (id integer primary key, record blob not null, process text not null, audience text not null, unique (record, audience));
-- +goose StatementEnd
-- +goose StatementBegin
create virtual table search using fts5(tokens, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0', prefix='2 3');
-- +goose StatementEnd
-- +goose StatementBegin
create view search_text as select record, process, audience, '' as tokens from search_row;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger search_put instead of insert on search_text begin
  delete from search where rowid = (select id from search_row where record = new.record and audience = new.audience);
  insert into search_row (record, process, audience) values (new.record, new.process, new.audience) on conflict do nothing;
  insert into search (rowid, tokens) select id, new.tokens from search_row where record = new.record and audience = new.audience;
end;
-- +goose StatementEnd
-- +goose StatementBegin
create table record (
  id blob primary key not null,
  process text,
  num integer not null default 0,
  title text,
  state text,
  phase text,
  customer blob,
  team blob,
  assignee blob,
  owner blob,
  reporter blob,
  created_by blob,
  restricted integer not null default 0,
  due_at integer,
  updated_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_record_process_num on record (process, num);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_record_assignee_phase_due_at on record (assignee, phase, due_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_record_team_phase_due_at on record (team, phase, due_at);
-- +goose StatementEnd
-- +goose StatementBegin
create table event (
  seq integer primary key autoincrement,
  record blob,
  process text,
  n integer not null default 0,
  revision integer not null default 0,
  "at" integer,
  occurred_at integer,
  actor blob,
  for_actor blob,
  door text,
  command text,
  cause integer not null default 0,
  reason text,
  internal integer not null default 0,
  body text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_event_record_n on event (record, n);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_event_at on event ("at");
-- +goose StatementEnd
-- +goose StatementBegin
create table leaf (
  "no" integer primary key not null,
  seq integer not null default 0,
  hash text,
  body text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_leaf_seq on leaf (seq);
-- +goose StatementEnd
-- +goose StatementBegin
create table tree_hash (
  idx integer primary key not null,
  hash text
);
-- +goose StatementEnd
-- +goose StatementBegin
create table checkpoint (
  size integer primary key not null,
  "at" integer,
  note text
);
-- +goose StatementEnd
-- +goose StatementBegin
create table link (
  id blob primary key not null,
  kind text,
  a blob,
  b blob,
  aprocess text,
  bprocess text,
  valid_from integer,
  valid_to integer,
  note text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_link_kind_a_b_valid_to on link (kind, a, b, valid_to);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_link_a_kind_valid_to on link (a, kind, valid_to);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_link_b_kind_valid_to on link (b, kind, valid_to);
-- +goose StatementEnd
-- +goose StatementBegin
create table comment (
  id blob primary key not null,
  record blob,
  author blob,
  internal integer not null default 0,
  body text,
  "at" integer,
  edited_at integer,
  withdrawn integer not null default 0
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_comment_record_at on comment (record, "at");
-- +goose StatementEnd
-- +goose StatementBegin
create table attachment (
  id blob primary key not null,
  record blob,
  author blob,
  internal integer not null default 0,
  name text,
  type text,
  size integer not null default 0,
  sha256 text,
  "at" integer,
  removed integer not null default 0
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_attachment_record_at on attachment (record, "at");
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_attachment_sha256 on attachment (sha256);
-- +goose StatementEnd
-- +goose StatementBegin
create table timer (
  subject blob not null,
  process text,
  "key" text not null,
  "at" integer,
  primary key (subject, "key")
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_timer_at on timer ("at");
-- +goose StatementEnd
-- +goose StatementBegin
create table grant_row (
  record blob not null,
  principal blob not null,
  why text not null,
  until integer,
  primary key (record, principal, why)
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_grant_row_principal_record on grant_row (principal, record);
-- +goose StatementEnd
-- +goose StatementBegin
create table clock (
  id blob primary key not null,
  record blob,
  process text,
  kind text,
  "key" text,
  target_s integer not null default 0,
  line blob,
  agreement blob,
  agreement_version blob,
  calendar blob,
  calendar_version blob,
  state text,
  started_at integer,
  spans text,
  due_at integer,
  warn_at integer,
  warned_at integer,
  ended_at integer,
  breached_at integer,
  escalated_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_clock_record_kind on clock (record, kind);
-- +goose StatementEnd
-- +goose StatementBegin
create table notice (
  id blob primary key not null,
  recipient blob,
  record blob,
  process text,
  topic text,
  "text" text,
  dedupe text,
  "at" integer,
  read_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_notice_recipient_dedupe on notice (recipient, dedupe);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_notice_recipient_read_at_at on notice (recipient, read_at, "at");
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_notice_record on notice (record);
-- +goose StatementEnd
-- +goose StatementBegin
create table watcher (
  record blob not null,
  principal blob not null,
  "at" integer,
  primary key (record, principal)
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_watcher_principal on watcher (principal);
-- +goose StatementEnd
-- +goose StatementBegin
create table token (
  id blob primary key not null,
  hash text,
  "user" blob,
  name text,
  scopes text,
  created_at integer,
  expires_at integer,
  revoked_at integer,
  used_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_token_hash on token (hash);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_token_user on token ("user");
-- +goose StatementEnd
-- +goose StatementBegin
create table credential (
  "user" blob primary key not null,
  hash text,
  changed_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create table idempotency (
  principal blob not null,
  "key" text not null,
  request text,
  status integer not null default 0,
  location text,
  etag text,
  body text,
  "at" integer,
  primary key (principal, "key")
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_idempotency_at on idempotency ("at");
-- +goose StatementEnd
-- +goose StatementBegin
create table import_row (
  source text not null,
  "key" text not null,
  digest text,
  record blob,
  primary key (source, "key")
);
-- +goose StatementEnd
-- +goose StatementBegin
create table approval_round (
  id blob primary key not null,
  record blob,
  process text,
  gate text,
  request blob,
  policy blob,
  stage integer not null default 0,
  stages integer not null default 0,
  quorum text,
  delegable integer not null default 0,
  requester_too integer not null default 0,
  subject text,
  opened_by blob,
  opened_at integer,
  due_at integer,
  due_s integer not null default 0,
  on_late text,
  late_at integer,
  closed_at integer,
  outcome text,
  why text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_approval_round_record_outcome on approval_round (record, outcome);
-- +goose StatementEnd
-- +goose StatementBegin
create table approval_vote (
  id blob primary key not null,
  round blob,
  record blob,
  voter blob,
  instead blob,
  "by" blob,
  delegation blob,
  vote text,
  reason text,
  door text,
  "at" integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_approval_vote_round_voter on approval_vote (round, voter);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_approval_vote_voter_vote on approval_vote (voter, vote);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_approval_vote_record on approval_vote (record);
-- +goose StatementEnd
-- +goose StatementBegin
create table vault (
  subject blob primary key not null,
  wrapped text,
  created_at integer,
  erased_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create table verdict (
  id blob primary key not null,
  requirement text,
  process text,
  member blob,
  ref text,
  from_at integer,
  until_at integer,
  state text,
  reason text,
  check_version integer not null default 0
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_verdict_requirement_until_at on verdict (requirement, until_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_verdict_member on verdict (member);
-- +goose StatementEnd
-- +goose StatementBegin
create table conformity_result (
  day text not null,
  requirement text not null,
  state text,
  since text,
  population integer not null default 0,
  failing integer not null default 0,
  oldest integer,
  newest integer,
  reason text,
  check_version integer not null default 0,
  leaf integer not null default 0,
  primary key (day, requirement)
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_result_requirement_day on conformity_result (requirement, day);
-- +goose StatementEnd
-- +goose StatementBegin
create table session (
  id blob primary key not null,
  hash text,
  "user" blob,
  agent text,
  origin text,
  created_at integer,
  seen_at integer,
  expires_at integer,
  ended_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_session_hash on session (hash);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_session_user on session ("user");
-- +goose StatementEnd
-- +goose StatementBegin
create table one_time (
  hash text primary key not null,
  "user" blob,
  kind text,
  made_by blob,
  created_at integer,
  expires_at integer,
  used_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_one_time_user on one_time ("user");
-- +goose StatementEnd
-- +goose StatementBegin
create table draft (
  "user" blob not null,
  place text not null,
  body text,
  updated_at integer,
  primary key ("user", place)
);
-- +goose StatementEnd
-- +goose StatementBegin
create table preference (
  "user" blob not null,
  name text not null,
  value text,
  primary key ("user", name)
);
-- +goose StatementEnd
-- +goose StatementBegin
create table organisation (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  public_status integer not null default 0,
  status_text text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_organisation_num on organisation (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_organisation_external_source_external_id on organisation (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_organisation_updated_at_id_created_at on organisation (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_organisation_created_at_updated_at on organisation (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_organisation_customer_updated_at_id on organisation (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_organisation_phase_updated_at_id on organisation (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_organisation_state_updated_at_id on organisation (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_organisation_assignee_phase_updated_at on organisation (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_organisation_team_phase_updated_at on organisation (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_organisation_reporter_updated_at_id on organisation (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_organisation_disordered on organisation (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table customer (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  description text,
  language text,
  zone text,
  portal_name text,
  accent text,
  accent_dark text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_customer_num on customer (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_customer_external_source_external_id on customer (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_customer_title on customer (title);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_customer_updated_at_id_created_at on customer (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_customer_created_at_updated_at on customer (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_customer_customer_updated_at_id on customer (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_customer_phase_updated_at_id on customer (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_customer_state_updated_at_id on customer (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_customer_assignee_phase_updated_at on customer (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_customer_team_phase_updated_at on customer (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_customer_reporter_updated_at_id on customer (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_customer_disordered on customer (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table customer_notices (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  "text" text,
  language text,
  "from" text,
  until text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_customer_notices_parent_pos on customer_notices (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table user_account (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  name text,
  email text,
  phone text,
  kind text,
  language text,
  zone text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_user_account_num on user_account (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_user_account_external_source_external_id on user_account (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_user_account_name on user_account (name);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_user_account_name_id on user_account (name, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_user_account_updated_at_id_created_at on user_account (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_user_account_created_at_updated_at on user_account (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_user_account_customer_updated_at_id on user_account (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_user_account_phase_updated_at_id on user_account (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_user_account_state_updated_at_id on user_account (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_user_account_assignee_phase_updated_at on user_account (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_user_account_team_phase_updated_at on user_account (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_user_account_reporter_updated_at_id on user_account (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_user_account_disordered on user_account (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table user_roles (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  role text,
  "from" text,
  "to" text,
  note text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_user_roles_parent_pos on user_roles (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table team (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  description text,
  email text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_team_num on team (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_team_external_source_external_id on team (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_team_title on team (title);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_team_updated_at_id_created_at on team (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_team_created_at_updated_at on team (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_team_customer_updated_at_id on team (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_team_phase_updated_at_id on team (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_team_state_updated_at_id on team (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_team_assignee_phase_updated_at on team (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_team_team_phase_updated_at on team (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_team_reporter_updated_at_id on team (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_team_disordered on team (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table team_members (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  "user" blob,
  lead integer not null default 0
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_team_members_parent_pos on team_members (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table role (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  name text,
  purpose text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_role_num on role (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_role_external_source_external_id on role (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_role_name on role (name);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_role_name_id on role (name, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_role_updated_at_id_created_at on role (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_role_created_at_updated_at on role (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_role_customer_updated_at_id on role (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_role_phase_updated_at_id on role (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_role_state_updated_at_id on role (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_role_assignee_phase_updated_at on role (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_role_team_phase_updated_at on role (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_role_reporter_updated_at_id on role (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_role_disordered on role (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table role_allows (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  permission text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_role_allows_parent_pos on role_allows (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table custom_field (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  process text,
  name text,
  kind text,
  choices text,
  required integer not null default 0,
  help text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_custom_field_num on custom_field (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_custom_field_external_source_external_id on custom_field (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_custom_field_updated_at_id_created_at on custom_field (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_custom_field_created_at_updated_at on custom_field (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_custom_field_customer_updated_at_id on custom_field (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_custom_field_phase_updated_at_id on custom_field (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_custom_field_state_updated_at_id on custom_field (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_custom_field_assignee_phase_updated_at on custom_field (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_custom_field_team_phase_updated_at on custom_field (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_custom_field_reporter_updated_at_id on custom_field (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_custom_field_disordered on custom_field (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table task (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  parent blob,
  description text,
  kind text,
  mandatory integer not null default 0,
  due integer,
  priority integer,
  outcome text,
  evidence text,
  done_at integer,
  done_by blob,
  ready_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_task_num on task (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_task_external_source_external_id on task (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_task_parent_id on task (parent, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_task_updated_at_id_created_at on task (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_task_created_at_updated_at on task (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_task_customer_updated_at_id on task (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_task_phase_updated_at_id on task (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_task_state_updated_at_id on task (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_task_assignee_phase_updated_at on task (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_task_team_phase_updated_at on task (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_task_reporter_updated_at_id on task (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_task_disordered on task (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table view (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  process text,
  filter text,
  sort text,
  columns text,
  "group" text,
  shared integer not null default 0
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_view_num on view (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_view_external_source_external_id on view (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_view_updated_at_id_created_at on view (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_view_created_at_updated_at on view (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_view_customer_updated_at_id on view (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_view_phase_updated_at_id on view (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_view_state_updated_at_id on view (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_view_assignee_phase_updated_at on view (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_view_team_phase_updated_at on view (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_view_reporter_updated_at_id on view (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_view_disordered on view (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table approval_policy (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_approval_policy_num on approval_policy (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_approval_policy_external_source_external_id on approval_policy (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_approval_policy_updated_at_id_created_at on approval_policy (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_approval_policy_created_at_updated_at on approval_policy (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_approval_policy_customer_updated_at_id on approval_policy (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_approval_policy_phase_updated_at_id on approval_policy (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_approval_policy_state_updated_at_id on approval_policy (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_approval_policy_assignee_phase_updated_at on approval_policy (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_approval_policy_team_phase_updated_at on approval_policy (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_approval_policy_reporter_updated_at_id on approval_policy (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_approval_policy_disordered on approval_policy (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table approval_policy_version (
  id blob primary key not null,
  record blob,
  number integer not null default 0,
  status text,
  effective_from text,
  effective_to text,
  author blob,
  reviewer blob,
  approver blob,
  change_reason text,
  drafted_at integer,
  submitted_at integer,
  decided_at integer,
  retroactive integer not null default 0,
  content_hash text,
  process text,
  gate text,
  "when" text,
  "order" integer,
  purpose text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_approval_policy_version_record_number on approval_policy_version (record, number);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_approval_policy_version_record_effective_from on approval_policy_version (record, effective_from);
-- +goose StatementEnd
-- +goose StatementBegin
create table approval_policy_stages (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  who text,
  "user" blob,
  role text,
  team blob,
  quorum text,
  due integer,
  on_late text,
  delegable integer not null default 0,
  requester_may_vote integer not null default 0
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_approval_policy_stages_parent_pos on approval_policy_stages (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table delegation (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  "from" blob,
  "to" blob,
  starts integer,
  ends integer,
  reason text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_delegation_num on delegation (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_delegation_external_source_external_id on delegation (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_delegation_from_id on delegation ("from", id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_delegation_to_id on delegation ("to", id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_delegation_updated_at_id_created_at on delegation (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_delegation_created_at_updated_at on delegation (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_delegation_customer_updated_at_id on delegation (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_delegation_phase_updated_at_id on delegation (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_delegation_state_updated_at_id on delegation (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_delegation_assignee_phase_updated_at on delegation (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_delegation_team_phase_updated_at on delegation (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_delegation_reporter_updated_at_id on delegation (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_delegation_disordered on delegation (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table service (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  description text,
  outcomes text,
  criticality integer,
  criticality_why text,
  public integer not null default 0
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_service_num on service (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_service_external_source_external_id on service (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_updated_at_id_created_at on service (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_created_at_updated_at on service (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_customer_updated_at_id on service (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_phase_updated_at_id on service (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_state_updated_at_id on service (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_assignee_phase_updated_at on service (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_team_phase_updated_at on service (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_reporter_updated_at_id on service (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_disordered on service (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table service_customers (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  customer blob
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_customers_parent_pos on service_customers (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table service_value (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  service blob,
  customers text,
  organization text,
  measure text,
  reviewed_at integer,
  reviewed_by blob
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_service_value_num on service_value (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_service_value_external_source_external_id on service_value (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_value_service_id on service_value (service, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_value_updated_at_id_created_at on service_value (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_value_created_at_updated_at on service_value (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_value_customer_updated_at_id on service_value (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_value_phase_updated_at_id on service_value (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_value_state_updated_at_id on service_value (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_value_assignee_phase_updated_at on service_value (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_value_team_phase_updated_at on service_value (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_value_reporter_updated_at_id on service_value (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_value_disordered on service_value (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table calendar (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_calendar_num on calendar (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_calendar_external_source_external_id on calendar (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_calendar_updated_at_id_created_at on calendar (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_calendar_created_at_updated_at on calendar (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_calendar_customer_updated_at_id on calendar (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_calendar_phase_updated_at_id on calendar (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_calendar_state_updated_at_id on calendar (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_calendar_assignee_phase_updated_at on calendar (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_calendar_team_phase_updated_at on calendar (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_calendar_reporter_updated_at_id on calendar (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_calendar_disordered on calendar (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table calendar_version (
  id blob primary key not null,
  record blob,
  number integer not null default 0,
  status text,
  effective_from text,
  effective_to text,
  author blob,
  reviewer blob,
  approver blob,
  change_reason text,
  drafted_at integer,
  submitted_at integer,
  decided_at integer,
  retroactive integer not null default 0,
  content_hash text,
  zone text,
  description text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_calendar_version_record_number on calendar_version (record, number);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_calendar_version_record_effective_from on calendar_version (record, effective_from);
-- +goose StatementEnd
-- +goose StatementBegin
create table calendar_hours (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  weekday integer,
  "from" text,
  "to" text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_calendar_hours_parent_pos on calendar_hours (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table calendar_holiday_sets (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  "set" text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_calendar_holiday_sets_parent_pos on calendar_holiday_sets (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table calendar_exceptions (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  date text,
  working integer not null default 0,
  "from" text,
  "to" text,
  name text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_calendar_exceptions_parent_pos on calendar_exceptions (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table agreement (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_agreement_num on agreement (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_agreement_external_source_external_id on agreement (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_agreement_updated_at_id_created_at on agreement (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_agreement_created_at_updated_at on agreement (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_agreement_customer_updated_at_id on agreement (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_agreement_phase_updated_at_id on agreement (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_agreement_state_updated_at_id on agreement (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_agreement_assignee_phase_updated_at on agreement (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_agreement_team_phase_updated_at on agreement (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_agreement_reporter_updated_at_id on agreement (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_agreement_disordered on agreement (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table agreement_version (
  id blob primary key not null,
  record blob,
  number integer not null default 0,
  status text,
  effective_from text,
  effective_to text,
  author blob,
  reviewer blob,
  approver blob,
  change_reason text,
  drafted_at integer,
  submitted_at integer,
  decided_at integer,
  retroactive integer not null default 0,
  content_hash text,
  description text,
  calendar blob,
  review_every text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_agreement_version_record_number on agreement_version (record, number);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_agreement_version_record_effective_from on agreement_version (record, effective_from);
-- +goose StatementEnd
-- +goose StatementBegin
create table agreement_services (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  service blob
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_agreement_services_parent_pos on agreement_services (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table agreement_targets (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  kind text,
  priority integer,
  duration integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_agreement_targets_parent_pos on agreement_targets (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table agreement_limits (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  what text,
  amount integer,
  period text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_agreement_limits_parent_pos on agreement_limits (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table agreement_exclusions (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  what text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_agreement_exclusions_parent_pos on agreement_exclusions (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table document (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  kind text,
  classification text,
  fulfils text,
  describes text,
  needed integer not null default 0,
  language text,
  format text,
  medium text,
  location text,
  approver blob,
  external integer not null default 0,
  source text,
  source_version text,
  currency_interval text,
  checked_at integer,
  checked_by blob,
  next_check text,
  check_asked_for text,
  check_task blob,
  review_interval text,
  lead_days integer,
  judged_at integer,
  reviewed_at integer,
  reviewed_by blob,
  next_review text,
  review_asked_for text,
  review_task blob,
  acknowledge_days integer,
  retention text,
  retention_rule text,
  legal_hold integer not null default 0,
  hold_reason text,
  withdrawal_reason text,
  withdrawn_at integer,
  retain_until text,
  disposed_at integer,
  disposed_by blob
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_document_num on document (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_document_external_source_external_id on document (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_kind_id on document (kind, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_classification_id on document (classification, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_fulfils_id on document (fulfils, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_describes_id on document (describes, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_external_id on document (external, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_next_check_id on document (next_check, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_next_review_id on document (next_review, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_legal_hold_id on document (legal_hold, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_retain_until_id on document (retain_until, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_updated_at_id_created_at on document (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_created_at_updated_at on document (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_customer_updated_at_id on document (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_phase_updated_at_id on document (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_state_updated_at_id on document (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_assignee_phase_updated_at on document (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_team_phase_updated_at on document (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_reporter_updated_at_id on document (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_disordered on document (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table document_version (
  id blob primary key not null,
  record blob,
  number integer not null default 0,
  status text,
  effective_from text,
  effective_to text,
  author blob,
  reviewer blob,
  approver blob,
  change_reason text,
  drafted_at integer,
  submitted_at integer,
  decided_at integer,
  retroactive integer not null default 0,
  content_hash text,
  summary text,
  body text,
  file text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_document_version_record_number on document_version (record, number);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_version_record_effective_from on document_version (record, effective_from);
-- +goose StatementEnd
-- +goose StatementBegin
create table document_distribution (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  team blob,
  role text,
  customer blob,
  "user" blob,
  must_know integer not null default 0
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_distribution_parent_pos on document_distribution (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table document_readers (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  "user" blob,
  team blob,
  why text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_readers_parent_pos on document_readers (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table document_reviews (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  kind text,
  version integer,
  version_id text,
  content_hash text,
  reviewer blob,
  "at" integer,
  remark text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_reviews_parent_pos on document_reviews (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table document_reviewers (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  "user" blob
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_document_reviewers_parent_pos on document_reviewers (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table acknowledgement (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  document blob,
  version integer,
  version_id text,
  asked_at integer,
  due integer,
  acknowledged_at integer,
  remark text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_acknowledgement_num on acknowledgement (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_acknowledgement_external_source_external_id on acknowledgement (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_acknowledgement_document_id on acknowledgement (document, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_acknowledgement_version_id on acknowledgement (version, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_acknowledgement_acknowledged_at_id on acknowledgement (acknowledged_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_acknowledgement_updated_at_id_created_at on acknowledgement (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_acknowledgement_created_at_updated_at on acknowledgement (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_acknowledgement_customer_updated_at_id on acknowledgement (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_acknowledgement_phase_updated_at_id on acknowledgement (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_acknowledgement_state_updated_at_id on acknowledgement (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_acknowledgement_assignee_phase_updated_at on acknowledgement (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_acknowledgement_team_phase_updated_at on acknowledgement (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_acknowledgement_reporter_updated_at_id on acknowledgement (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_acknowledgement_disordered on acknowledgement (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table risk_criteria (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_risk_criteria_num on risk_criteria (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_risk_criteria_external_source_external_id on risk_criteria (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_criteria_updated_at_id_created_at on risk_criteria (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_criteria_created_at_updated_at on risk_criteria (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_criteria_customer_updated_at_id on risk_criteria (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_criteria_phase_updated_at_id on risk_criteria (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_criteria_state_updated_at_id on risk_criteria (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_criteria_assignee_phase_updated_at on risk_criteria (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_criteria_team_phase_updated_at on risk_criteria (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_criteria_reporter_updated_at_id on risk_criteria (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_criteria_disordered on risk_criteria (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table risk_criteria_version (
  id blob primary key not null,
  record blob,
  number integer not null default 0,
  status text,
  effective_from text,
  effective_to text,
  author blob,
  reviewer blob,
  approver blob,
  change_reason text,
  drafted_at integer,
  submitted_at integer,
  decided_at integer,
  retroactive integer not null default 0,
  content_hash text,
  approach text,
  acceptance_line integer,
  longest_until text,
  review_every text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_risk_criteria_version_record_number on risk_criteria_version (record, number);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_criteria_version_record_effective_from on risk_criteria_version (record, effective_from);
-- +goose StatementEnd
-- +goose StatementBegin
create table risk_criteria_levels (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  name text,
  "from" integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_criteria_levels_parent_pos on risk_criteria_levels (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table risk_criteria_authorities (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  role text,
  up_to integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_criteria_authorities_parent_pos on risk_criteria_authorities (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table risk_criteria_scales (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  of text,
  value integer,
  meaning text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_criteria_scales_parent_pos on risk_criteria_scales (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table risk (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  description text,
  category text,
  source text,
  cause text,
  effect text,
  customer_impact text,
  service blob,
  party blob,
  likelihood integer,
  consequence integer,
  score integer,
  level text,
  above_line integer not null default 0,
  criteria blob,
  criteria_no integer,
  analysed_at integer,
  analysed_by blob,
  treatment text,
  treatment_reason text,
  prevents_or_reduces text,
  residual_likelihood integer,
  residual_consequence integer,
  residual_score integer,
  treated_at integer,
  acceptance_reason text,
  accepted_until text,
  accepted_at integer,
  accepted_by blob,
  accepted_as text,
  accepted_score integer,
  acceptance_ended integer,
  review_every text,
  reviewed_at integer,
  reviewed_by blob,
  next_review text,
  effectiveness text,
  effectiveness_why text,
  effectiveness_at integer,
  effectiveness_by blob,
  close_reason text,
  closed_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_risk_num on risk (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_risk_external_source_external_id on risk (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_category_id on risk (category, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_service_id on risk (service, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_party_id on risk (party, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_score_id on risk (score, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_analysed_at_id on risk (analysed_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_residual_score_id on risk (residual_score, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_accepted_until_id on risk (accepted_until, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_next_review_id on risk (next_review, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_updated_at_id_created_at on risk (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_created_at_updated_at on risk (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_customer_updated_at_id on risk (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_phase_updated_at_id on risk (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_state_updated_at_id on risk (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_assignee_phase_updated_at on risk (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_team_phase_updated_at on risk (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_reporter_updated_at_id on risk (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_disordered on risk (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table risk_evaluations (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  task blob,
  result text,
  finding text,
  residual_likelihood integer,
  residual_consequence integer,
  residual_score integer,
  "at" integer,
  "by" blob
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_risk_evaluations_parent_pos on risk_evaluations (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table opportunity (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  description text,
  category text,
  source text,
  customer_impact text,
  service blob,
  party blob,
  benefit text,
  effort text,
  benefit_score integer,
  effort_score integer,
  score integer,
  evaluated_at integer,
  evaluated_by blob,
  decision_reason text,
  decided_at integer,
  decided_by blob,
  result text,
  effectiveness text,
  done_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_opportunity_num on opportunity (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_opportunity_external_source_external_id on opportunity (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_opportunity_category_id on opportunity (category, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_opportunity_service_id on opportunity (service, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_opportunity_party_id on opportunity (party, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_opportunity_score_id on opportunity (score, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_opportunity_evaluated_at_id on opportunity (evaluated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_opportunity_updated_at_id_created_at on opportunity (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_opportunity_created_at_updated_at on opportunity (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_opportunity_customer_updated_at_id on opportunity (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_opportunity_phase_updated_at_id on opportunity (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_opportunity_state_updated_at_id on opportunity (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_opportunity_assignee_phase_updated_at on opportunity (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_opportunity_team_phase_updated_at on opportunity (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_opportunity_reporter_updated_at_id on opportunity (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_opportunity_disordered on opportunity (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table incident_policy (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_incident_policy_num on incident_policy (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_incident_policy_external_source_external_id on incident_policy (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_policy_updated_at_id_created_at on incident_policy (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_policy_created_at_updated_at on incident_policy (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_policy_customer_updated_at_id on incident_policy (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_policy_phase_updated_at_id on incident_policy (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_policy_state_updated_at_id on incident_policy (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_policy_assignee_phase_updated_at on incident_policy (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_policy_team_phase_updated_at on incident_policy (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_policy_reporter_updated_at_id on incident_policy (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_policy_disordered on incident_policy (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table incident_policy_version (
  id blob primary key not null,
  record blob,
  number integer not null default 0,
  status text,
  effective_from text,
  effective_to text,
  author blob,
  reviewer blob,
  approver blob,
  change_reason text,
  drafted_at integer,
  submitted_at integer,
  decided_at integer,
  retroactive integer not null default 0,
  content_hash text,
  close_after_days integer,
  close_calendar blob,
  management_notice integer,
  lead_within integer,
  major_update_every integer,
  review_within_days integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_incident_policy_version_record_number on incident_policy_version (record, number);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_policy_version_record_effective_from on incident_policy_version (record, effective_from);
-- +goose StatementEnd
-- +goose StatementBegin
create table incident_policy_matrix (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  impact integer,
  urgency integer,
  priority integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_policy_matrix_parent_pos on incident_policy_matrix (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table incident_policy_criteria (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  code text,
  description text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_policy_criteria_parent_pos on incident_policy_criteria (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table incident_policy_codes (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  code text,
  name text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_policy_codes_parent_pos on incident_policy_codes (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table incident_policy_update_every (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  priority integer,
  every integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_policy_update_every_parent_pos on incident_policy_update_every (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table incident (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  description text,
  service blob,
  category text,
  impact integer,
  urgency integer,
  priority integer,
  matrix_priority integer,
  override_reason text,
  channel text,
  opened_at integer not null,
  wait_reason text,
  resolution text,
  resolution_code text,
  close_reason text,
  merged_into blob,
  first_response_at integer,
  last_entry_at integer,
  worked_at integer,
  resolved_at integer,
  resolved_by blob,
  closed_at integer,
  escalated_at integer,
  escalation_level integer not null default 0,
  reassignment_count integer not null default 0,
  reopen_count integer not null default 0,
  change_count integer not null default 0,
  major integer not null default 0,
  major_decision text,
  major_criterion text,
  major_procedure blob,
  major_since integer,
  major_lead blob,
  major_lead_since integer,
  major_update_due integer,
  major_updated_at integer,
  major_notice_at integer,
  major_end_notice_at integer,
  major_report text,
  major_review text,
  major_reviewed_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_incident_num on incident (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_incident_external_source_external_id on incident (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_service_id on incident (service, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_category_id on incident (category, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_priority_id on incident (priority, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_opened_at_id on incident (opened_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_customer_opened_at_id on incident (customer, opened_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_updated_at_id_created_at on incident (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_created_at_updated_at on incident (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_customer_updated_at_id on incident (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_phase_updated_at_id on incident (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_state_updated_at_id on incident (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_assignee_phase_updated_at on incident (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_team_phase_updated_at on incident (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_reporter_updated_at_id on incident (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_incident_disordered on incident (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table service_notice (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  kind text,
  incident blob,
  began_at integer,
  ended_at integer,
  published_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_service_notice_num on service_notice (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_service_notice_external_source_external_id on service_notice (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_notice_began_at_id on service_notice (began_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_notice_customer_began_at_id on service_notice (customer, began_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_notice_ended_at_id on service_notice (ended_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_notice_customer_ended_at_id on service_notice (customer, ended_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_notice_updated_at_id_created_at on service_notice (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_notice_created_at_updated_at on service_notice (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_notice_customer_updated_at_id on service_notice (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_notice_phase_updated_at_id on service_notice (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_notice_state_updated_at_id on service_notice (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_notice_assignee_phase_updated_at on service_notice (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_notice_team_phase_updated_at on service_notice (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_notice_reporter_updated_at_id on service_notice (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_notice_disordered on service_notice (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table service_notice_services (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  service blob
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_notice_services_parent_pos on service_notice_services (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table service_notice_headlines (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  language text,
  headline text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_notice_headlines_parent_pos on service_notice_headlines (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table service_notice_updates (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  "at" integer,
  language text,
  "text" text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_service_notice_updates_parent_pos on service_notice_updates (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table issue (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  kind text,
  topic text,
  description text,
  effect text,
  influence text,
  source text,
  relevance text,
  relevance_why text,
  decided_at integer,
  decided_by blob,
  close_reason text,
  closed_at integer,
  changed_at integer,
  review_every text,
  reviewed_at integer,
  reviewed_by blob,
  next_review text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_issue_num on issue (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_issue_external_source_external_id on issue (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_issue_kind_id on issue (kind, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_issue_topic_id on issue (topic, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_issue_relevance_id on issue (relevance, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_issue_changed_at_id on issue (changed_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_issue_reviewed_at_id on issue (reviewed_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_issue_next_review_id on issue (next_review, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_issue_updated_at_id_created_at on issue (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_issue_created_at_updated_at on issue (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_issue_customer_updated_at_id on issue (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_issue_phase_updated_at_id on issue (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_issue_state_updated_at_id on issue (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_issue_assignee_phase_updated_at on issue (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_issue_team_phase_updated_at on issue (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_issue_reporter_updated_at_id on issue (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_issue_disordered on issue (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table interested_party (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  kind text,
  description text,
  relevance text,
  influence text,
  climate text,
  climate_what text,
  climate_at integer,
  none_why text,
  end_reason text,
  changed_at integer,
  review_every text,
  reviewed_at integer,
  reviewed_by blob,
  next_review text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_interested_party_num on interested_party (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_interested_party_external_source_external_id on interested_party (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_interested_party_kind_id on interested_party (kind, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_interested_party_climate_id on interested_party (climate, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_interested_party_changed_at_id on interested_party (changed_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_interested_party_reviewed_at_id on interested_party (reviewed_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_interested_party_next_review_id on interested_party (next_review, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_interested_party_updated_at_id_created_at on interested_party (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_interested_party_created_at_updated_at on interested_party (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_interested_party_customer_updated_at_id on interested_party (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_interested_party_phase_updated_at_id on interested_party (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_interested_party_state_updated_at_id on interested_party (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_interested_party_assignee_phase_updated_at on interested_party (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_interested_party_team_phase_updated_at on interested_party (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_interested_party_reporter_updated_at_id on interested_party (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_interested_party_disordered on interested_party (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table interested_party_requirements (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  what text,
  kind text,
  taken text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_interested_party_requirements_parent_pos on interested_party_requirements (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table obligation (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  kind text,
  source text,
  address text,
  party blob,
  requires text,
  applies_to text,
  binds_from text,
  binds_until text,
  fulfilment text,
  how_met text,
  judged_at integer,
  end_reason text,
  changed_at integer,
  review_every text,
  reviewed_at integer,
  reviewed_by blob,
  next_review text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_obligation_num on obligation (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_obligation_external_source_external_id on obligation (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_obligation_kind_id on obligation (kind, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_obligation_party_id on obligation (party, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_obligation_binds_from_id on obligation (binds_from, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_obligation_binds_until_id on obligation (binds_until, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_obligation_fulfilment_id on obligation (fulfilment, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_obligation_changed_at_id on obligation (changed_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_obligation_reviewed_at_id on obligation (reviewed_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_obligation_next_review_id on obligation (next_review, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_obligation_updated_at_id_created_at on obligation (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_obligation_created_at_updated_at on obligation (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_obligation_customer_updated_at_id on obligation (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_obligation_phase_updated_at_id on obligation (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_obligation_state_updated_at_id on obligation (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_obligation_assignee_phase_updated_at on obligation (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_obligation_team_phase_updated_at on obligation (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_obligation_reporter_updated_at_id on obligation (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_obligation_disordered on obligation (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table scope (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  audience text,
  review_every text,
  reviewed_at integer,
  reviewed_by blob,
  next_review text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_scope_num on scope (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_scope_external_source_external_id on scope (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_scope_reviewed_at_id on scope (reviewed_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_scope_next_review_id on scope (next_review, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_scope_updated_at_id_created_at on scope (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_scope_created_at_updated_at on scope (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_scope_customer_updated_at_id on scope (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_scope_phase_updated_at_id on scope (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_scope_state_updated_at_id on scope (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_scope_assignee_phase_updated_at on scope (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_scope_team_phase_updated_at on scope (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_scope_reporter_updated_at_id on scope (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_scope_disordered on scope (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table scope_version (
  id blob primary key not null,
  record blob,
  number integer not null default 0,
  status text,
  effective_from text,
  effective_to text,
  author blob,
  reviewer blob,
  approver blob,
  change_reason text,
  drafted_at integer,
  submitted_at integer,
  decided_at integer,
  retroactive integer not null default 0,
  content_hash text,
  organization text,
  statement text,
  units text,
  customers text,
  technology text,
  rationale text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_scope_version_record_number on scope_version (record, number);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_scope_version_record_effective_from on scope_version (record, effective_from);
-- +goose StatementEnd
-- +goose StatementBegin
create table scope_locations (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  place text,
  role text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_scope_locations_parent_pos on scope_locations (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table scope_services (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  service blob
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_scope_services_parent_pos on scope_services (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table scope_parties (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  name text,
  party blob,
  service blob,
  part text,
  whole integer not null default 0,
  control text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_scope_parties_parent_pos on scope_parties (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table scope_exclusions (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  kind text,
  service blob,
  what text,
  justification text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_scope_exclusions_parent_pos on scope_exclusions (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table policy (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  kind text,
  review_every text,
  reviewed_at integer,
  reviewed_by blob,
  next_review text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_policy_num on policy (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_policy_external_source_external_id on policy (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_policy_title on policy (title);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_policy_kind_id on policy (kind, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_policy_next_review_id on policy (next_review, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_policy_updated_at_id_created_at on policy (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_policy_created_at_updated_at on policy (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_policy_customer_updated_at_id on policy (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_policy_phase_updated_at_id on policy (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_policy_state_updated_at_id on policy (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_policy_assignee_phase_updated_at on policy (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_policy_team_phase_updated_at on policy (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_policy_reporter_updated_at_id on policy (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_policy_disordered on policy (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table policy_version (
  id blob primary key not null,
  record blob,
  number integer not null default 0,
  status text,
  effective_from text,
  effective_to text,
  author blob,
  reviewer blob,
  approver blob,
  change_reason text,
  drafted_at integer,
  submitted_at integer,
  decided_at integer,
  retroactive integer not null default 0,
  content_hash text,
  "text" text,
  purpose text,
  direction text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_policy_version_record_number on policy_version (record, number);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_policy_version_record_effective_from on policy_version (record, effective_from);
-- +goose StatementEnd
-- +goose StatementBegin
create table policy_available (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  party blob,
  "to" text,
  how text,
  "from" text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_policy_available_parent_pos on policy_available (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table policy_answers (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  item text,
  said_in text,
  note text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_policy_answers_parent_pos on policy_answers (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table process (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  name text,
  evidence text,
  note text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_process_num on process (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_process_external_source_external_id on process (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_process_name on process (name);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_process_name_id on process (name, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_process_updated_at_id_created_at on process (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_process_created_at_updated_at on process (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_process_customer_updated_at_id on process (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_process_phase_updated_at_id on process (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_process_state_updated_at_id on process (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_process_assignee_phase_updated_at on process (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_process_team_phase_updated_at on process (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_process_reporter_updated_at_id on process (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_process_disordered on process (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table process_version (
  id blob primary key not null,
  record blob,
  number integer not null default 0,
  status text,
  effective_from text,
  effective_to text,
  author blob,
  reviewer blob,
  approver blob,
  change_reason text,
  drafted_at integer,
  submitted_at integer,
  decided_at integer,
  retroactive integer not null default 0,
  content_hash text,
  purpose text,
  roles text,
  "text" text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_process_version_record_number on process_version (record, number);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_process_version_record_effective_from on process_version (record, effective_from);
-- +goose StatementEnd
-- +goose StatementBegin
create table process_inputs (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  what text,
  other text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_process_inputs_parent_pos on process_inputs (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table process_outputs (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  what text,
  other text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_process_outputs_parent_pos on process_outputs (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table process_criteria (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  what text,
  target text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_process_criteria_parent_pos on process_criteria (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table sms_role (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  kind text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_sms_role_num on sms_role (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_sms_role_external_source_external_id on sms_role (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_sms_role_title on sms_role (title);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_role_kind_id on sms_role (kind, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_role_updated_at_id_created_at on sms_role (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_role_created_at_updated_at on sms_role (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_role_customer_updated_at_id on sms_role (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_role_phase_updated_at_id on sms_role (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_role_state_updated_at_id on sms_role (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_role_assignee_phase_updated_at on sms_role (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_role_team_phase_updated_at on sms_role (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_role_reporter_updated_at_id on sms_role (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_role_disordered on sms_role (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table sms_role_version (
  id blob primary key not null,
  record blob,
  number integer not null default 0,
  status text,
  effective_from text,
  effective_to text,
  author blob,
  reviewer blob,
  approver blob,
  change_reason text,
  drafted_at integer,
  submitted_at integer,
  decided_at integer,
  retroactive integer not null default 0,
  content_hash text,
  responsibilities text,
  reports_to text,
  competence text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_sms_role_version_record_number on sms_role_version (record, number);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_role_version_record_effective_from on sms_role_version (record, effective_from);
-- +goose StatementEnd
-- +goose StatementBegin
create table sms_role_authorities (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  decides text,
  what text,
  "limit" text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_role_authorities_parent_pos on sms_role_authorities (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table appointment (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  role blob,
  person blob,
  about blob,
  "from" text,
  "to" text,
  told_to text,
  appointed_at integer,
  appointed_by blob,
  accepted_at integer,
  told_at integer,
  ended_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_appointment_num on appointment (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_appointment_external_source_external_id on appointment (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_appointment_role_id on appointment (role, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_appointment_person_id on appointment (person, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_appointment_about_id on appointment (about, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_appointment_to_id on appointment ("to", id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_appointment_updated_at_id_created_at on appointment (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_appointment_created_at_updated_at on appointment (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_appointment_customer_updated_at_id on appointment (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_appointment_phase_updated_at_id on appointment (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_appointment_state_updated_at_id on appointment (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_appointment_assignee_phase_updated_at on appointment (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_appointment_team_phase_updated_at on appointment (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_appointment_reporter_updated_at_id on appointment (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_appointment_disordered on appointment (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table attestation (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  requirement text,
  statement text,
  until text,
  signed_at integer,
  signed_by blob,
  signed_as text,
  hash text,
  withdrawn_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_attestation_num on attestation (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_attestation_external_source_external_id on attestation (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_attestation_requirement_id on attestation (requirement, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_attestation_until_id on attestation (until, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_attestation_signed_at_id on attestation (signed_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_attestation_updated_at_id_created_at on attestation (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_attestation_created_at_updated_at on attestation (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_attestation_customer_updated_at_id on attestation (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_attestation_phase_updated_at_id on attestation (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_attestation_state_updated_at_id on attestation (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_attestation_assignee_phase_updated_at on attestation (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_attestation_team_phase_updated_at on attestation (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_attestation_reporter_updated_at_id on attestation (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_attestation_disordered on attestation (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table objective (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  description text,
  level text,
  metric blob,
  baseline_e6 integer,
  target_e6 integer,
  unit text,
  better text,
  due text,
  resources text,
  method text,
  audience text,
  told_at integer,
  review_every text,
  reviewed_at integer,
  approved_at integer,
  approved_by blob,
  closed_at integer,
  result text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_objective_num on objective (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_objective_external_source_external_id on objective (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_objective_level_id on objective (level, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_objective_metric_id on objective (metric, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_objective_due_id on objective (due, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_objective_updated_at_id_created_at on objective (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_objective_created_at_updated_at on objective (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_objective_customer_updated_at_id on objective (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_objective_phase_updated_at_id on objective (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_objective_state_updated_at_id on objective (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_objective_assignee_phase_updated_at on objective (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_objective_team_phase_updated_at on objective (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_objective_reporter_updated_at_id on objective (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_objective_disordered on objective (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table objective_evaluations (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  value_e6 integer,
  "text" text,
  "at" integer,
  "by" blob
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_objective_evaluations_parent_pos on objective_evaluations (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table sms_plan (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  review_every text,
  reviewed_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_sms_plan_num on sms_plan (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_sms_plan_external_source_external_id on sms_plan (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_plan_updated_at_id_created_at on sms_plan (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_plan_created_at_updated_at on sms_plan (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_plan_customer_updated_at_id on sms_plan (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_plan_phase_updated_at_id on sms_plan (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_plan_state_updated_at_id on sms_plan (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_plan_assignee_phase_updated_at on sms_plan (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_plan_team_phase_updated_at on sms_plan (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_plan_reporter_updated_at_id on sms_plan (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_plan_disordered on sms_plan (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table sms_plan_version (
  id blob primary key not null,
  record blob,
  number integer not null default 0,
  status text,
  effective_from text,
  effective_to text,
  author blob,
  reviewer blob,
  approver blob,
  change_reason text,
  drafted_at integer,
  submitted_at integer,
  decided_at integer,
  retroactive integer not null default 0,
  content_hash text,
  services text,
  limits text,
  obligations text,
  authorities text,
  people text,
  technical_means text,
  information text,
  money text,
  other_parties text,
  technology text,
  effectiveness text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_sms_plan_version_record_number on sms_plan_version (record, number);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_plan_version_record_effective_from on sms_plan_version (record, effective_from);
-- +goose StatementEnd
-- +goose StatementBegin
create table sms_plan_progress (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  "text" text,
  "at" integer,
  "by" blob
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_sms_plan_progress_parent_pos on sms_plan_progress (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table resource (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  kind text,
  needed_by text,
  service blob,
  what text,
  unit text,
  needed_e6 integer,
  provided_e6 integer,
  forecast_e6 integer,
  shortfall integer not null default 0,
  reviewed_at integer,
  raised_at integer,
  decision text,
  decided_at integer,
  decided_by blob
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_resource_num on resource (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_resource_external_source_external_id on resource (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_resource_kind_id on resource (kind, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_resource_needed_by_id on resource (needed_by, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_resource_service_id on resource (service, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_resource_shortfall_id on resource (shortfall, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_resource_updated_at_id_created_at on resource (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_resource_created_at_updated_at on resource (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_resource_customer_updated_at_id on resource (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_resource_phase_updated_at_id on resource (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_resource_state_updated_at_id on resource (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_resource_assignee_phase_updated_at on resource (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_resource_team_phase_updated_at on resource (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_resource_reporter_updated_at_id on resource (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_resource_disordered on resource (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table competence (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  role text,
  level integer,
  how text,
  every text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_competence_num on competence (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_competence_external_source_external_id on competence (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_role_id on competence (role, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_updated_at_id_created_at on competence (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_created_at_updated_at on competence (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_customer_updated_at_id on competence (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_phase_updated_at_id on competence (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_state_updated_at_id on competence (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_assignee_phase_updated_at on competence (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_team_phase_updated_at on competence (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_reporter_updated_at_id on competence (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_disordered on competence (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table competence_assessment (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  person blob,
  competence blob,
  level integer,
  evidence text,
  expires text,
  assessed_at integer,
  assessed_by blob,
  needed integer,
  gap integer not null default 0,
  effect text,
  effect_why text,
  effect_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_competence_assessment_num on competence_assessment (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_competence_assessment_external_source_external_id on competence_assessment (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_assessment_person_id on competence_assessment (person, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_assessment_competence_id on competence_assessment (competence, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_assessment_expires_id on competence_assessment (expires, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_assessment_updated_at_id_created_at on competence_assessment (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_assessment_created_at_updated_at on competence_assessment (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_assessment_customer_updated_at_id on competence_assessment (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_assessment_phase_updated_at_id on competence_assessment (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_assessment_state_updated_at_id on competence_assessment (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_assessment_assignee_phase_updated_at on competence_assessment (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_assessment_team_phase_updated_at on competence_assessment (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_assessment_reporter_updated_at_id on competence_assessment (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_competence_assessment_disordered on competence_assessment (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table awareness (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  topic text,
  "text" text,
  about blob,
  edition integer not null default 0,
  published_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_awareness_num on awareness (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_awareness_external_source_external_id on awareness (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_topic_id on awareness (topic, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_updated_at_id_created_at on awareness (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_created_at_updated_at on awareness (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_customer_updated_at_id on awareness (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_phase_updated_at_id on awareness (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_state_updated_at_id on awareness (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_assignee_phase_updated_at on awareness (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_team_phase_updated_at on awareness (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_reporter_updated_at_id on awareness (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_disordered on awareness (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table awareness_confirmation (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  module blob,
  edition integer,
  confirmed_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_awareness_confirmation_num on awareness_confirmation (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_awareness_confirmation_external_source_external_id on awareness_confirmation (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_confirmation_module_id on awareness_confirmation (module, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_confirmation_updated_at_id_created_at on awareness_confirmation (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_confirmation_created_at_updated_at on awareness_confirmation (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_confirmation_customer_updated_at_id on awareness_confirmation (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_confirmation_phase_updated_at_id on awareness_confirmation (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_confirmation_state_updated_at_id on awareness_confirmation (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_confirmation_assignee_phase_updated_at on awareness_confirmation (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_confirmation_team_phase_updated_at on awareness_confirmation (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_confirmation_reporter_updated_at_id on awareness_confirmation (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_awareness_confirmation_disordered on awareness_confirmation (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table communication (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  topic text,
  internal integer not null default 0,
  frequency text,
  trigger text,
  audience text,
  channel text,
  purpose text,
  last_sent integer,
  what text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_communication_num on communication (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_communication_external_source_external_id on communication (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_communication_topic_id on communication (topic, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_communication_last_sent_id on communication (last_sent, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_communication_updated_at_id_created_at on communication (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_communication_created_at_updated_at on communication (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_communication_customer_updated_at_id on communication (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_communication_phase_updated_at_id on communication (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_communication_state_updated_at_id on communication (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_communication_assignee_phase_updated_at on communication (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_communication_team_phase_updated_at on communication (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_communication_reporter_updated_at_id on communication (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_communication_disordered on communication (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table communication_sent (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  what text,
  "at" integer,
  "by" blob
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_communication_sent_parent_pos on communication_sent (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table knowledge_article (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  audience text,
  service blob,
  review_every text,
  reviewed_at integer,
  helpful integer not null default 0,
  unhelpful integer not null default 0
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_knowledge_article_num on knowledge_article (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_knowledge_article_external_source_external_id on knowledge_article (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_knowledge_article_audience_id on knowledge_article (audience, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_knowledge_article_service_id on knowledge_article (service, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_knowledge_article_updated_at_id_created_at on knowledge_article (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_knowledge_article_created_at_updated_at on knowledge_article (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_knowledge_article_customer_updated_at_id on knowledge_article (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_knowledge_article_phase_updated_at_id on knowledge_article (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_knowledge_article_state_updated_at_id on knowledge_article (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_knowledge_article_assignee_phase_updated_at on knowledge_article (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_knowledge_article_team_phase_updated_at on knowledge_article (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_knowledge_article_reporter_updated_at_id on knowledge_article (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_knowledge_article_disordered on knowledge_article (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table knowledge_article_version (
  id blob primary key not null,
  record blob,
  number integer not null default 0,
  status text,
  effective_from text,
  effective_to text,
  author blob,
  reviewer blob,
  approver blob,
  change_reason text,
  drafted_at integer,
  submitted_at integer,
  decided_at integer,
  retroactive integer not null default 0,
  content_hash text,
  body text,
  symptoms text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_knowledge_article_version_record_number on knowledge_article_version (record, number);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_knowledge_article_version_record_effective_from on knowledge_article_version (record, effective_from);
-- +goose StatementEnd
-- +goose StatementBegin
create table metric (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  description text,
  of text,
  process_name text,
  service blob,
  formula text,
  source text,
  count_process text,
  count_filter text,
  whole_filter text,
  method text,
  unit text,
  frequency text,
  evaluate_every text,
  target_e6 integer,
  better text,
  next_read integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_metric_num on metric (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_metric_external_source_external_id on metric (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_metric_of_id on metric (of, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_metric_process_name_id on metric (process_name, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_metric_service_id on metric (service, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_metric_next_read_id on metric (next_read, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_metric_updated_at_id_created_at on metric (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_metric_created_at_updated_at on metric (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_metric_customer_updated_at_id on metric (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_metric_phase_updated_at_id on metric (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_metric_state_updated_at_id on metric (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_metric_assignee_phase_updated_at on metric (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_metric_team_phase_updated_at on metric (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_metric_reporter_updated_at_id on metric (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_metric_disordered on metric (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table metric_evaluations (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  "from" text,
  "to" text,
  conclusion text,
  "text" text,
  requirements text,
  "at" integer,
  "by" blob
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_metric_evaluations_parent_pos on metric_evaluations (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table reading (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  metric blob,
  value_e6 integer,
  period_from integer,
  period_to integer,
  source text,
  query text,
  leaves integer,
  met text,
  remark text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_reading_num on reading (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_reading_external_source_external_id on reading (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_reading_metric_id on reading (metric, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_reading_period_from_id on reading (period_from, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_reading_period_to_id on reading (period_to, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_reading_met_id on reading (met, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_reading_updated_at_id_created_at on reading (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_reading_created_at_updated_at on reading (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_reading_customer_updated_at_id on reading (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_reading_phase_updated_at_id on reading (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_reading_state_updated_at_id on reading (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_reading_assignee_phase_updated_at on reading (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_reading_team_phase_updated_at on reading (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_reading_reporter_updated_at_id on reading (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_reading_disordered on reading (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table audit_programme (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_audit_programme_num on audit_programme (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_audit_programme_external_source_external_id on audit_programme (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_programme_updated_at_id_created_at on audit_programme (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_programme_created_at_updated_at on audit_programme (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_programme_customer_updated_at_id on audit_programme (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_programme_phase_updated_at_id on audit_programme (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_programme_state_updated_at_id on audit_programme (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_programme_assignee_phase_updated_at on audit_programme (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_programme_team_phase_updated_at on audit_programme (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_programme_reporter_updated_at_id on audit_programme (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_programme_disordered on audit_programme (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table audit_programme_version (
  id blob primary key not null,
  record blob,
  number integer not null default 0,
  status text,
  effective_from text,
  effective_to text,
  author blob,
  reviewer blob,
  approver blob,
  change_reason text,
  drafted_at integer,
  submitted_at integer,
  decided_at integer,
  retroactive integer not null default 0,
  content_hash text,
  cycle_from text,
  cycle_to text,
  frequency text,
  methods text,
  responsibilities text,
  planning text,
  reporting text,
  review_every text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_audit_programme_version_record_number on audit_programme_version (record, number);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_programme_version_record_effective_from on audit_programme_version (record, effective_from);
-- +goose StatementEnd
-- +goose StatementBegin
create table audit_programme_lines (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  clauses text,
  process text,
  due text,
  importance text,
  changes text,
  earlier text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_programme_lines_parent_pos on audit_programme_lines (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table audit (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  programme blob,
  criteria text,
  own_rules integer not null default 0,
  scope text,
  clauses text,
  processes text,
  methods text,
  planned_for text,
  moved_why text,
  started_at integer,
  seed text,
  conclusion text,
  effective text,
  report text,
  reported_at integer,
  reported_to text,
  closed_at integer,
  findings_n integer not null default 0,
  cancelled_by blob
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_audit_num on audit (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_audit_external_source_external_id on audit (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_programme_id on audit (programme, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_clauses_id on audit (clauses, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_planned_for_id on audit (planned_for, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_updated_at_id_created_at on audit (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_created_at_updated_at on audit (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_customer_updated_at_id on audit (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_phase_updated_at_id on audit (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_state_updated_at_id on audit (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_assignee_phase_updated_at on audit (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_team_phase_updated_at on audit (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_reporter_updated_at_id on audit (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_disordered on audit (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table audit_auditors (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  "user" blob,
  competence text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_auditors_parent_pos on audit_auditors (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table audit_samples (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  population text,
  size integer,
  drawn integer,
  records text,
  result text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_audit_samples_parent_pos on audit_samples (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table finding (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  audit blob,
  requirement text,
  statement text,
  evidence text,
  grade text,
  process text,
  answer text,
  verified_at integer,
  verified_by blob,
  reason text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_finding_num on finding (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_finding_external_source_external_id on finding (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_finding_audit_id on finding (audit, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_finding_requirement_id on finding (requirement, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_finding_grade_id on finding (grade, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_finding_updated_at_id_created_at on finding (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_finding_created_at_updated_at on finding (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_finding_customer_updated_at_id on finding (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_finding_phase_updated_at_id on finding (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_finding_state_updated_at_id on finding (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_finding_assignee_phase_updated_at on finding (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_finding_team_phase_updated_at on finding (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_finding_reporter_updated_at_id on finding (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_finding_disordered on finding (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table management_review (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  period_from text,
  period_to text,
  planned_for text,
  prepared_at integer,
  prepared_by blob,
  held_at integer,
  suitability text,
  adequacy text,
  effective text,
  minutes text,
  approved_at integer,
  approved_by blob,
  closed_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_management_review_num on management_review (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_management_review_external_source_external_id on management_review (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_management_review_planned_for_id on management_review (planned_for, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_management_review_updated_at_id_created_at on management_review (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_management_review_created_at_updated_at on management_review (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_management_review_customer_updated_at_id on management_review (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_management_review_phase_updated_at_id on management_review (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_management_review_state_updated_at_id on management_review (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_management_review_assignee_phase_updated_at on management_review (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_management_review_team_phase_updated_at on management_review (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_management_review_reporter_updated_at_id on management_review (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_management_review_disordered on management_review (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table management_review_attendees (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  "user" blob,
  role text,
  top integer not null default 0
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_management_review_attendees_parent_pos on management_review_attendees (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table management_review_inputs (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  kind text,
  figures text,
  query text,
  leaves integer not null default 0,
  "at" integer,
  "text" text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_management_review_inputs_parent_pos on management_review_inputs (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table management_review_decisions (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  kind text,
  "text" text,
  none integer not null default 0,
  who blob,
  due text,
  done blob
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_management_review_decisions_parent_pos on management_review_decisions (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table report_definition (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  purpose text,
  audience text,
  topic text,
  source text,
  frequency text,
  service blob,
  next_issue integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_report_definition_num on report_definition (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_report_definition_external_source_external_id on report_definition (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_definition_topic_id on report_definition (topic, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_definition_service_id on report_definition (service, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_definition_next_issue_id on report_definition (next_issue, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_definition_updated_at_id_created_at on report_definition (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_definition_created_at_updated_at on report_definition (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_definition_customer_updated_at_id on report_definition (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_definition_phase_updated_at_id on report_definition (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_definition_state_updated_at_id on report_definition (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_definition_assignee_phase_updated_at on report_definition (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_definition_team_phase_updated_at on report_definition (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_definition_reporter_updated_at_id on report_definition (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_definition_disordered on report_definition (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table report_definition_figures (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  label text,
  process text,
  filter text,
  target integer,
  better text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_definition_figures_parent_pos on report_definition_figures (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table report (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  definition blob,
  period_from integer,
  period_to integer,
  counted_at integer,
  leaves integer,
  missed integer not null default 0,
  decision text,
  decided_at integer,
  decided_by blob,
  told_to text,
  told_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_report_num on report (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_report_external_source_external_id on report (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_definition_id on report (definition, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_period_to_id on report (period_to, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_updated_at_id_created_at on report (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_created_at_updated_at on report (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_customer_updated_at_id on report (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_phase_updated_at_id on report (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_state_updated_at_id on report (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_assignee_phase_updated_at on report (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_team_phase_updated_at on report (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_reporter_updated_at_id on report (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_disordered on report (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table report_values (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  label text,
  query text,
  now integer,
  before integer,
  before2 integer,
  target integer,
  better text,
  met text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_report_values_parent_pos on report_values (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table nonconformity (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  description text,
  source text,
  requirement text,
  evidence text,
  severity text,
  severity_why text,
  correction text,
  corrected_at integer,
  corrected_by blob,
  consequences text,
  cause text,
  cause_method text,
  similar_cases text,
  action_needed text,
  action_why text,
  adapt_sms text,
  analysed_at integer,
  analysed_by blob,
  planned_at integer,
  implemented_at integer,
  judged_at integer,
  effective text,
  recurrence_of blob,
  reject_reason text,
  closed_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_nonconformity_num on nonconformity (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_nonconformity_external_source_external_id on nonconformity (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_nonconformity_source_id on nonconformity (source, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_nonconformity_requirement_id on nonconformity (requirement, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_nonconformity_severity_id on nonconformity (severity, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_nonconformity_recurrence_of_id on nonconformity (recurrence_of, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_nonconformity_updated_at_id_created_at on nonconformity (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_nonconformity_created_at_updated_at on nonconformity (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_nonconformity_customer_updated_at_id on nonconformity (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_nonconformity_phase_updated_at_id on nonconformity (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_nonconformity_state_updated_at_id on nonconformity (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_nonconformity_assignee_phase_updated_at on nonconformity (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_nonconformity_team_phase_updated_at on nonconformity (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_nonconformity_reporter_updated_at_id on nonconformity (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_nonconformity_disordered on nonconformity (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table nonconformity_judgements (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  task blob,
  result text,
  finding text,
  "at" integer,
  "by" blob
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_nonconformity_judgements_parent_pos on nonconformity_judgements (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table improvement_criteria (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_improvement_criteria_num on improvement_criteria (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_improvement_criteria_external_source_external_id on improvement_criteria (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_criteria_updated_at_id_created_at on improvement_criteria (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_criteria_created_at_updated_at on improvement_criteria (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_criteria_customer_updated_at_id on improvement_criteria (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_criteria_phase_updated_at_id on improvement_criteria (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_criteria_state_updated_at_id on improvement_criteria (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_criteria_assignee_phase_updated_at on improvement_criteria (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_criteria_team_phase_updated_at on improvement_criteria (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_criteria_reporter_updated_at_id on improvement_criteria (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_criteria_disordered on improvement_criteria (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table improvement_criteria_version (
  id blob primary key not null,
  record blob,
  number integer not null default 0,
  status text,
  effective_from text,
  effective_to text,
  author blob,
  reviewer blob,
  approver blob,
  change_reason text,
  drafted_at integer,
  submitted_at integer,
  decided_at integer,
  retroactive integer not null default 0,
  content_hash text,
  approach text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_improvement_criteria_version_record_number on improvement_criteria_version (record, number);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_criteria_version_record_effective_from on improvement_criteria_version (record, effective_from);
-- +goose StatementEnd
-- +goose StatementBegin
create table improvement_criteria_items (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  criterion text,
  weight integer,
  objectives integer not null default 0
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_criteria_items_parent_pos on improvement_criteria_items (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table improvement (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  description text,
  source text,
  service blob,
  benefit text,
  effort text,
  score integer,
  criteria blob,
  criteria_no integer,
  evaluated_at integer,
  evaluated_by blob,
  priority integer,
  due text,
  plan text,
  adapt_sms text,
  decision_reason text,
  approved_at integer,
  approved_by blob,
  delay_reason text,
  delayed_at integer,
  result text,
  implemented_at integer,
  measured_at integer,
  targets_met text,
  missed_action text,
  reported_in text,
  reported_at integer,
  closed_at integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_improvement_num on improvement (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_improvement_external_source_external_id on improvement (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_source_id on improvement (source, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_service_id on improvement (service, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_score_id on improvement (score, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_priority_id on improvement (priority, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_due_id on improvement (due, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_updated_at_id_created_at on improvement (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_created_at_updated_at on improvement (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_customer_updated_at_id on improvement (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_phase_updated_at_id on improvement (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_state_updated_at_id on improvement (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_assignee_phase_updated_at on improvement (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_team_phase_updated_at on improvement (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_reporter_updated_at_id on improvement (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_disordered on improvement (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table improvement_points (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  criterion text,
  points integer,
  why text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_points_parent_pos on improvement_points (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table improvement_targets (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  kind text,
  metric text,
  unit text,
  before_e6 integer,
  goal_e6 integer,
  better text,
  measured_e6 integer,
  "at" integer,
  met text
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_improvement_targets_parent_pos on improvement_targets (parent, pos);
-- +goose StatementEnd
-- +goose StatementBegin
create table import_run (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  format text,
  sha256 text,
  mapping text,
  records integer,
  events integer,
  refused integer,
  unchanged integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_import_run_num on import_run (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_import_run_external_source_external_id on import_run (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_import_run_updated_at_id_created_at on import_run (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_import_run_created_at_updated_at on import_run (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_import_run_customer_updated_at_id on import_run (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_import_run_phase_updated_at_id on import_run (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_import_run_state_updated_at_id on import_run (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_import_run_assignee_phase_updated_at on import_run (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_import_run_team_phase_updated_at on import_run (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_import_run_reporter_updated_at_id on import_run (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_import_run_disordered on import_run (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table conformity_setting (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  requirement text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_conformity_setting_num on conformity_setting (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_conformity_setting_external_source_external_id on conformity_setting (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_conformity_setting_requirement on conformity_setting (requirement);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_setting_requirement_id on conformity_setting (requirement, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_setting_updated_at_id_created_at on conformity_setting (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_setting_created_at_updated_at on conformity_setting (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_setting_customer_updated_at_id on conformity_setting (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_setting_phase_updated_at_id on conformity_setting (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_setting_state_updated_at_id on conformity_setting (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_setting_assignee_phase_updated_at on conformity_setting (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_setting_team_phase_updated_at on conformity_setting (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_setting_reporter_updated_at_id on conformity_setting (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_setting_disordered on conformity_setting (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table conformity_setting_version (
  id blob primary key not null,
  record blob,
  number integer not null default 0,
  status text,
  effective_from text,
  effective_to text,
  author blob,
  reviewer blob,
  approver blob,
  change_reason text,
  drafted_at integer,
  submitted_at integer,
  decided_at integer,
  retroactive integer not null default 0,
  content_hash text,
  interval text,
  threshold integer,
  why text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_conformity_setting_version_record_number on conformity_setting_version (record, number);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_setting_version_record_effective_from on conformity_setting_version (record, effective_from);
-- +goose StatementEnd
-- +goose StatementBegin
create table conformity_run (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  day text,
  hash text,
  leaves integer,
  conforms integer,
  attested integer,
  vacuous integer,
  stale integer,
  partial integer,
  gap integer,
  no_evidence integer
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_conformity_run_num on conformity_run (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_conformity_run_external_source_external_id on conformity_run (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_conformity_run_day on conformity_run (day);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_run_day_id on conformity_run (day, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_run_updated_at_id_created_at on conformity_run (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_run_created_at_updated_at on conformity_run (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_run_customer_updated_at_id on conformity_run (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_run_phase_updated_at_id on conformity_run (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_run_state_updated_at_id on conformity_run (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_run_assignee_phase_updated_at on conformity_run (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_run_team_phase_updated_at on conformity_run (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_run_reporter_updated_at_id on conformity_run (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_conformity_run_disordered on conformity_run (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table control_catalogue (
  id blob primary key not null,
  num integer not null default 0,
  title text not null,
  state text not null,
  phase text not null,
  customer blob,
  owner blob,
  assignee blob,
  team blob,
  reporter blob,
  due_at integer,
  created_at integer not null,
  updated_at integer not null,
  created_by blob,
  revision integer not null default 0,
  n integer not null default 0,
  restricted integer not null default 0,
  disordered integer not null default 0,
  blanks text,
  custom text,
  tags text,
  external_source text,
  external_id text,
  uuid text,
  edition text,
  format text,
  modified text
);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_control_catalogue_num on control_catalogue (num);
-- +goose StatementEnd
-- +goose StatementBegin
create unique index ux_control_catalogue_external_source_external_id on control_catalogue (external_source, external_id) where external_id is not null;
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_control_catalogue_updated_at_id_created_at on control_catalogue (updated_at, id, created_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_control_catalogue_created_at_updated_at on control_catalogue (created_at, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_control_catalogue_customer_updated_at_id on control_catalogue (customer, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_control_catalogue_phase_updated_at_id on control_catalogue (phase, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_control_catalogue_state_updated_at_id on control_catalogue (state, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_control_catalogue_assignee_phase_updated_at on control_catalogue (assignee, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_control_catalogue_team_phase_updated_at on control_catalogue (team, phase, updated_at);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_control_catalogue_reporter_updated_at_id on control_catalogue (reporter, updated_at, id);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_control_catalogue_disordered on control_catalogue (updated_at) where disordered = 1;
-- +goose StatementEnd
-- +goose StatementBegin
create table control_catalogue_controls (
  id blob primary key not null,
  parent blob,
  pos integer not null default 0,
  identifier text,
  code text,
  title text,
  chapter text,
  withdrawn integer not null default 0
);
-- +goose StatementEnd
-- +goose StatementBegin
create index ix_control_catalogue_controls_parent_pos on control_catalogue_controls (parent, pos);
-- +goose StatementEnd
