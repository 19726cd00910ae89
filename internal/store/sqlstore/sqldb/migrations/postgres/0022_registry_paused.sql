-- +goose Up

-- Since when nothing is asked of a connected registry.
alter table registry add column paused_at bigint;
-- Since when a request waits, without a job, for the registry it was pushed to to be resumed.
alter table analysis_request add column held_at bigint;
create index analysis_request_held on analysis_request (registry_id) where held_at is not null;

-- What the tags of a repository named, newest first.
create index tag_repository on tag (organisation_id, repository, opened_at, id);
