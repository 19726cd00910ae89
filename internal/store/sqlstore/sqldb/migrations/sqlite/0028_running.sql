-- +goose Up
-- What runs in an environment, newest first: beside years of what ran it is little.
create index occurrence_runs on occurrence (environment_id, opened_at, id) where closed_at is null;

-- A set of loaded packages goes when no open occurrence has it and no sweep named it for a while; those that ended
-- have no use for theirs.
alter table profile add column named_at integer not null default 0;
create index occurrence_profile on occurrence (profile_id) where profile_id is not null;
alter table retention_run add column profiles integer not null default 0;
